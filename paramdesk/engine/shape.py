"""Shapes, what is not known of them, and the arithmetic of windows that many kinds share.

Inside the engine a dimension is an int or `UNKNOWN`; outside (summaries, files, the Python surface) an unknown
dimension is `None`. `public` and `internal` convert at that border.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NoReturn, TypeAlias, get_args

import msgspec

Layout: TypeAlias = Literal["channels_last", "channels_first"]
Framework: TypeAlias = Literal["keras", "pytorch"]
FRAMEWORKS: tuple[Framework, ...] = get_args(Framework)
NAMES: dict[Framework, str] = {"keras": "Keras", "pytorch": "PyTorch"}
"""What people call the frameworks."""


class Unknown:
    """A dimension that is not known.

    It absorbs arithmetic (`UNKNOWN + 1` is unknown), compares False with everything (nothing can be said of it) and
    has no truth value. Two unknown dimensions are not equal, but `UNKNOWN is UNKNOWN`.
    """

    __slots__ = ()

    def _absorb(self, _other: object) -> Unknown:
        return UNKNOWN

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _absorb
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _absorb

    def __neg__(self) -> Unknown:
        return UNKNOWN

    def _never(self, _other: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _never

    def __eq__(self, _other: object) -> bool:
        return False

    def __ne__(self, _other: object) -> bool:
        return False

    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise TypeError("an unknown dimension is neither true nor false: ask is_known()")

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()

Dim: TypeAlias = int | Unknown
Shape: TypeAlias = tuple[Dim, ...]
PublicShape: TypeAlias = tuple[int | None, ...]

AXIS_NAMES: tuple[tuple[str, ...], ...] = (
    (),
    ("length",),
    ("height", "width"),
    ("depth", "height", "width"),
)
"""Names of the spatial axes, by their number."""


def is_known(dim: Dim) -> bool:
    """Whether a dimension is a number."""
    return not isinstance(dim, Unknown)


def public(shape: Shape) -> PublicShape:
    """The shape as users see it: None where a dimension is not known, plain ints elsewhere.

    >>> public((UNKNOWN, 28, 28, 1))
    (None, 28, 28, 1)
    """
    return tuple([None if isinstance(dim, Unknown) else int(dim) for dim in shape])


def internal(shape: Iterable[int | None]) -> Shape:
    """The shape as the engine computes with it.

    >>> internal((None, 28))
    (UNKNOWN, 28)
    """
    return tuple([UNKNOWN if dim is None else dim for dim in shape])


def text(shape: Shape | PublicShape, *, batch: bool = True) -> str:
    """A shape for messages, as the frameworks write it: `(None, 28, 28, 1)`."""
    dims = ["None" if dim is None or isinstance(dim, Unknown) else str(int(dim)) for dim in shape]
    shown = dims if batch else dims[1:]
    return f"({shown[0]},)" if len(shown) == 1 else f"({', '.join(shown)})"


def sizes_text(dims: Iterable[int | None]) -> str:
    """Sizes as people read them; a tensor without any axis (but the batch, which is left out) is one value.

    >>> sizes_text((26, 26, 1024)), sizes_text((None, 64)), sizes_text(())
    ('26 × 26 × 1,024', '? × 64', 'one value')
    """
    return " × ".join("?" if dim is None else f"{dim:,}" for dim in dims) or "one value"


def missing_axis(axis: int, shape: Shape) -> str:
    """What is wrong with an axis that a tensor does not have.

    >>> missing_axis(2, (UNKNOWN,))
    'axis 2 does not exist: the input (None,) has 1 axis'
    """
    count = len(shape)
    return f"axis {axis} does not exist: the input {text(shape)} has {count} {'axis' if count == 1 else 'axes'}"


def times(dims: Iterable[Dim]) -> str:
    """Sizes joined by the multiplication sign, for messages: `3×3`; an unknown one is `?`.

    >>> times((3, 5))
    '3×5'
    """
    return "×".join("?" if isinstance(dim, Unknown) else str(int(dim)) for dim in dims)


class TensorSpec(msgspec.Struct, frozen=True, gc=False):
    """What is known of a tensor.

    Attributes:
        shape: batch first (Keras), in the layout of the architecture.
        dtype: of its elements.
        layout: where an architecture keeps channels, for kinds whose own `data_format` is None.
        framework: whose rules hold.
    """

    shape: Shape
    dtype: str = "float32"
    layout: Layout = "channels_last"
    framework: Framework = "keras"

    def reshaped(self, shape: Shape) -> TensorSpec:
        """A tensor of the same type and conventions with another shape."""
        return TensorSpec(shape, self.dtype, self.layout, self.framework)

    def floating(self) -> TensorSpec:
        """The tensor as a layer's arithmetic leaves it: integers become float32."""
        if "float" in self.dtype:
            return self
        return TensorSpec(self.shape, "float32", self.layout, self.framework)


def sides(value: object, rank: int) -> object:
    """Padding or cropping in full: 1 and (1, 2) stand for the same on both sides of each axis.

    >>> sides(1, 2), sides((1, (0, 2)), 2)
    (((1, 1), (1, 1)), ((1, 1), (0, 2)))
    """
    if type(value) is int:
        return ((value, value),) * rank
    if isinstance(value, tuple | list):
        return tuple((side, side) if type(side) is int else side for side in value)
    return value


def extent(kernel: int, dilation: int) -> int:
    """Positions that a dilated window spans: d(k − 1) + 1."""
    return kernel if dilation == 1 else dilation * (kernel - 1) + 1


def valid_size(n: Dim, kernel: int, stride: int, dilation: int = 1) -> Dim:
    """Places of a window without padding: ⌊(n − d(k − 1) − 1) / s⌋ + 1 (below 1 where it does not fit).

    >>> valid_size(13, 3, 1), valid_size(11, 2, 2)
    (11, 5)
    """
    return (n - extent(kernel, dilation)) // stride + 1


def same_size(n: Dim, stride: int) -> Dim:
    """Places of a window with "same" padding: ⌈n / s⌉ = ⌊(n − 1) / s⌋ + 1.

    >>> same_size(27, 2)
    14
    """
    return n if stride == 1 else (n - 1) // stride + 1


def transposed_same_size(n: Dim, span: int, stride: int, output_padding: int | None) -> Dim:
    """Size behind a transposed window with "same" padding: n · s, or what a stated output padding makes of it.

    >>> transposed_same_size(7, 3, 2, None), transposed_same_size(7, 3, 2, 0)
    (14, 13)
    """
    if output_padding is None:
        return n * stride
    return (n - 1) * stride + span % 2 + output_padding


def transposed_valid_size(n: Dim, span: int, stride: int, output_padding: int | None) -> Dim:
    """Size behind a transposed window without padding: n · s + max(K − s, 0), or by a stated output padding.

    >>> transposed_valid_size(7, 3, 2, None), transposed_valid_size(7, 2, 3, None)
    (15, 21)
    >>> transposed_valid_size(7, 2, 3, 0)
    20
    """
    if output_padding is not None:
        return (n - 1) * stride + span + output_padding
    return n * stride + (span - stride) if span > stride else n * stride


def padded_before(n: Dim, span: int, stride: int) -> Dim:
    """Zeros that "same" padding puts before the first of n values; the odd one goes to the end.

    >>> padded_before(28, 3, 1), padded_before(28, 3, 2)
    (1, 0)
    """
    if stride == 1:
        return (span - 1) // 2
    missing = (same_size(n, stride) - 1) * stride + span - n
    return 0 if missing < 0 else missing // 2
