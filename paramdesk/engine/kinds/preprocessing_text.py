"""Words and tokens made ready: looked up in a vocabulary. Only Keras has these as layers. No weights, no MACs.

A vocabulary of n tokens takes n + k places, k of them for what is not in it (`num_oov_indices`); handed out as numbers,
one more is the mask's, if there is a mask. That sum is the size of a vector in every output mode but "int", unless
`pad_to_max_tokens` makes it `max_tokens`. As long as no vocabulary is known it stays open.

Of a vocabulary only its size matters for shapes, so a layer holds the number of its tokens; the tokens themselves are
kept beside and written back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal, NamedTuple, TypeAlias

import msgspec

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.preprocessing_categorical import (
    MODE,
    PAGES,
    SALT,
    SPARSE,
    CategoricalKind,
    Salt,
    refuse_sparse_numbers,
    renamed_mode,
    typed,
)
from paramdesk.engine.layer_kind import COMMON
from paramdesk.engine.option import LARGEST, AFew, Integer, Natural, Option, choices, fits
from paramdesk.engine.shape import UNKNOWN, Dim, Shape, TensorSpec, is_known, text

Tokens: TypeAlias = Annotated[int, msgspec.Meta(ge=2, le=LARGEST)]
OutputMode: TypeAlias = Literal["int", "one_hot", "multi_hot", "count", "tf_idf"]
HashMethod: TypeAlias = Literal["floormod", "farmhash"]
NGrams: TypeAlias = Integer | Annotated[tuple[Integer, ...], AFew]

OUT = "[UNK]"
"""Stands for words that are not in the vocabulary."""
VOCABULARY = Option("Vocabulary", words="tokens", digest="{} tokens")
"""How many tokens, those for masks and for what is not in it left out."""
MOST = Option("Most tokens", words="most tokens", digest="at most {}", advanced=True)


class VocabularyKind(CategoricalKind, frozen=True, kw_only=True):
    """What looks tokens up in a vocabulary.

    Attributes:
        vocabulary: how many tokens it has; None: it is gathered from data.
        max_tokens: how many places it may take, the special ones included.
        output_mode: how a token is handed out.
        pad_to_max_tokens: whether vectors have `max_tokens` values, however few tokens there are.
        sparse: whether vectors are.
    """

    common = frozenset({"dtype", "trainable"})
    kept_whole = frozenset({"vocabulary", "idf_weights"})

    vocabulary: Annotated[Natural | None, VOCABULARY] = None
    max_tokens: Annotated[Tokens | None, MOST] = None
    output_mode: Annotated[OutputMode, MODE] = "int"
    pad_to_max_tokens: Annotated[bool, Option("Pad to most tokens", advanced=True)] = False
    sparse: Annotated[bool, SPARSE] = False

    @property
    def mode(self) -> str:
        return self.output_mode

    @property
    def special(self) -> int:
        """Places of what is no token of the vocabulary."""
        raise NotImplementedError

    @property
    def depth(self) -> Dim:
        if self.pad_to_max_tokens and self.max_tokens is not None:
            return self.max_tokens
        return UNKNOWN if self.vocabulary is None else self.vocabulary + self.special

    def output(self, x: TensorSpec) -> TensorSpec:
        refuse_sparse_numbers(self, sparse=self.sparse)
        if self.pad_to_max_tokens and self.max_tokens is None:
            reason = "to pad to the most tokens, their number must be given"
            raise Refusal(reason, "max_tokens", ({"pad_to_max_tokens": False},))
        if self.vocabulary and self.max_tokens and self.vocabulary + self.special > self.max_tokens:
            raise Refusal(
                f"{self.vocabulary} tokens and {self.special} special places exceed the most of {self.max_tokens}",
                "max_tokens",
                ({"max_tokens": self.vocabulary + self.special}, {"max_tokens": None}),
            )
        return super().output(x)

    @classmethod
    def specials(cls, options: Mapping[str, object]) -> Specials | None:
        """The tokens that are none of the vocabulary, as the options say; None if these are not understood."""
        raise NotImplementedError

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = renamed_mode(dict(config))
        tokens, weights, size = (options.pop(name, None) for name in ("vocabulary", "idf_weights", "vocabulary_size"))
        has_vocabulary = options.pop("has_input_vocabulary", False) or tokens is not None
        mode = options.get("output_mode", "int")
        if mode == "tf_idf" and has_vocabulary and weights is None:
            raise InvalidOptions("tf_idf needs idf_weights with a vocabulary, one for each token", "output_mode")
        if mode != "tf_idf" and weights is not None:
            raise InvalidOptions(f"idf_weights: only tf_idf has them, not the output {shortened(mode)}", "output_mode")
        if weights is not None:
            _refuse_misfit(weights, len(tokens) if isinstance(tokens, list | tuple) else None)
        specials = cls.specials(options)
        if specials is None:
            return options
        if tokens is not None:
            options["vocabulary"] = own = _counted(tokens, specials)
            if mode != "int" and not options.get("pad_to_max_tokens") and size not in (None, own + specials.places):
                reason = f"with {own} tokens it would be {own + specials.places}"
                raise InvalidOptions(f"vocabulary_size = {shortened(size)}: {reason}", "vocabulary")
        elif isinstance(size, int):
            options["vocabulary"] = size - specials.places
        return options

    def keras_config(self) -> dict[str, object]:
        config = super().keras_config()
        del config["vocabulary"]
        return config | {"vocabulary_size": None if self.vocabulary is None else self.vocabulary + self.special}


class Specials(NamedTuple):
    """Tokens that have places of their own, before those of the vocabulary.

    Attributes:
        has_mask: whether the first place is that of the mask.
        outs: how many places there are for what is not in the vocabulary.
        mask: the token that stands for nothing.
        out: the token that stands for what is not in the vocabulary.
        inverts: whether numbers are turned into tokens.
        type: of the tokens.
    """

    has_mask: bool
    outs: int
    mask: object
    out: object
    inverts: bool = False
    type: type = str

    @property
    def places(self) -> int:
        """How many places they take."""
        return self.has_mask + self.outs

    def lead(self, tokens: list[object]) -> bool:
        """Whether a list of tokens names them too, at its beginning."""
        if len(tokens) < self.places:
            return False
        return tokens[: self.places] == [self.mask] * self.has_mask + [self.out] * self.outs


class LookupKind(VocabularyKind, frozen=True, kw_only=True):
    """What replaces tokens by their places in a vocabulary, or the other way.

    Attributes:
        num_oov_indices: places for what is not in the vocabulary.
        invert: whether numbers are turned into tokens.
        oov_method: how what is not in the vocabulary is spread over its places.
        salt: of the hash that spreads it.
    """

    token: ClassVar[type] = str
    """What a token is."""
    out: ClassVar[object] = OUT
    """What stands for a token that is not in the vocabulary."""
    takes_anything = frozenset({"oov_token"})

    num_oov_indices: Annotated[Natural, Option("Places for others", words="places for others", advanced=True)] = 1
    invert: Annotated[bool, Option("Invert", digest="inverse", advanced=True)] = False
    oov_method: Annotated[HashMethod, Option("Spread by", advanced=True)] = "floormod"
    salt: Annotated[Salt | None, SALT] = None

    @property
    def masks(self) -> bool:
        """Whether there is a token that stands for nothing."""
        raise NotImplementedError

    @property
    def special(self) -> int:
        return self.num_oov_indices + 1 if self.masks and self.mode == "int" else self.num_oov_indices

    def output(self, x: TensorSpec) -> TensorSpec:
        if self.invert and self.mode != "int":
            raise Refusal("only an output of numbers can be inverted", "invert", ({"invert": False},))
        return super().output(x)

    @classmethod
    def specials(cls, options: Mapping[str, object]) -> Specials | None:
        places = options.get("num_oov_indices", 1)
        if not isinstance(places, int) or not 0 <= places <= LARGEST:
            return None
        mask, out = options.get("mask_token"), options.get("oov_token", cls.out)
        inverts = bool(options.get("invert"))
        if inverts and type(out) is not cls.token:
            raise InvalidOptions(
                f"oov_token = {shortened(out)}: it is what comes out for numbers of no token", "oov_token"
            )
        leads = mask is not None and options.get("output_mode", "int") == "int"
        return Specials(leads, places, mask, out, inverts, cls.token)


class IntegerLookup(LookupKind, frozen=True, kw_only=True):
    """Replaces whole numbers by their places in a vocabulary, or makes vectors of these."""

    spellings = {"keras": ("IntegerLookup",)}
    search = ("vocabulary", "index", "categories", "look-up")
    token = int
    out = -1
    source = f"{PAGES}integer_lookup/"

    mask_token: Annotated[Integer | None, Option("Mask", advanced=True)] = None
    oov_token: Annotated[Integer | None, Option("Token for others", advanced=True)] = -1

    @property
    def masks(self) -> bool:
        return self.mask_token is not None

    def output(self, x: TensorSpec) -> TensorSpec:
        if self.salt is not None and self.oov_method != "farmhash":
            reason = "only farmhash, not the rest of a division, takes a salt"
            raise Refusal(reason, "salt", ({"oov_method": "farmhash"}, {"salt": None}))
        return super().output(x)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        if (dtype := options.pop("vocabulary_dtype", "int64")) != "int64":
            raise InvalidOptions(f"vocabulary_dtype = {shortened(dtype)}: expected 'int64'")
        return options


class StringLookup(LookupKind, frozen=True, kw_only=True):
    """Replaces words by their places in a vocabulary, or makes vectors of these."""

    spellings = {"keras": ("StringLookup",)}
    search = ("vocabulary", "index", "categories", "look-up", "words", "text")
    inert = frozenset({"encoding"})
    source = f"{PAGES}string_lookup/"

    mask_token: Annotated[str | None, Option("Mask", advanced=True)] = None
    oov_token: Annotated[str | None, Option("Token for others", advanced=True)] = OUT

    @property
    def masks(self) -> bool:
        return self.mask_token is not None


class TextVectorization(VocabularyKind, frozen=True, kw_only=True):
    """Splits texts into words, or into letters, and replaces them by their places in a vocabulary."""

    spellings = {"keras": ("TextVectorization",)}
    search = ("tokenize", "tokenizer", "vocabulary", "words", "bag of words", "tf-idf", "text")
    common = COMMON
    inert = frozenset({"encoding"})
    takes_anything = frozenset({"standardize", "split"})
    source = "https://keras.io/api/layers/preprocessing_layers/text/text_vectorization/"

    standardize: Annotated[
        Literal["lower_and_strip_punctuation", "lower", "strip_punctuation"] | None,
        Option("Standardize", advanced=True),
    ] = "lower_and_strip_punctuation"
    split: Annotated[Literal["whitespace", "character"] | None, Option("Split", advanced=True)] = "whitespace"
    ngrams: Annotated[NGrams | None, Option("N-grams", digest="{}-grams", joint=", ", advanced=True)] = None
    output_sequence_length: Annotated[
        Natural | None, Option("Sequence length", words="sequence length", digest="{} long", preset=200)
    ] = None
    ragged: Annotated[bool, Option("Ragged", advanced=True)] = False

    @property
    def special(self) -> int:
        return 2 if self.mode == "int" else 1

    def output(self, x: TensorSpec) -> TensorSpec:
        if self.mode != "int" and (self.output_sequence_length is not None or self.ragged):
            name = "ragged" if self.ragged else "output_sequence_length"
            label = self.options()[name].label.lower()
            raise Refusal(
                f"{label}: only an output of numbers has it", name, ({name: None if name != "ragged" else False},)
            )
        y = super().output(x)
        if self.mode != "int":
            return y
        if not x.shape:
            raise Refusal("TextVectorization needs at least 1 axis (the batch), but the input () has none")
        length = UNKNOWN if self.output_sequence_length is None else self.output_sequence_length
        return typed(y, (x.shape[0], length), y.dtype)

    def shown(self, shape: Shape, depth: Dim) -> Shape:
        if self.split is not None:
            return super().shown((*shape, UNKNOWN), depth)
        return super().shown(shape if len(shape) > 1 else (*shape, 1), depth)

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        last = x.shape[-1] if len(x.shape) > 1 else 1
        if self.split is not None and is_known(last) and last != 1:
            yield f"a sample is one text, but the input {text(x.shape)} has {last} on its last axis: it fails when run"

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        if self.mode in ("multi_hot", "count", "tf_idf") and self.split is not None:
            yield f"When run, a text makes one vector: the batch comes out as {text((x.shape[0], self.depth))}."

    @classmethod
    def specials(cls, options: Mapping[str, object]) -> Specials | None:
        mask = ""
        return Specials(options.get("output_mode", "int") == "int", 1, mask, OUT)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        for name in sorted(cls.takes_anything & options.keys()):
            given = options[name]
            if not (fits(cls, name, given) or isinstance(given, Mapping)):  # a function, serialized
                names = ", ".join(map(repr, choices(cls, name)))
                raise InvalidOptions(f"{name} = {shortened(given)}: expected {names} or none", name)
        return options


def _counted(given: object, specials: Specials) -> int:
    """How many tokens of its own a vocabulary has.

    Raises:
        InvalidOptions: it is no list of tokens, has a token twice, or a special one where none may be.
    """
    if not isinstance(given, list | tuple) or not given:
        raise _unfit(given, "expected a list of tokens (files of tokens are not read)")
    tokens = [str(token) for token in given] if str in map(type, given) else list(given)
    own = tokens[specials.places :] if specials.lead(tokens) else tokens
    if not own:
        raise _unfit(given, "it has no tokens of its own")
    for token in own:
        if token == specials.mask or (specials.inverts and token == specials.out):
            raise _unfit(given, f"the special token {shortened(token)} may stand only at its beginning")
    seen: set[object] = {None}
    for token in own:
        key = _key(token, specials.type)
        if key in seen:
            raise _unfit(given, f"{shortened(token)} {'is no token' if key is None else 'occurs twice'}")
        seen.add(key)
    return len(own)


def _refuse_misfit(weights: object, tokens: int | None) -> None:
    """Refuses weights that are no numbers or, of a known number of tokens, not one for each.

    Raises:
        InvalidOptions: they are others.
    """
    found = weights if isinstance(weights, list | tuple) else [weights]
    are_numbers = all(isinstance(weight, int | float) for weight in found)
    if not are_numbers or (tokens is not None and (found is not weights or len(found) != tokens)):
        raise InvalidOptions(f"idf_weights = {shortened(weights)}: expected one number for each token", "vocabulary")


def _key(token: object, kind: type) -> object:
    """A token as it is looked up; None if it cannot be one."""
    if kind is str:
        return token if isinstance(token, str) else None
    try:
        return int(token) if isinstance(token, int | float | str) else None
    except (ValueError, OverflowError):
        return None


def _unfit(given: object, reason: str) -> InvalidOptions:
    return InvalidOptions(f"vocabulary = {shortened(given)}: {reason}", "vocabulary")
