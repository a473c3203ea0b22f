"""Small networks that many tests need."""

from __future__ import annotations

from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.layer_kind import LayerKind, kinds
from paramdesk.engine.naming import default_name, unique_name


def kind(name: str, **options: object) -> LayerKind:
    """A kind by its name, with options as a user writes them (3 for (3, 3))."""
    return kinds()[name].from_options(options)


def chain(*layers: LayerKind, name: str = "chain") -> Architecture:
    """A network in which every layer reads the one above, with Keras' default names."""
    taken: set[str] = set()
    made = []
    for index, layer in enumerate(layers):
        called = unique_name(default_name(layer), taken)
        taken.add(called)
        made.append(Layer(index, called, layer, (Source(index - 1),) if index else ()))
    return Architecture(name, tuple(made), (Source(len(made) - 1),), next_id=len(made))


def article_convnet() -> Architecture:
    """The convnet of the article, with its dense part: 93,322 parameters."""
    return chain(
        kind("Input", shape=(28, 28, 1)),
        kind("Conv2D", filters=32, kernel_size=3, activation="relu"),
        kind("MaxPooling2D", pool_size=2),
        kind("Conv2D", filters=64, kernel_size=3, activation="relu"),
        kind("MaxPooling2D", pool_size=2),
        kind("Conv2D", filters=64, kernel_size=3, activation="relu"),
        kind("Flatten"),
        kind("Dense", units=64, activation="relu"),
        kind("Dense", units=10, activation="softmax"),
        name="convnet",
    )


def residual(blocks: int) -> Architecture:
    """A residual network: every second block has a projection on its shortcut, as ResNet's first of a stage."""
    layers = [Layer(0, "input", kind("Input", shape=(32, 32, 8)))]

    def add(name: str, made: LayerKind, *inputs: int) -> int:
        layers.append(Layer(len(layers), name, made, tuple(Source(source) for source in inputs)))
        return len(layers) - 1

    convolution = kind("Conv2D", filters=8, kernel_size=3, padding="same")
    end = 0
    for block in range(blocks):
        start = end
        shortcut = add(f"block{block}_proj", convolution, start) if block % 2 else start
        first = add(f"block{block}_conv1", convolution, start)
        second = add(f"block{block}_conv2", convolution, first)
        end = add(f"block{block}_add", kind("Add"), shortcut, second)
    return Architecture("residual", tuple(layers), (Source(end),), next_id=len(layers))
