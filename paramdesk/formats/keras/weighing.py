"""What a file holds of weights, added to an architecture where its configuration alone does not tell them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, map_layers
from paramdesk.engine.kinds.unknown import Unknown
from paramdesk.engine.naming import unique_name
from paramdesk.engine.weight import StatedWeight
from paramdesk.formats.weight_table import CLASS


def weighed(
    architecture: Architecture, weights: Mapping[str, tuple[StatedWeight, ...]], own: tuple[StatedWeight, ...] = ()
) -> Architecture:
    """The architecture with what a file states of weights.

    Args:
        architecture: read from the file's configuration.
        weights: of its layers, by their paths.
        own: of the model itself: they become a row.
    """
    lacking = {
        report.layer.id: report.path
        for report in analyze(architecture).layers
        if report.parameters is None and report.layer.weights_of is None and not report.layer.kind.is_foreign
    }
    stated = {layer: weights[path] for layer, path in lacking.items() if path in weights}
    if not any(stated.values()) and not any(map(weights.get, weights)):  # of a model that was not built yet
        stated = {}

    def with_weights(layer: Layer) -> Layer:
        return msgspec.structs.replace(layer, weights=stated[layer.id]) if layer.id in stated else layer

    layers = map_layers(architecture.layers, with_weights) if stated else architecture.layers
    if not own:
        return msgspec.structs.replace(architecture, layers=layers)
    name = unique_name("own_weights", {node.name for node in layers})
    row = Layer(architecture.next_id, name, Unknown(class_name=CLASS, stated_weights=own))
    return msgspec.structs.replace(architecture, layers=(*layers, row), next_id=architecture.next_id + 1)
