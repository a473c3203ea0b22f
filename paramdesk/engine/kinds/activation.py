"""Activations: functions of one value (or, softmax, of one axis). No weights but PReLU's; no MACs."""

from __future__ import annotations

from typing import Literal, TypeAlias

ActivationName: TypeAlias = Literal[
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "swish", "mish", "glu",
    "sigmoid", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "hard_shrink", "log_sigmoid", "sparse_sigmoid",
    "tanh", "tanh_shrink", "soft_shrink", "softplus", "softsign", "squareplus", "sparse_plus", "exponential",
    "threshold", "softmax", "log_softmax", "sparsemax",
]  # fmt: skip
"""Keras' names, as `keras.activations.get` takes them."""
