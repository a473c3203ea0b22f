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
