"""ONNX files made in memory, as other frameworks' exporters write them."""

import io
import struct

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.formats.onnx.graph import TYPES
from paramdesk.formats.onnx.messages import message

NUMBERS = {name: number for number, name in TYPES.items()}


def node(op, inputs, outputs, **attributes):
    """A node: the names that it reads and makes are in lists, or in texts with spaces between."""
    names = [given.split() if isinstance(given, str) else given for given in (inputs, outputs)]
    made = message("Node")(
        op_type=op.encode(),
        input=[b"" if name == "-" else name.encode() for name in names[0]],
        output=[name.encode() for name in names[1]],
    )
    for name, value in attributes.items():
        attribute = made.attribute.add(name=name.encode())
        match value:
            case int():
                attribute.i = value
            case float():
                attribute.f = value
            case str():
                attribute.s = value.encode()
            case [int(), *_]:
                attribute.ints.extend(value)
            case _:
                attribute.g.CopyFrom(value)
    return made


def weight(name, *shape, dtype="float32"):
    """An initialiser whose values are not looked at."""
    return message("Tensor")(name=name.encode(), dims=shape, data_type=NUMBERS[dtype])


def numbers(name, values, shape=None, dtype="int64"):
    """An initialiser with its values."""
    layout = {"int64": "q", "float32": "f", "int8": "b", "uint8": "B"}[dtype]
    dims = (len(values),) if shape is None else shape
    raw = struct.pack(f"<{len(values)}{layout}", *values)
    return message("Tensor")(name=name.encode(), dims=dims, data_type=NUMBERS[dtype], raw_data=raw)


def graph(nodes, weights=(), inputs=None, outputs=("y",), kinds=None):
    """A graph; inputs are shapes by name, of which a text is a size that is not known, or None."""
    made = message("Graph")(node=nodes, initializer=weights)
    for name, shape in (inputs or {}).items():
        tensor = made.input.add(name=name.encode()).type.tensor_type
        tensor.elem_type = NUMBERS[(kinds or {}).get(name, "float32")]
        if shape is not None:
            tensor.shape.SetInParent()
        for size in shape or ():
            dim = tensor.shape.dim.add()
            if isinstance(size, int):
                dim.dim_value = size
            else:
                dim.dim_param = size.encode()
    for name in outputs:
        made.output.add(name=name.encode())
    return made


def onnx_file(*parts, opset=17, functions=(), **more):
    """The bytes of a file: what is given is its graph's."""
    model = message("Model")(ir_version=8, graph=graph(*parts, **more), functions=functions)
    model.opset_import.add(version=opset)
    return model.SerializeToString()


def read_onnx(*parts, **more):
    """The architecture that a graph is read as."""
    return formats.read(io.BytesIO(onnx_file(*parts, **more)), "onnx")


def rows(*parts, **more):
    """The rows that a graph is read as, without what comes in: kind, parameters, MACs, first shape that is made."""
    return [
        (report.kind, report.parameters, report.macs, report.output_shapes[0] if report.output_shapes else None)
        for report in analyze(read_onnx(*parts, **more)).layers
        if report.kind != "Input"
    ]
