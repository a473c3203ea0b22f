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


def percent(part: int, whole: int, *, is_complete: bool = True) -> str:
    """A part in percent; what is not all of it never reads "100%", and what is something never "0%".

    >>> percent(93322, 93322), percent(768, 164688), percent(1, 10**6), percent(10**6 - 1, 10**6)
    ('100%', '0.5%', '< 0.1%', '> 99.9%')
    >>> percent(768, 164688, is_complete=False), percent(1, 10**6, is_complete=False), percent(5, 5, is_complete=False)
    ('≤ 0.5%', '< 0.1%', '≤ 100%')

    Args:
        part: of the whole.
        whole: all there is.
        is_complete: whether it is; else the whole is larger by what is not known, and the part at most what is said.
    """
    if not whole:
        return "0%"
    most = "" if is_complete or not part else "≤ "
    if not 0 < part < whole:
        return f"{most}100%" if part else "0%"
    share = 100 * part / whole
    if share < 0.05:
        return "< 0.1%"
    if share >= 99.95:
        return "> 99.9%" if is_complete else "≤ 100%"
    return f"{most}{share:.1f}".removesuffix(".0") + "%"


def parts(values: tuple[object, ...]) -> list[str]:
    """The items of a tuple as people write them; of a pair within it, both sides where they differ.

    >>> parts((2, 2)), parts(((1, 1), (0, 2)))
    (['2', '2'], ['1', '0+2'])
    """
    return [
        shown(value[0]) if isinstance(value, tuple) and len(set(value)) == 1 else shown(value, "+") for value in values
    ]
