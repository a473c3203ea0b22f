"""Where a node stands among the modules: from the notes and the names that exporters leave, or from its weights' names.

PyTorch's exporters name the modules: the newer one in notes (`['', 'layer1', 'layer1.0', 'conv2d']`), the older one in
the name of the node (`/layer1/layer1.0/conv1/Conv`, a second call being `relu_1`). Others put a path before the name of
the operation (`model/conv2d/Conv2D`), or nothing; then the name of a weight may tell (`layer1.0.conv1.weight`).
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import TypeAlias

from paramdesk.engine.naming import snake_case
from paramdesk.formats.onnx.graph import NodeProto
from paramdesk.formats.recorder import Held, path_of
from paramdesk.formats.traced import Path, Step

Names: TypeAlias = tuple[str, ...]

_GENERATED = re.compile(r"^(?:onnx::|val_\d|_?tensor_constant|const|/)|::|[\s/:;]")
"""In names that an exporter has made up."""
_ROLE = re.compile(r"\.(?:weight|bias|gamma|beta|running_\w+|in_proj_\w+|weight_[ih]h_\w+|bias_[ih]h_\w+|[\w]+)$")


class Scopes:
    """The modules of a graph by the names of its nodes.

    Args:
        nodes: of the graph.
        weights: names of its initialisers.
        is_torch: whether one of PyTorch's exporters wrote the file.
    """

    def __init__(self, nodes: Sequence[NodeProto], weights: Container[str], *, is_torch: bool) -> None:
        self.is_torch = is_torch
        self.contents: dict[Names, list[object]] = {}
        for node in nodes if is_torch else ():
            *scopes, operation = _parts(node.name)
            read = tuple([value for value in node.inputs if value in weights])
            for depth in range(1, len(scopes) + 1):
                inner = (*scopes[depth:], re.sub(r"_\d+$", "", operation))
                self.contents.setdefault(tuple(scopes[:depth]), []).append((inner, node.op, read))

    def place(self, node: NodeProto, weights: Sequence[Held] = ()) -> Path:
        """The modules that a node stands in, its own the last.

        Args:
            node: of the graph.
            weights: that it owns.
        """
        own = module_of(weights[0].name) if weights else None
        if node.scopes:
            path = _noted(node.scopes)
            return own if own is not None and path and own[:-1] == path[:-1] else path
        return self.named(node.name) or own or ()

    def named(self, name: str) -> Path:
        """The modules in the name of a node, without the operation."""
        scopes = _parts(name)[:-1]
        if not self.is_torch:
            return tuple(map(Step, scopes))
        steps: list[Step] = []
        for depth, scope in enumerate(scopes):
            inner = scope.removeprefix(f"{scopes[depth - 1]}.") if depth else scope
            called, call = self.call(tuple(scopes[: depth + 1]))
            if call:
                inner = inner.removesuffix(scope.removeprefix(called))
            *outer, last = path_of(inner) or (Step(inner),)
            steps += [*outer, Step(last.name, call)]
        return tuple(steps)

    def call(self, scopes: Names) -> tuple[str, int]:
        """The module behind the last of some names, and which of its calls: `relu_1` may be the second of `relu`.

        It is if both hold the same.
        """
        match = re.fullmatch(r"(.+)_(\d+)", scopes[-1])
        if match is None:
            return scopes[-1], 0
        first = self.contents.get((*scopes[:-1], match[1]))
        return (match[1], int(match[2])) if first == self.contents.get(scopes) else (scopes[-1], 0)


def _parts(name: str) -> list[str]:
    """The parts of a path in the name of a node; the last is the operation."""
    return ([part for part in name.split("/") if part] if "/" in name else []) or [""]


def module_of(weight: str) -> Path | None:
    """The module that a weight belongs to by its name; None if that is no module's."""
    if _GENERATED.search(weight) or not _ROLE.search(weight):
        return None
    return path_of(weight)[:-1]


def is_given_name(name: str) -> bool:
    """Whether a name is one that an author gave, and none that an exporter made up."""
    return not _GENERATED.search(name)


def _noted(scopes: str) -> Path:
    """The deepest module of a note; what stands behind it is the operation."""
    names = re.findall(r"'([^']*)'", scopes) if scopes.startswith("[") else _from_namespace(scopes)
    return path_of(names[-2]) if len(names) > 1 else ()


def _from_namespace(scopes: str) -> list[str]:
    return [part.partition(":")[0].strip() for part in scopes.split("/")]


def function_name(op: str) -> str:
    """What a row is called that stands for no module."""
    return snake_case(op.rpartition(".")[2]) or "operation"
