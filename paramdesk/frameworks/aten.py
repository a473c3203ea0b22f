"""PyTorch's operators (`aten`) that are layers: which class of torch.nn, with which arguments, inputs and weights.

A file of a traced network tells operators with their arguments: strides and paddings, and weights as tensors. The
arguments of the module follow from them: as many output channels as the weight has rows. What is said here of an
operator is data: its arguments in their order, and a few functions for what differs between operator and module.
Source: the schemas of PyTorch's operators (`torch.ops.aten`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import msgspec

Sizes: TypeAlias = tuple[int | str | None, ...]
"""Sizes of axes: known, known by a name, or not at all."""


class Tensor(msgspec.Struct, frozen=True):
    """A tensor among the arguments of an operator.

    Attributes:
        name: of the value.
        shape: None: not even the number of its axes is known.
    """

    name: str
    shape: Sizes | None = None


class Arguments:
    """The arguments of a call, by name."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self.given = given

    def tensor(self, name: str) -> Tensor | None:
        """An argument that is a tensor."""
        value = self.given.get(name)
        return value if isinstance(value, Tensor) else None

    def tensors(self, name: str) -> list[Tensor]:
        """An argument that is a list of tensors, or one."""
        value = self.given.get(name)
        items = value if isinstance(value, list | tuple) else (value,)
        return [item for item in items if isinstance(item, Tensor)]

    def sizes(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor of which all sizes are known; else nothing."""
        tensor = self.tensor(name)
        shape = tensor.shape if tensor is not None else None
        known = [size for size in shape or () if isinstance(size, int)]
        return tuple(known) if len(known) == len(shape or ()) else ()

    def get(self, name: str, default: object = None) -> object:
        """An argument as it is."""
        value = self.given.get(name)
        return default if value is None else value

    def ints(self, name: str) -> tuple[int, ...] | None:
        """An argument that is a list of whole numbers, or one."""
        value = self.given.get(name)
        items = tuple(value) if isinstance(value, list | tuple) else (value,)
        return items if items and all(type(item) is int for item in items) else None


class Spelled(NamedTuple):
    """An operator as a module.

    Attributes:
        class_name: of torch.nn.
        arguments: of its constructor.
        inputs: names of the operator's arguments that come in.
        weights: names of those that are its weights; of these, statistics are those that begin with "running".
        call: arguments of its call.
    """

    class_name: str
    arguments: Mapping[str, object] = {}
    inputs: Sequence[str] = ("input",)
    weights: Sequence[str] = ()
    call: Mapping[str, object] = {}


_SIGNATURES = """
conv1d conv2d conv3d: input weight bias stride padding dilation groups
conv_transpose1d conv_transpose2d conv_transpose3d: input weight bias stride padding output_padding groups dilation
convolution _convolution: input weight bias stride padding dilation transposed output_padding groups
_convolution_mode: input weight bias stride padding dilation groups
linear: input weight bias
zeros ones empty rand randn: size
full: size fill_value
new_zeros new_ones new_empty: self size
new_full: self size fill_value
bilinear: input1 input2 weight bias
addmm: self mat1 mat2
mm bmm mv: self mat2
matmul: self other
batch_norm native_batch_norm _native_batch_norm_legit: input weight bias running_mean running_var training momentum eps
_native_batch_norm_legit_no_training: input weight bias running_mean running_var momentum eps
instance_norm: input weight bias running_mean running_var use_input_stats momentum eps
layer_norm: input normalized_shape weight bias eps
native_layer_norm: input normalized_shape weight bias eps
rms_norm: input normalized_shape weight eps
group_norm: input num_groups weight bias eps
embedding: weight indices padding_idx scale_grad_by_freq sparse
embedding_bag _embedding_bag: weight indices offsets scale_grad_by_freq mode sparse per_sample_weights
max_pool1d max_pool2d max_pool3d: self kernel_size stride padding dilation ceil_mode
max_pool1d_with_indices max_pool2d_with_indices: self kernel_size stride padding dilation ceil_mode
max_pool3d_with_indices: self kernel_size stride padding dilation ceil_mode
avg_pool1d avg_pool2d avg_pool3d: self kernel_size stride padding ceil_mode count_include_pad divisor_override
adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d _adaptive_avg_pool2d: self output_size
adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d: self output_size
hardtanh: self min_val max_val
leaky_relu: self negative_slope
elu: self alpha scale input_scale
celu: self alpha
softplus: self beta threshold
softshrink hardshrink: self lambd
threshold: self threshold value
softmax log_softmax _softmax _log_softmax glu: self dim
prelu _prelu_kernel: self weight
rrelu: self lower upper training
dropout feature_dropout alpha_dropout feature_alpha_dropout native_dropout: input p train
flatten: self start_dim end_dim
unflatten: self dim sizes
view _unsafe_view: self size
reshape: self shape
view_as reshape_as expand_as type_as: self other
permute flip: self dims
transpose swapdims: self dim0 dim1
swapaxes: self axis0 axis1
unsqueeze squeeze cumsum: self dim
expand: self size
to: self dtype
add sub mul div rsub maximum minimum pow: self other
cat stack: tensors dim
split split_with_sizes unsafe_split: self split_sizes dim
chunk unsafe_chunk: self chunks dim
unbind: self dim
tensor_split: self indices dim
select: self dim index
slice: self dim start end step
narrow: self dim start length
index: self indices
index_select: self dim index
gather: self dim index
masked_fill: self mask value
where: condition self other
mean sum amax amin max min prod argmax argmin: self dim keepdim
topk: self k dim
norm: self p dim keepdim
upsample_nearest1d upsample_nearest2d upsample_nearest3d: input output_size scale_factors
upsample_linear1d upsample_bilinear2d: input output_size align_corners scale_factors
upsample_trilinear3d upsample_bicubic2d: input output_size align_corners scale_factors
pad: self pad mode value
constant_pad_nd: self pad value
reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d replication_pad3d: self padding
pixel_shuffle: self upscale_factor
pixel_unshuffle: self downscale_factor
channel_shuffle: self groups
col2im: self output_size kernel_size dilation padding stride
im2col: self kernel_size dilation padding stride
cosine_similarity: x1 x2 dim eps
pairwise_distance: x1 x2 p eps keepdim
lstm gru rnn_tanh rnn_relu: input hx params has_biases num_layers dropout train bidirectional batch_first
lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell: input hx w_ih w_hh b_ih b_hh
scaled_dot_product_attention: query key value attn_mask dropout_p is_causal
einsum: equation tensors
roll: self shifts dims
repeat: self repeats
repeat_interleave: self repeats dim
tile: self dims
grid_sampler: input grid interpolation_mode padding_mode align_corners
_weight_norm: v g dim
"""


def names_of(op: str) -> tuple[str, ...]:
    """The arguments of an operator in their order, as far as they are known."""
    return SIGNATURES.get(op) or SIGNATURES.get(op.removesuffix("_"), ())


SIGNATURES: Mapping[str, tuple[str, ...]] = {
    op: tuple(names.split())
    for line in _SIGNATURES.strip().splitlines()
    for ops, _colon, names in (line.partition(":"),)
    for op in ops.split()
}
"""The arguments of operators by name, in their order."""
