"""Keras 1 and 2: what their configs say, in the words of Keras 3."""

from __future__ import annotations

from collections.abc import Mapping

from paramdesk.frameworks.reading import NotKnown

CLASSES: Mapping[str, str] = {
    "BatchNormalizationV1": "BatchNormalization", "BatchNormalizationV2": "BatchNormalization",
    "UnifiedLSTM": "LSTM", "LSTMV1": "LSTM", "LSTMV2": "LSTM",
    "UnifiedGRU": "GRU", "GRUV1": "GRU", "GRUV2": "GRU", "CuDNNGRU": "GRU",
    "ThresholdedReLU": "ReLU",
}  # fmt: skip
"""Classes that have another name now, or are another one with certain options."""

UNSAID: Mapping[str, Mapping[str, object]] = {
    "GRU": {"reset_after": False}, "GRUCell": {"reset_after": False}, "GRUV1": {"reset_after": False},
    "CuDNNGRU": {"reset_after": True},
}  # fmt: skip
"""What a class means by not saying it: options that came later with another default, or that it is."""

OPTIONS: Mapping[str, Mapping[str, str]] = {"ThresholdedReLU": {"theta": "threshold"}}
"""Options that have another name now."""


def present_name(class_name: object) -> object:
    """The name that a class of Keras 1 or 2 has in Keras 3."""
    return CLASSES.get(class_name, class_name) if isinstance(class_name, str) else class_name


def modernized(config: Mapping[str, object], class_name: object) -> dict[str, object]:
    """A config of Keras 1 or 2 in the words of Keras 3, as its reader of old files takes it.

    Args:
        config: arguments of the constructor.
        class_name: as the file has it.

    Raises:
        NotKnown: Keras 3 has nothing like it.
    """
    if config.get("time_major") is True:
        raise NotKnown("time before the batch (time_major) is not known here", "time_major")
    title = class_name if isinstance(class_name, str) else ""
    names = OPTIONS.get(title, {})
    modern = {**UNSAID.get(title, {}), **{names.get(name, name): value for name, value in config.items()}}
    if (shape := modern.pop("batch_input_shape", None)) is not None:
        modern["batch_shape" if "sparse" in modern else "input_shape"] = shape
    axis = modern.get("axis")
    if isinstance(axis, list | tuple) and len(axis) == 1:
        modern["axis"] = axis[0]
    return modern
