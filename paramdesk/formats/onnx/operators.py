"""Which operator is read how: its name, and what makes rows of a node of it.

An operator that is not named here may have a shape all the same (see `paramdesk.formats.onnx.shapes`); of any other a
row tells what the file states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from paramdesk.formats.onnx import pointwise, products, rearranging, resizing, windows
from paramdesk.formats.onnx.site import Site

Handler = Callable[[Site], bool]
"""Makes rows of a node, or tells that it is not as that is known here."""

HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(pointwise.ACTIVATIONS, pointwise.activation),
    **dict.fromkeys((*pointwise.MERGING, "Div", "Pow", "Mod"), pointwise.merging),
    **dict.fromkeys(rearranging.TARGETS, rearranging.reshape),
    **dict.fromkeys(products.GATES, products.recurrent),
    **dict.fromkeys(("MaxPool", "AveragePool", "LpPool"), windows.pooling),
    **dict.fromkeys(("GlobalAveragePool", "GlobalMaxPool"), windows.pooling_over_everything),
    **dict.fromkeys(("ReduceMean", "ReduceMax"), windows.reduction),
    **dict.fromkeys(("Resize", "Upsample"), resizing.resize),
    **dict.fromkeys(("DepthToSpace", "SpaceToDepth"), windows.shuffled),
    **dict.fromkeys(
        (
            "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization",
            "com.microsoft.SimplifiedLayerNormalization",
        ),
        pointwise.layer_normalization,
    ),
    "BatchNormalization": pointwise.batch_normalization,
    "Clip": pointwise.clip,
    "Col2Im": windows.folded_columns,
    "Concat": rearranging.concatenate,
    "Conv": windows.convolution,
    "ConvInteger": windows.convolution,
    "ConvTranspose": windows.transposed_convolution,
    "Dropout": pointwise.dropout,
    "Einsum": products.einsum,
    "Gather": products.embedding,
    "Gemm": products.gemm,
    "GroupNormalization": pointwise.group_normalization,
    "InstanceNormalization": pointwise.instance_normalization,
    "LRN": pointwise.local_response_normalization,
    "MatMul": products.matmul,
    "MatMulInteger": products.matmul,
    "MaxUnpool": windows.unpooling,
    "Neg": pointwise.negated,
    "PRelu": pointwise.prelu,
    "Pad": windows.pad,
    "QLinearConv": lambda site: windows.convolution(site, 3, 8),
    "QLinearMatMul": lambda site: products.matmul(site, 3),
    "Shrink": pointwise.shrink,
    "Transpose": rearranging.transpose,
}  # fmt: skip


def handler_of(op: str) -> Handler | None:
    """How an operator is read; None if it has no kind of its own."""
    return HANDLERS.get(op)
