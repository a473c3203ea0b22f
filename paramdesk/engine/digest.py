"""Values of options in a few characters: how a row of the stack sums up a layer."""

from __future__ import annotations

_ACRONYMS = {"relu": "ReLU", "relu6": "ReLU6", "silu": "SiLU"} | {
    name: name.upper() for name in ("elu", "selu", "celu", "gelu", "glu")
}


def shown(value: object, joint: str = "×") -> str:
    """A value as people write it.

    >>> shown((3, 5)), shown("leaky_relu"), shown(10_000), shown(-1), shown(((1, 1), (0, 2)))
    ('3×5', 'leaky ReLU', '10,000', '−1', '1×0+2')
    """
    if isinstance(value, tuple):
        return joint.join(parts(value))
    if isinstance(value, str):
        return " ".join(_ACRONYMS.get(word, word) for word in value.split("_"))
    if isinstance(value, int | float):
        return (f"{value:,}" if isinstance(value, int) else f"{value:g}").replace("-", "−")
    return str(value)


def parts(values: tuple[object, ...]) -> list[str]:
    """The items of a tuple as people write them; of a pair within it, both sides where they differ.

    >>> parts((2, 2)), parts(((1, 1), (0, 2)))
    (['2', '2'], ['1', '0+2'])
    """
    return [
        shown(value[0]) if isinstance(value, tuple) and len(set(value)) == 1 else shown(value, "+") for value in values
    ]
