"""Networks with blocks."""

from paramdesk.engine.architecture import Architecture, Block, Layer, Source
from tests.helpers.networks import kind


def repeated(times=3, name="stage"):
    """Return a network with a block that is computed several times, and a layer before and behind it.

    Ids: input 0, stem 1, block 2, in it conv 3 and norm 4; head 5.
    """
    convolution = kind("Conv2D", filters=4, kernel_size=3, padding="same")
    inside = (Layer(3, "conv", convolution, (Source(2),)), Layer(4, "norm", kind("BatchNormalization"), (Source(3),)))
    layers = (
        Layer(0, "input", kind("Input", shape=(8, 8, 1))),
        Layer(1, "stem", convolution, (Source(0),)),
        Block(2, name, (Source(1),), (Source(4),), inside, times),
        Layer(5, "head", kind("Flatten"), (Source(2),)),
    )
    return Architecture("repeated", layers, (Source(5),), next_id=6)


def nested():
    """Return a network of blocks in blocks: repeated, with two entrances and two exits, and one that passes on.

    Ids: input 0, stem 1, outer 2 (entrance; in it conv 3, inner 4 with norm 5 and relu 6, add 7), fork 8 (two entrances
    and two exits; in it a 9, b 10), join 11, hull 12 (empty), head 13.
    """
    convolution = kind("Conv2D", filters=4, kernel_size=3, padding="same")
    inner = Block(
        4,
        "inner",
        (Source(3),),
        (Source(6),),
        (Layer(5, "norm", kind("BatchNormalization"), (Source(4),)), Layer(6, "relu", kind("ReLU"), (Source(5),))),
        2,
    )
    outer = Block(
        2,
        "outer",
        (Source(1),),
        (Source(7),),
        (Layer(3, "conv", convolution, (Source(2),)), inner, Layer(7, "add", kind("Add"), (Source(4), Source(2)))),
        3,
    )
    fork = Block(
        8,
        "fork",
        (Source(2), Source(1)),
        (Source(9), Source(10)),
        (Layer(9, "a", convolution, (Source(8),)), Layer(10, "b", convolution, (Source(8, 1),))),
    )
    layers = (
        Layer(0, "input", kind("Input", shape=(8, 8, 1))),
        Layer(1, "stem", convolution, (Source(0),)),
        outer,
        fork,
        Layer(11, "join", kind("Concatenate"), (Source(8), Source(8, 1))),
        Block(12, "hull", (Source(11),), (Source(12),), ()),
        Layer(13, "head", kind("Flatten"), (Source(12),)),
    )
    return Architecture("nested", layers, (Source(13),), next_id=14)
