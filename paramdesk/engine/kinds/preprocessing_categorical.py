"""Categories made ready: numbers, or hashes of them, counted or set apart as vectors. Only Keras has these as layers.

There are four ways to hand out a category, one of N. As a number ("int") the shape stays. "one_hot" makes a vector of
N zeros and a one of each number: (…, 4) → (…, 4, N), but (…, 1) → (…, N). "multi_hot" and "count" make one vector for
all numbers of a sample: (batch, 4) → (batch, N). No weights, no MACs.

Keras works out the shape class by class, and not always as it is when run, for example with "multi_hot" on more than
two axes: it drops the last axis from what it shows, and axis 1 when it runs. What it shows is what counts here, as in
its summary; where the run gives another shape, a warning says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.core import DataType
from paramdesk.engine.layer_kind import COMMON, LayerKind, Tensors
from paramdesk.engine.option import Integer, Natural, Option, Positive
from paramdesk.engine.shape import Dim, Shape, TensorSpec, text
from paramdesk.engine.single_input import SingleInputKind

OutputMode: TypeAlias = Literal["int", "one_hot", "multi_hot", "count"]
Salt: TypeAlias = Integer | Annotated[tuple[Integer, ...], msgspec.Meta(min_length=2, max_length=2)]

MODE = Option("Output", digest="{}")
SALT = Option("Salt", advanced=True)
SPARSE = Option("Sparse", advanced=True)
PAGES = "https://keras.io/api/layers/preprocessing_layers/categorical/"


def one_hot(shape: Shape, depth: Dim) -> Shape:
    """A vector for each number; a last axis of 1 gives way to it.

    >>> one_hot((2, 4), 6), one_hot((2, 1), 6), one_hot((1,), 6)
    ((2, 4, 6), (2, 6), (1, 6))
    """
    # The size is compared as it is: of an unknown one Keras says that it is not 1.
    return (*shape[:-1], depth) if len(shape) > 1 and shape[-1] == 1 else (*shape, depth)


def encoded(shape: Shape, depth: Dim, mode: str) -> Shape:
    """What the vectors have for a shape when they are made.

    >>> encoded((2, 4), 6, "count"), encoded((2, 4, 5), 6, "multi_hot"), encoded((), 6, "one_hot")
    ((2, 6), (2, 5, 6), (1, 6))
    """
    if mode == "int":
        return shape
    if mode == "one_hot":
        return one_hot(shape or (1,), depth)
    return (shape[0], *shape[2:], depth) if len(shape) > 1 else (depth,)


def warned_of_shape(shown: TensorSpec, shape: Shape) -> Iterable[str]:
    """Says that Keras shows another shape than it makes."""
    if text(shown.shape) != text(shape):
        yield f"Keras shows {text(shown.shape)}, but gives {text(shape)} when run"


class CategoricalKind(SingleInputKind, frozen=True, kw_only=True):
    """What hands out categories, as numbers or as vectors."""

    elsewhere = "nothing: what is no number is made one in the data"
    category = "io"
    keeps_type = True

    @property
    def mode(self) -> str:
        """How they are handed out."""
        raise NotImplementedError

    @property
    def depth(self) -> Dim:
        """The size of a vector."""
        raise NotImplementedError

    def shown(self, shape: Shape, depth: Dim) -> Shape:
        """The shape of the vectors as Keras shows it."""
        return one_hot(shape, depth) if self.mode == "one_hot" else (*shape[:-1], depth)

    def output(self, x: TensorSpec) -> TensorSpec:
        if self.mode == "int":
            return typed(x, x.shape, "int64")
        return typed(x, self.shown(x.shape, self.depth), "float32")

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        return warned_of_shape(y, encoded(x.shape, self.depth, self.mode))


def typed(x: TensorSpec, shape: Shape, dtype: str) -> TensorSpec:
    """A tensor of the same conventions with another shape and type."""
    return msgspec.structs.replace(x, shape=shape, dtype=dtype)


class CategoryEncoding(CategoricalKind, frozen=True, kw_only=True):
    """Turns numbers of categories into vectors of zeros and ones, or of counts."""

    spellings = {"keras": ("CategoryEncoding",)}
    search = ("one-hot", "multi-hot", "bag of words", "categories")
    inert = frozenset({"sparse"})
    call_arguments = CategoricalKind.call_arguments | {"count_weights"}
    source = f"{PAGES}category_encoding/"

    num_tokens: Annotated[Positive, Option("Categories", words="categories", digest="{} categories", preset=10)]
    output_mode: Annotated[Literal["multi_hot", "one_hot", "count"], MODE] = "multi_hot"

    @property
    def mode(self) -> str:
        return self.output_mode

    @property
    def depth(self) -> Dim:
        return self.num_tokens

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return renamed_mode(dict(config))


class Discretization(CategoricalKind, frozen=True, kw_only=True):
    """Sorts numbers into bins between boundaries; boundaries that are not given are found in data."""

    spellings = {"keras": ("Discretization",)}
    search = ("bins", "buckets", "quantiles", "categories")
    takes_anything = frozenset({"epsilon"})
    kept_whole = frozenset({"num_bins"})
    common = frozenset({"dtype"})
    source = "https://keras.io/api/layers/preprocessing_layers/numerical/discretization/"

    bin_boundaries: Annotated[tuple[float, ...] | None, Option("Boundaries", digest="between {}", joint=", ")] = None
    num_bins: Annotated[Natural | None, Option("Bins", words="bins", digest="{} bins", preset=10)] = None
    output_mode: Annotated[OutputMode, MODE] = "int"
    sparse: Annotated[bool, SPARSE] = False
    epsilon: Annotated[float, Option("Error of the boundaries", advanced=True)] = 0.01

    @property
    def mode(self) -> str:
        return self.output_mode

    @property
    def depth(self) -> Dim:
        if self.bin_boundaries is not None:
            return len(self.bin_boundaries) + 1
        return self.num_bins or 0

    def shown(self, shape: Shape, depth: Dim) -> Shape:
        return encoded(shape, depth, self.mode) if shape else (depth,)

    def output(self, x: TensorSpec) -> TensorSpec:
        refuse_sparse_numbers(self, sparse=self.sparse)
        if (self.bin_boundaries is None) == (self.num_bins is None):
            asked = "either boundaries or a number of bins must be given"
            raise Refusal(asked, "num_bins", ({"num_bins": None}, {"num_bins": 10}))
        y = super().output(x)
        return y if self.mode != "int" else typed(x, y.shape, "int32")

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = dict(config)
        # A layer that has found its boundaries is saved with both. A file tells itself by stating all there is.
        if options.get("bin_boundaries") is not None and cls.options().keys() <= options.keys():
            options["num_bins"] = None
        return options


class Hashing(CategoricalKind, frozen=True, kw_only=True):
    """Sorts words or numbers into bins by a hash: no vocabulary is needed, but some share a bin."""

    spellings = {"keras": ("Hashing",)}
    search = ("hash", "bins", "categories", "hashing trick")
    inert = frozenset({"mask_value"})
    common = COMMON - {"dtype"}
    source = f"{PAGES}hashing/"

    num_bins: Annotated[Positive, Option("Bins", words="bins", digest="{} bins", preset=1000)]
    output_mode: Annotated[OutputMode, MODE] = "int"
    salt: Annotated[Salt | None, SALT] = None
    sparse: Annotated[bool, SPARSE] = False
    dtype: Annotated[DataType | None, Option("Type", advanced=True)] = None

    @property
    def mode(self) -> str:
        return self.output_mode

    @property
    def depth(self) -> Dim:
        return self.num_bins

    def shown(self, shape: Shape, depth: Dim) -> Shape:
        return (*shape[:-1], depth)  # here for one_hot too

    def output(self, x: TensorSpec) -> TensorSpec:
        refuse_sparse_numbers(self, sparse=self.sparse)
        if self.mode == "int" and self.dtype not in (None, "int32", "int64"):
            raise Refusal(f"numbers of bins are int32 or int64, not {self.dtype}", "dtype", ({"dtype": None},))
        y = super().output(x)
        return typed(y, y.shape, self.dtype or y.dtype)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = dict(config)
        policy = options.get("dtype")
        if isinstance(policy, Mapping) and isinstance(named := policy.get("config"), Mapping):
            options["dtype"] = named.get("name")
        return options


class HashedCrossing(LayerKind, frozen=True, kw_only=True):
    """Sorts pairs of categories into bins by a hash, so that a linear layer can learn what they mean together."""

    elsewhere = "nothing: what is no number is made one in the data"
    category = "io"
    spellings = {"keras": ("HashedCrossing",)}
    search = ("hash", "cross", "feature cross", "interaction")
    takes_list = True
    takes_anything = frozenset({"num_bins"})
    inert = frozenset({"sparse"})
    source = f"{PAGES}hashed_crossing/"

    num_bins: Annotated[Integer, Option("Bins", words="bins", digest="{} bins", preset=1000)]
    output_mode: Annotated[Literal["int", "one_hot"], MODE] = "int"

    def outputs(self, inputs: Tensors) -> Tensors:
        if len(inputs) != 2:
            raise Refusal(f"HashedCrossing crosses two inputs, got {len(inputs)}")
        first, second = (x.shape for x in inputs)
        if not first or not second:
            raise Refusal(f"HashedCrossing needs at least 1 axis, but the inputs are {text(first)} and {text(second)}")
        if text(first[-1:]) != text(second[-1:]):
            raise Refusal(f"the last axes of {text(first)} and {text(second)} differ")
        if self.output_mode == "int":
            return (typed(inputs[0], first, "int64"),)
        if self.num_bins < 0:
            raise Refusal(f"num_bins = −{-self.num_bins}: no vector has so many values", "num_bins", ({"num_bins": 1},))
        shape = (*first[:-1], self.num_bins) if first[-1] == 1 else (*first, self.num_bins)
        return (typed(inputs[0], shape, "float32"),)

    def warnings_on(self, inputs: Tensors, outputs: Tensors) -> Iterable[str]:
        first, second = (x.shape for x in inputs)
        if len(first) > 2 or (len(first) == 2 and first[-1] != 1) or text(first) != text(second):
            yield (
                f"both inputs must be of one shape, (batch) or (batch, 1), and are {text(first)} and {text(second)}: "
                "it fails when run"
            )
        if self.num_bins < 0:
            yield f"no category fits into −{-self.num_bins} bins: it fails when run"

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = {
            name: value for name, value in config.items() if name in cls.__struct_fields__
        }  # the rest it ignores
        bins = options.get("num_bins", 0)
        if options.get("output_mode") == "one_hot" and not isinstance(bins, int):
            raise InvalidOptions(f"num_bins = {shortened(bins)}: expected a whole number", "num_bins")
        return options


def refuse_sparse_numbers(kind: CategoricalKind, *, sparse: bool) -> None:
    """Refuses a sparse output of plain numbers.

    Raises:
        Refusal: both are asked for.
    """
    if sparse and kind.mode == "int":
        raise Refusal("only vectors can be sparse, not an output of numbers", "sparse", ({"sparse": False},))


def renamed_mode(options: dict[str, object]) -> dict[str, object]:
    """The options with the output mode in its present name."""
    mode = options.get("output_mode")
    if isinstance(mode, str):
        options["output_mode"] = {"binary": "multi_hot", "tf-idf": "tf_idf"}.get(mode, mode)
    return options
