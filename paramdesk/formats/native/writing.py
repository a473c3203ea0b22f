"""From an architecture to the text of paramdesk's own format: one layer a line, in a stable order."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.places import paths_of
from paramdesk.formats.json_text import compact, spread
from paramdesk.formats.kind_values import value_of

LONG_LINE = 140
"""A layer that takes more has its extras on a line of their own."""


def text_of(architecture: Architecture, version: int) -> str:
    """The file's text."""
    writer = _Writer(architecture)
    layers = architecture.layers
    head: dict[str, object] = {"paramdesk": version, "name": architecture.name}
    if architecture.framework != "keras":
        head["framework"] = architecture.framework
    if architecture.layout != "channels_last":
        head["layout"] = architecture.layout
    extras = dict(architecture.extras)
    parts = [f'"{key}": {compact(value)}' for key, value in head.items()]
    if "about" in extras:
        parts.append(f'"about": {spread(extras.pop("about"), "  ")}')
    if extras:
        parts.append(f'"extras": {spread(extras, "  ")}')
    parts.append(f'"layers": {writer.list_of(layers, (), "  ")}')
    if architecture.outputs != _below(layers):
        parts.append(f'"outputs": {compact(writer.references(architecture.outputs))}')
    return "{\n  " + ",\n  ".join(parts) + "\n}\n"


class _Writer:
    """Writes the nodes of an architecture."""

    def __init__(self, architecture: Architecture) -> None:
        self.names = {node.id: node.name for node in architecture.nodes()}
        self.paths: dict[int | None, str] = dict(paths_of(architecture).items())
        self.taken = set(self.names.values())

    def list_of(self, nodes: tuple[Node, ...], above: tuple[Source, ...], margin: str) -> str:
        """Nodes as a list, each at the beginning of a line; `above` is what the first one reads unasked."""
        lines = []
        for node in nodes:
            write = self.block if isinstance(node, Block) else self.layer
            lines.append(f"{margin}  {write(node, above, margin + '  ')}")  # type: ignore[arg-type]  # the two cases
            above = _exit_of(node)
        return "[\n" + ",\n".join(lines) + f"\n{margin}]" if lines else "[]"

    def layer(self, layer: Layer, above: tuple[Source, ...], margin: str) -> str:
        """A layer, in one line if it is not long."""
        value: dict[str, object] = {"name": layer.name, **value_of(layer.kind)}
        if layer.inputs != (() if layer.kind.is_input else above):
            value["inputs"] = self.references(layer.inputs)
        if not layer.trainable:
            value["trainable"] = False
        if layer.weights_of in self.paths:
            value["weights_of"] = self.paths[layer.weights_of]
        if layer.weights is not None:
            value["weights"] = msgspec.to_builtins(layer.weights)
        if not layer.extras:
            return compact(value)
        line = compact({**value, "extras": layer.extras})
        if len(line) <= LONG_LINE:
            return line
        return f'{compact(value)[:-1]},\n{margin}  "extras": {compact(layer.extras)}}}'

    def block(self, block: Block, above: tuple[Source, ...], margin: str) -> str:
        """A block, its layers on lines of their own."""
        head: dict[str, object] = {"block": block.name}
        if block.repeat != 1:
            head["repeat"] = block.repeat
        if block.weights_of in self.paths:
            head["weights_of"] = self.paths[block.weights_of]
        if block.inputs != above:
            head["inputs"] = self.references(block.inputs)
        entrance = (Source(block.id),) if block.inputs else ()
        layers = self.list_of(block.layers, entrance, margin)
        text = f'{compact(head)[:-1]}, "layers": {layers}'
        if block.outputs != _below(block.layers):
            text += f', "outputs": {compact(self.references(block.outputs))}'
        if block.extras:
            text += f', "extras": {compact(block.extras)}'
        return text + "}"

    def references(self, sources: Iterable[Source]) -> list[object]:
        """What is read, by name."""
        return [self._reference(source) for source in sources]

    def _reference(self, source: Source) -> object:
        name = self.names[source.layer]
        if not source.output:
            return name
        short = f"{name}:{source.output}"
        return [name, source.output] if short in self.taken else short


def _below(nodes: tuple[Node, ...]) -> tuple[Source, ...]:
    """What a row below these nodes reads unasked."""
    return _exit_of(nodes[-1]) if nodes else ()


def _exit_of(node: Node) -> tuple[Source, ...]:
    return () if isinstance(node, Block) and not node.outputs else (Source(node.id),)
