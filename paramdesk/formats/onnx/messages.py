"""The messages of an ONNX file that are read and written, by the numbers of their fields.

Only what paramdesk needs is declared; texts are bytes, since a file may hold anything in them. Values of weights are
declared too, but `slimming` leaves them out before anything is parsed.
Source: the ONNX specification of its intermediate representation.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, TypeAlias

Message: TypeAlias = Any
"""A message of protobuf: its fields are made at run time, so that no checker knows them."""

Fields: TypeAlias = Mapping[str, tuple[int, str]]
"""A field's number, and its type: a word or the name of a message; `*` in front: repeated, `+`: repeated and packed."""

MESSAGES: Mapping[str, Fields] = {
    "Model": {
        "ir_version": (1, "int64"),
        "producer_name": (2, "bytes"),
        "producer_version": (3, "bytes"),
        "graph": (7, "Graph"),
        "opset_import": (8, "*OperatorSet"),
        "metadata_props": (14, "*Entry"),
        "functions": (25, "*Function"),
    },
    "OperatorSet": {"domain": (1, "bytes"), "version": (2, "int64")},
    "Graph": {
        "node": (1, "*Node"),
        "name": (2, "bytes"),
        "initializer": (5, "*Tensor"),
        "input": (11, "*ValueInfo"),
        "output": (12, "*ValueInfo"),
        "value_info": (13, "*ValueInfo"),
        "sparse_initializer": (15, "*SparseTensor"),
        "metadata_props": (16, "*Entry"),
    },
    "Node": {
        "input": (1, "*bytes"),
        "output": (2, "*bytes"),
        "name": (3, "bytes"),
        "op_type": (4, "bytes"),
        "attribute": (5, "*Attribute"),
        "domain": (7, "bytes"),
        "overload": (8, "bytes"),
        "metadata_props": (9, "*Entry"),
    },
    "Attribute": {
        "name": (1, "bytes"),
        "f": (2, "float"),
        "i": (3, "int64"),
        "s": (4, "bytes"),
        "t": (5, "Tensor"),
        "g": (6, "Graph"),
        "floats": (7, "*float"),
        "ints": (8, "*int64"),
        "strings": (9, "*bytes"),
        "type": (20, "int32"),
        "ref_attr_name": (21, "bytes"),
        "sparse_tensor": (22, "SparseTensor"),
    },
    "Tensor": {
        "dims": (1, "*int64"),
        "data_type": (2, "int32"),
        "float_data": (4, "+float"),
        "int32_data": (5, "+int32"),
        "int64_data": (7, "+int64"),
        "name": (8, "bytes"),
        "raw_data": (9, "bytes"),
        "double_data": (10, "+double"),
        "external_data": (13, "*Entry"),
        "data_location": (14, "int32"),
    },
    "SparseTensor": {"values": (1, "Tensor"), "indices": (2, "Tensor"), "dims": (3, "*int64")},
    "ValueInfo": {"name": (1, "bytes"), "type": (2, "Type"), "metadata_props": (4, "*Entry")},
    "Type": {"tensor_type": (1, "TensorType")},
    "TensorType": {"elem_type": (1, "int32"), "shape": (2, "Shape")},
    "Shape": {"dim": (1, "*Dimension")},
    "Dimension": {"dim_value": (1, "int64"), "dim_param": (2, "bytes")},
    "Entry": {"key": (1, "bytes"), "value": (2, "bytes")},
    "Function": {
        "name": (1, "bytes"),
        "input": (4, "*bytes"),
        "output": (5, "*bytes"),
        "node": (7, "*Node"),
        "domain": (10, "bytes"),
        "attribute_proto": (11, "*Attribute"),
        "overload": (13, "bytes"),
    },
}

DATA = frozenset({"float_data", "int32_data", "int64_data", "raw_data", "double_data"})
"""The fields of a tensor that hold its values."""

_PACKAGE = "paramdesk.onnx"


@functools.cache
def message(name: str) -> Message:
    """The class of a message."""
    from google.protobuf import message_factory

    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{_PACKAGE}.{name}"))


@functools.cache
def _pool() -> Any:  # noqa: ANN401 - protobuf's types are made at run time
    """The declarations, in a pool of their own: the ONNX library, where there is one, has others."""
    from google.protobuf import descriptor_pb2, descriptor_pool

    file = descriptor_pb2.FileDescriptorProto(name="paramdesk/onnx", package=_PACKAGE, syntax="proto2")
    for name, fields in MESSAGES.items():
        declared = file.message_type.add(name=name)
        for field_name, (number, said) in fields.items():
            word = said.lstrip("*+")
            field = declared.field.add(name=field_name, number=number)
            field.label = field.LABEL_REPEATED if word != said else field.LABEL_OPTIONAL
            if word in MESSAGES:
                field.type = field.TYPE_MESSAGE
                field.type_name = f".{_PACKAGE}.{word}"
            else:
                field.type = getattr(field, f"TYPE_{word.upper()}")
            field.options.packed = said.startswith("+")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool
