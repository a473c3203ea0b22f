"""Which operators of PyTorch are layers, and how their arguments make those of a module of torch.nn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from paramdesk.frameworks.aten import Arguments, Spelled, Tensor

Reading: TypeAlias = Callable[[Arguments], Spelled | None]


def spelled(op: str, given: Mapping[str, object]) -> Spelled | None:
    """The module that an operator is; None if it is none.

    Args:
        op: its name, without what tells its variants apart: "conv2d".
        given: its arguments by name.
    """
    read = LAYERS.get(op) or LAYERS.get(op.removesuffix("_"))
    return read(Arguments(given)) if read is not None else None


# Convolutions and products --------------------------------------------------------------------------------------------

KERNEL = ("weight", "bias")


def _convolution(a: Arguments) -> Spelled | None:
    kernel = a.sizes("weight")
    if not 3 <= len(kernel) <= 5:
        return None
    if a.get("transposed"):
        return _transposed(a)
    rank, groups = len(kernel) - 2, a.get("groups", 1)
    arguments = {
        "in_channels": kernel[1] * groups if isinstance(groups, int) else kernel[1],
        "out_channels": kernel[0],
        "kernel_size": kernel[2:],
        "stride": _each(a, "stride", 1),
        "padding": _padding(a),
        "dilation": _each(a, "dilation", 1),
        "groups": groups,
        "bias": a.tensor("bias") is not None,
    }
    return Spelled(f"Conv{rank}d", arguments, weights=KERNEL)


def _padding(a: Arguments) -> object:
    padding = a.get("padding", 0)
    if isinstance(padding, list | tuple):
        return "valid" if not any(padding) else tuple(padding) if len(padding) > 1 else padding[0]
    return padding or "valid"


def _each(a: Arguments, name: str, default: int) -> object:
    """A number for each axis; a list of one stands for all."""
    value = a.ints(name)
    return default if value is None else value[0] if len(value) == 1 else value


def _transposed(a: Arguments) -> Spelled | None:
    kernel = a.sizes("weight")
    if not 3 <= len(kernel) <= 5:
        return None
    groups = a.get("groups", 1)
    arguments = {
        "in_channels": kernel[0],
        "out_channels": kernel[1] * groups if isinstance(groups, int) else kernel[1],
        "kernel_size": kernel[2:],
        "stride": _each(a, "stride", 1),
        "padding": _each(a, "padding", 0),
        "output_padding": _each(a, "output_padding", 0),
        "dilation": _each(a, "dilation", 1),
        "groups": groups,
        "bias": a.tensor("bias") is not None,
    }
    return Spelled(f"ConvTranspose{len(kernel) - 2}d", arguments, weights=KERNEL)


def _linear(a: Arguments) -> Spelled | None:
    kernel = a.sizes("weight")
    if len(kernel) != 2:
        return None
    arguments = {"in_features": kernel[1], "out_features": kernel[0], "bias": a.tensor("bias") is not None}
    return Spelled("Linear", arguments, weights=KERNEL)


def _bilinear(a: Arguments) -> Spelled | None:
    kernel = a.sizes("weight")
    if len(kernel) != 3:
        return None
    arguments = {
        "in1_features": kernel[1], "in2_features": kernel[2], "out_features": kernel[0],
        "bias": a.tensor("bias") is not None,
    }  # fmt: skip
    return Spelled("Bilinear", arguments, ("input1", "input2"), KERNEL)


def _embedding(a: Arguments) -> Spelled | None:
    table = a.sizes("weight")
    if len(table) != 2:
        return None
    arguments: dict[str, object] = {"num_embeddings": table[0], "embedding_dim": table[1]}
    padding = a.get("padding_idx", -1)
    if padding != -1:
        arguments["padding_idx"] = padding
    return Spelled("Embedding", arguments, ("indices",), ("weight",))


def _embedding_bag(a: Arguments) -> Spelled | None:
    table, modes = a.sizes("weight"), ("sum", "mean", "max")
    mode = a.get("mode", 0)
    if len(table) != 2 or not isinstance(mode, int) or not 0 <= mode < len(modes):
        return None
    arguments = {"num_embeddings": table[0], "embedding_dim": table[1], "mode": modes[mode]}
    return Spelled("EmbeddingBag", arguments, ("indices", "offsets"), ("weight",))


# Recurrent layers -----------------------------------------------------------------------------------------------------


def _recurrent(class_name: str, more: Mapping[str, object] | None = None) -> Reading:
    def read(a: Arguments) -> Spelled | None:
        weights = a.tensors("params")
        first, second = (_known(tensor) for tensor in (*weights, Tensor(""), Tensor(""))[:2])
        if len(first) != 2 or len(second) != 2:
            return None
        gates = {"LSTM": 4, "GRU": 3}.get(class_name, 1)
        units = first[0] // gates
        arguments = {
            "input_size": first[1], "hidden_size": units, "num_layers": a.get("num_layers", 1),
            "bias": a.get("has_biases", True), "batch_first": a.get("batch_first", False),
            "dropout": a.get("dropout", 0.0), "bidirectional": a.get("bidirectional", False), **(more or {}),
        }  # fmt: skip
        if class_name == "LSTM" and second[1] != units:
            arguments["proj_size"] = second[1]
        return Spelled(class_name, arguments, ("input", "hx"), ("params",))

    return read


def _cell(class_name: str, more: Mapping[str, object] | None = None) -> Reading:
    def read(a: Arguments) -> Spelled | None:
        kernel, state = a.sizes("w_ih"), a.sizes("w_hh")
        if len(kernel) != 2 or len(state) != 2:
            return None
        arguments = {
            "input_size": kernel[1], "hidden_size": state[1], "bias": a.tensor("b_ih") is not None, **(more or {}),
        }  # fmt: skip
        return Spelled(class_name, arguments, ("input", "hx"), ("w_ih", "w_hh", "b_ih", "b_hh"))

    return read


def _known(tensor: Tensor) -> tuple[int, ...]:
    sizes = [size for size in tensor.shape or () if isinstance(size, int)]
    return tuple(sizes) if len(sizes) == len(tensor.shape or ()) else ()


# Normalizations -------------------------------------------------------------------------------------------------------

STATISTICS = ("running_mean", "running_var")


def _batch_norm(a: Arguments) -> Spelled | None:
    gathers = a.tensor("running_mean") is not None
    scale = a.sizes("weight") or a.sizes("running_mean")
    source = a.tensor("input")
    channels = scale[0] if scale else _channels(source)
    if channels is None:
        return None
    axes = len(source.shape) if source is not None and source.shape is not None else 4
    arguments = {
        "num_features": channels, "eps": a.get("eps", 1e-5), "momentum": a.get("momentum", 0.1),
        "affine": a.tensor("weight") is not None, "track_running_stats": gathers,
    }  # fmt: skip
    return Spelled(f"BatchNorm{min(max(axes - 2, 1), 3)}d", arguments, weights=(*KERNEL, *STATISTICS))


def _channels(tensor: Tensor | None) -> int | None:
    shape = tensor.shape if tensor is not None else None
    return shape[1] if shape is not None and len(shape) > 1 and isinstance(shape[1], int) else None


def _instance_norm(a: Arguments) -> Spelled | None:
    source = a.tensor("input")
    channels = (*a.sizes("weight"), *a.sizes("running_mean"), _channels(source))[0]
    if channels is None or source is None or source.shape is None:
        return None
    arguments = {
        "num_features": channels, "eps": a.get("eps", 1e-5), "momentum": a.get("momentum", 0.1),
        "affine": a.tensor("weight") is not None, "track_running_stats": a.tensor("running_mean") is not None,
    }  # fmt: skip
    return Spelled(f"InstanceNorm{min(max(len(source.shape) - 2, 1), 3)}d", arguments, weights=(*KERNEL, *STATISTICS))


def _layer_norm(a: Arguments) -> Spelled | None:
    learns = a.tensor("weight") is not None
    arguments = {
        "normalized_shape": a.get("normalized_shape"), "eps": a.get("eps", 1e-5), "elementwise_affine": learns,
        "bias": a.tensor("bias") is not None or not learns,
    }  # fmt: skip
    return Spelled("LayerNorm", arguments, weights=KERNEL)


def _rms_norm(a: Arguments) -> Spelled | None:
    arguments = {
        "normalized_shape": a.get("normalized_shape"), "eps": a.get("eps"),
        "elementwise_affine": a.tensor("weight") is not None,
    }  # fmt: skip
    return Spelled("RMSNorm", arguments, weights=("weight",))


def _group_norm(a: Arguments) -> Spelled | None:
    channels = (*a.sizes("weight"), _channels(a.tensor("input")))[0]
    if channels is None:
        return None
    arguments = {
        "num_groups": a.get("num_groups", a.get("group")), "num_channels": channels, "eps": a.get("eps", 1e-5),
        "affine": a.tensor("weight") is not None,
    }  # fmt: skip
    return Spelled("GroupNorm", arguments, weights=KERNEL)


# What has numbers only ------------------------------------------------------------------------------------------------


def _plain(class_name: str, names: Mapping[str, str] | None = None, inputs: Sequence[str] = ("self",)) -> Reading:
    """A module whose arguments are those of the operator, under other names where that is said."""

    def read(a: Arguments) -> Spelled | None:
        arguments = {theirs: a.get(mine) for mine, theirs in (names or {}).items() if a.get(mine) is not None}
        return Spelled(class_name, {name: _bare(value) for name, value in arguments.items()}, inputs)

    return read


def _bare(value: object) -> object:
    """A list as a tuple."""
    return tuple(value) if isinstance(value, list) else value


def _pool(word: str, names: Sequence[str], *, has_indices: bool = False) -> Callable[[int], Reading]:
    def of_rank(rank: int) -> Reading:
        def read(a: Arguments) -> Spelled | None:
            arguments = {name: _bare(a.get(name)) for name in names if a.get(name) is not None}
            if has_indices:
                arguments["return_indices"] = True
            if arguments.get("stride") == ():  # that of the window's size
                del arguments["stride"]
            return Spelled(f"{word}{rank}d", arguments, ("self",))

        return read

    return of_rank


MAX = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
MEAN = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")


def _prelu(a: Arguments) -> Spelled | None:
    slopes = a.sizes("weight")
    count = 1
    for size in slopes:
        count *= size
    return Spelled("PReLU", {"num_parameters": count}, ("self",), ("weight",)) if a.tensor("weight") else None


def _upsampled(mode: str) -> Reading:
    def read(a: Arguments) -> Spelled | None:
        scales = [a.get(name) for name in ("scales", "scales_d", "scales_h", "scales_w") if a.get(name) is not None]
        factors = a.get("scale_factors") or scales
        arguments: dict[str, object] = {"mode": mode}
        if isinstance(factors, list | tuple) and factors:
            arguments["scale_factor"] = tuple(factors)
        else:
            arguments["size"] = _bare(a.get("output_size"))
        if mode != "nearest" and a.get("align_corners"):
            arguments["align_corners"] = True
        return Spelled("Upsample", arguments, ("input",) if a.tensor("input") else ("self",))

    return read


PADS: Mapping[str, str] = {
    "constant": "Constant", "reflect": "Reflection", "replicate": "Replication", "circular": "Circular",
}  # fmt: skip


def _padded(a: Arguments) -> Spelled | None:
    listed, value, mode = a.ints("pad") or a.ints("padding"), a.get("value", 0), a.get("mode", "constant")
    source = a.tensor("self")
    if listed is None or not isinstance(mode, str) or mode not in PADS:
        return None
    axes = len(source.shape) - 2 if source is not None and source.shape is not None else len(listed) // 2
    rank = min(max(axes, 1), 3)
    if mode == "constant" and value in (0, 0.0):
        return Spelled(f"ZeroPad{rank}d", {"padding": listed}, ("self",))
    more = {"value": value} if mode == "constant" else {}
    return Spelled(f"{PADS[mode]}Pad{rank}d", {"padding": listed, **more}, ("self",))


def _edge_pad(mode: str) -> Reading:
    def read(a: Arguments) -> Spelled | None:
        return _padded(Arguments({**a.given, "mode": mode}))

    return read


def _dropped(class_name: str) -> Reading:
    def read(a: Arguments) -> Spelled | None:
        source = "input" if a.tensor("input") is not None else "self"
        return Spelled(class_name, {"p": a.get("p", 0.5)}, (source,))

    return read


def _feature_dropout(a: Arguments) -> Spelled | None:
    source = a.tensor("input")
    axes = len(source.shape) - 2 if source is not None and source.shape is not None else 2
    return Spelled(f"Dropout{min(max(axes, 1), 3)}d", {"p": a.get("p", 0.5)}, ("input",))


AXIS = {"dim": "dim"}
FOLDING = {"kernel_size": "kernel_size", "dilation": "dilation", "padding": "padding", "stride": "stride"}

LAYERS: Mapping[str, Reading] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d", "convolution", "_convolution", "_convolution_mode"), _convolution),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _transposed),
    **dict.fromkeys(
        ("batch_norm", "_native_batch_norm_legit_no_training", "native_batch_norm", "_native_batch_norm_legit"),
        _batch_norm,
    ),
    **dict.fromkeys(("layer_norm", "native_layer_norm"), _layer_norm),
    **dict.fromkeys(("group_norm", "native_group_norm"), _group_norm),
    **{f"max_pool{n}d": _pool("MaxPool", MAX)(n) for n in (1, 2, 3)},
    **{f"max_pool{n}d_with_indices": _pool("MaxPool", MAX, has_indices=True)(n) for n in (1, 2, 3)},
    **{f"avg_pool{n}d": _pool("AvgPool", MEAN)(n) for n in (1, 2, 3)},
    **{
        f"{e}adaptive_avg_pool{n}d": _pool("AdaptiveAvgPool", ("output_size",))(n) for n in (1, 2, 3) for e in ("", "_")
    },
    **{f"adaptive_max_pool{n}d": _pool("AdaptiveMaxPool", ("output_size",), has_indices=True)(n) for n in (1, 2, 3)},
    **{f"upsample_nearest{n}d": _upsampled("nearest") for n in (1, 2, 3)},
    **{f"_upsample_nearest_exact{n}d": _upsampled("nearest-exact") for n in (1, 2, 3)},
    **{f"reflection_pad{n}d": _edge_pad("reflect") for n in (1, 2, 3)},
    **{f"replication_pad{n}d": _edge_pad("replicate") for n in (1, 2, 3)},
    "upsample_linear1d": _upsampled("linear"),
    "upsample_bilinear2d": _upsampled("bilinear"),
    "upsample_trilinear3d": _upsampled("trilinear"),
    "upsample_bicubic2d": _upsampled("bicubic"),
    "pad": _padded,
    "constant_pad_nd": _padded,
    "linear": _linear,
    "bilinear": _bilinear,
    "embedding": _embedding,
    "embedding_bag": _embedding_bag,
    "_embedding_bag": _embedding_bag,
    "lstm": _recurrent("LSTM"),
    "gru": _recurrent("GRU"),
    "rnn_tanh": _recurrent("RNN"),
    "rnn_relu": _recurrent("RNN", {"nonlinearity": "relu"}),
    "lstm_cell": _cell("LSTMCell"),
    "gru_cell": _cell("GRUCell"),
    "rnn_tanh_cell": _cell("RNNCell"),
    "rnn_relu_cell": _cell("RNNCell", {"nonlinearity": "relu"}),
    "instance_norm": _instance_norm,
    "rms_norm": _rms_norm,
    "prelu": _prelu,
    "_prelu_kernel": _prelu,
    "relu": _plain("ReLU"),
    "relu6": _plain("ReLU6"),
    "hardtanh": _plain("Hardtanh", {"min_val": "min_val", "max_val": "max_val"}),
    "leaky_relu": _plain("LeakyReLU", {"negative_slope": "negative_slope"}),
    "elu": _plain("ELU", {"alpha": "alpha"}),
    "selu": _plain("SELU"),
    "celu": _plain("CELU", {"alpha": "alpha"}),
    "gelu": _plain("GELU", {"approximate": "approximate"}),
    "silu": _plain("SiLU"),
    "mish": _plain("Mish"),
    "hardswish": _plain("Hardswish"),
    "hardsigmoid": _plain("Hardsigmoid"),
    "softplus": _plain("Softplus", {"beta": "beta", "threshold": "threshold"}),
    "softshrink": _plain("Softshrink", {"lambd": "lambd"}),
    "hardshrink": _plain("Hardshrink", {"lambd": "lambd"}),
    "threshold": _plain("Threshold", {"threshold": "threshold", "value": "value"}),
    "log_sigmoid": _plain("LogSigmoid"),
    "sigmoid": _plain("Sigmoid"),
    "tanh": _plain("Tanh"),
    "softmax": _plain("Softmax", AXIS),
    "_softmax": _plain("Softmax", AXIS),
    "log_softmax": _plain("LogSoftmax", AXIS),
    "_log_softmax": _plain("LogSoftmax", AXIS),
    "glu": _plain("GLU", AXIS),
    "rrelu": _plain("RReLU", {"lower": "lower", "upper": "upper"}),
    "dropout": _dropped("Dropout"),
    "native_dropout": _dropped("Dropout"),
    "alpha_dropout": _dropped("AlphaDropout"),
    "feature_alpha_dropout": _dropped("FeatureAlphaDropout"),
    "feature_dropout": _feature_dropout,
    "unflatten": _plain("Unflatten", {"dim": "dim", "sizes": "unflattened_size"}),
    "pixel_shuffle": _plain("PixelShuffle", {"upscale_factor": "upscale_factor"}),
    "pixel_unshuffle": _plain("PixelUnshuffle", {"downscale_factor": "downscale_factor"}),
    "channel_shuffle": _plain("ChannelShuffle", {"groups": "groups"}),
    "native_channel_shuffle": _plain("ChannelShuffle", {"groups": "groups"}),
    "col2im": _plain("Fold", {"output_size": "output_size", **FOLDING}),
    "im2col": _plain("Unfold", FOLDING),
    "cosine_similarity": _plain("CosineSimilarity", {"dim": "dim", "eps": "eps"}, ("x1", "x2")),
    "pairwise_distance": _plain("PairwiseDistance", {"p": "p", "eps": "eps", "keepdim": "keepdim"}, ("x1", "x2")),
}
"""By the names of the operators; those that work in place end in an underscore and are the same."""
