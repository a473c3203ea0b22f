"""From an architecture to an ONNX file without the values of its weights.

Weights are constants whose values are stored sparsely, with not one value stored: name, shape and type in a few bytes.
The specification has such tensors as initialisers too, but types them as sparse tensors, which no operator takes, so
that its checker refuses every graph that reads one. The same tensor in a `Constant` is a dense tensor (of zeros) by
definition: checker, shape inference and runtimes take it, and viewers show it as an initialiser. Weights as external
data or as inputs of the graph would not do: the one cannot be loaded, the other are no weights.

What a network of Keras says with the channels last is computed with the channels first, as ONNX wants it: a tensor is
turned before the first operator that needs it, stays turned through whatever does not mind, and is turned back where
the order counts. Weights have the shapes that ONNX' operators take; the gates of recurrent layers stand in ONNX' order
(LSTM: i o f c, GRU: z r h). Which layers are frozen cannot be told. What acts in training only stands as `Dropout` or
`Identity`; so does what marks steps or rows that later layers are to pass over.

Operator set 21 is the lowest that says group normalization with a scale for each channel.
"""

from __future__ import annotations

from paramdesk.engine.architecture import Architecture


def content(architecture: Architecture) -> bytes:
    """The file for an architecture.

    Raises:
        UnwritableFile: ONNX has nothing like one of its layers, or one cannot be computed.
    """
    from paramdesk.formats.onnx.writing.network import written

    return written(architecture)
