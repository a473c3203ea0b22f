"""Fully connected layers by Einstein's summation: an equation says which axes of input and kernel are multiplied.

In "abc,cd->abd" the input has the axes a (the batch), b and c, the kernel c and d; c is summed over, so every position
along b takes c × d multiply-accumulates: the product over all letters but the batch. The kernel has the sizes of its
letters: the output's where the letter stands there too, else the input's. The output's sizes after the batch are told,
None where they follow from the input (Keras does not fill them in). A bias has the output's axes from the first of
`bias_axes` on, of size 1 where they are not named. "..." stands for any axes, before the letters or behind them.

Keras works out the shape from the equation without computing anything, so what does not fit shows when it is run; and
if "..." stands for three axes or more, it shows those after the batch in reverse. Source: `keras.layers.EinsumDense`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, NamedTuple

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import named, product
from paramdesk.engine.kinds.activation import ActivationName, activation_warnings
from paramdesk.engine.layer_kind import KERNEL_AND_BIAS
from paramdesk.engine.option import AFew, Natural, Option
from paramdesk.engine.shape import UNKNOWN, Dim, Shape, TensorSpec, internal, is_known, public, text
from paramdesk.engine.single_input import SingleInputKind
from paramdesk.engine.weight import Weight

_FORMS = (
    ("", re.compile(r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)")),
    ("left", re.compile(r"\.\.\.([a-zA-Z]+),([a-zA-Z]+)->\.\.\.([a-zA-Z]+)")),
    ("right", re.compile(r"([a-zA-Z]{2,})\.\.\.,([a-zA-Z]+)->([a-zA-Z]+)\.\.\.")),
)
"""The equations that Keras takes, by where "..." stands; it looks at their beginning only."""


class Equation(NamedTuple):
    """An equation on an input.

    Attributes:
        x: letters of the input.
        kernel: letters of the kernel.
        y: letters of the output.
        sizes: of the input's axes, by their letters.
        made: of the output's axes, by their letters.
        output: the whole output.
        elided: sizes of the axes for which "..." stands, or that have no letter.
        left: whether these stand before the letters.
        ends: whether nothing follows that Keras does not read.
    """

    x: str
    kernel: str
    y: str
    sizes: Mapping[str, Dim]
    made: Mapping[str, Dim]
    output: Shape
    elided: Shape
    left: bool
    ends: bool

    def size(self, letter: str) -> Dim:
        """Size along a letter of the kernel, which is the output's if it stands there too."""
        return named(f"along {letter}", self.made[letter] if letter in self.made else self.sizes[letter])


class EinsumDense(SingleInputKind, frozen=True, kw_only=True):
    """Multiplies along the axes that an equation says: a dense layer that may keep or make several axes.

    Attributes:
        equation: letters of the input, the kernel and the output: "abc,cd->abd".
        output_shape: sizes of the output after the batch and what "..." stands for; None for one that is not fixed.
        bias_axes: letters of the output that have biases; None: there are none.
        activation: applied to every output value.
        lora_rank: freezes the kernel and trains two small ones of this rank beside it.
    """

    elsewhere = "`torch.einsum` with a `Parameter`"
    category = "dense"
    spellings = {"keras": ("EinsumDense",)}
    search = ("einsum", "tensor product", "fully connected", "projection")
    inert = KERNEL_AND_BIAS | {"lora_alpha", "gptq_unpacked_column_size", "quantization_config"}
    source = "https://keras.io/api/layers/core_layers/einsum_dense/"

    equation: Annotated[str, Option("Equation", digest="{}", preset="...x,xy->...y")]
    output_shape: Annotated[
        Annotated[tuple[Natural | None, ...], AFew], Option("Output shape", words="output size", preset=(64,))
    ]
    bias_axes: Annotated[str | None, Option("Bias axes", digest="bias {}", preset="y")] = None
    activation: Annotated[ActivationName, Option("Activation", digest="{}", section="After the product")] = "linear"
    lora_rank: Annotated[Natural | None, Option("LoRA rank", digest="LoRA {}", advanced=True)] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        return x.reshaped(self._read(x).output)

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        equation = self._read(x)
        dims = tuple(map(equation.size, equation.kernel))
        found = [Weight("kernel", dims, not self.lora_rank)]
        if self.bias_axes is not None:
            found.append(Weight("bias", self._bias(equation)))
        if self.lora_rank:
            found.append(Weight("lora_kernel_a", (*dims[:-1], self.lora_rank)))
            found.append(Weight("lora_kernel_b", (self.lora_rank, dims[-1])))
        return tuple(found)

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        equation = self._read(x)
        letters = dict.fromkeys(equation.x + equation.kernel)
        batch = None if equation.left and equation.elided else equation.x[0]
        sizes = [
            named(f"along {letter}", equation.sizes[letter]) if letter in equation.sizes else equation.size(letter)
            for letter in letters
            if letter != batch
        ]
        return product((*(equation.elided[1:] if batch is None else equation.elided), *sizes))

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        equation = self._read(x)
        if equation.elided and "..." not in self.equation:
            yield f"{self.equation} has too few letters for {text(x.shape)}: it fails when run"
        elif len(set(equation.y)) < len(equation.y):
            yield f"{self.equation} names an axis of the output twice: it fails when run"
        elif not equation.ends:
            yield f"{self.equation} is no equation to its end: it fails when run"
        elif len(y.shape) != len(equation.y) + len(equation.elided):
            yield f"Keras shows {text(y.shape)}, but {self.equation} gives other axes when run"
        elif equation.left and public(equation.elided[1:]) != public(equation.elided[:0:-1]):
            yield f"Keras shows {text(y.shape)} with the axes behind the batch reversed: when run they are not"
        yield from activation_warnings(self.activation, y)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        shape = options.get("output_shape")
        if isinstance(shape, int):
            options["output_shape"] = (shape,)
        return options

    def _read(self, x: TensorSpec) -> Equation:
        """The equation on this input.

        Raises:
            Refusal: it is none, or does not fit the input.
        """
        for side, form in _FORMS:
            if match := form.match(self.equation):
                return self._fitted(x, side, match)
        reason = "expected letters as in ab,bc->ac, with ... before or behind them"
        raise Refusal(f"equation {self.equation!r}: {reason}", "equation")

    def _fitted(self, x: TensorSpec, side: str, match: re.Match[str]) -> Equation:
        letters, kernel, made = match.groups()
        shape, count = x.shape, len(x.shape) - len(letters)
        if count < 0 or not shape:
            raise Refusal(
                f"{letters} has {len(letters)} axes, but the input {text(shape)} has {len(shape)}", "equation"
            )
        elided = shape[:count] if side == "left" else shape[len(letters) :]
        told = internal(self.output_shape)
        output = (shape[0], *elided[:0:-1], *told) if side == "left" else (shape[0], *told, *elided)
        start = count if side == "left" else 0
        if len(output) < start + len(made):
            reason = (
                f"output shape {text(self.output_shape)}: {made} needs {start + len(made) - 1} sizes after the batch"
            )
            raise Refusal(reason, "output_shape")
        behind = shape[count:] if side == "left" else shape
        equation = Equation(
            letters, kernel, made, dict(zip(letters, behind, strict=False)),
            dict(zip(made, output[start:], strict=False)), output, elided, side == "left",
            self.equation[match.end() :] in ("", "..."),
        )  # fmt: skip
        self._refuse_misfits(equation)
        return equation

    def _refuse_misfits(self, equation: Equation) -> None:
        for letter, size in equation.sizes.items():
            told = equation.made.get(letter, UNKNOWN)
            if is_known(told) and not (is_known(size) and told == size):
                found = size if is_known(size) else "not known"
                raise Refusal(
                    f"along {letter} the output shape says {told}, but the input's size is {found}", "output_shape"
                )
        for letter in equation.y:
            if letter not in equation.x and letter not in equation.kernel:
                raise Refusal(f"{letter} of the output stands neither in the input nor in the kernel", "equation")
        for letter in equation.kernel:
            if letter not in equation.made and letter not in equation.sizes:
                raise Refusal(f"{letter} of the kernel stands neither in the input nor in the output", "equation")
        for letter in self.bias_axes or ():
            if letter not in equation.y:
                raise Refusal(f"bias axis {letter} is none of the output's, {equation.y}", "bias_axes")
        if self.bias_axes == "":
            raise Refusal(
                "bias_axes: expected letters of the output, or none at all", "bias_axes", ({"bias_axes": None},)
            )

    def _bias(self, equation: Equation) -> Shape:
        """Sizes of the bias: the output's from the first letter that has biases on, 1 where a letter has none."""
        letters = self.bias_axes or ""
        first = min(map(equation.y.find, letters))
        dims: Shape = tuple(equation.size(letter) if letter in letters else 1 for letter in equation.y[first:])
        return dims if equation.left else (*dims, *(1,) * len(equation.elided))
