"""Edits of weights that several layers share: the same layer, called again."""

from __future__ import annotations

import msgspec

from paramdesk.engine.architecture import Architecture, Layer, Node
from paramdesk.engine.edits import Edit
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.naming import as_new
from paramdesk.engine.owners import call_name, on_their_own, sharing
from paramdesk.engine.places import Place, list_of, names_in, nodes_of, with_nodes
from paramdesk.engine.wiring import dropped


def call_again(architecture: Architecture, layer_id: int) -> Edit:
    """The same layer once more, below: it uses the weights that there are.

    Raises:
        EditRefused: it is no layer, or one that reads nothing.
    """
    layer = architecture.node(layer_id)
    if not isinstance(layer, Layer) or layer.kind.is_input:
        raise EditRefused("Only a layer that reads something can be called again.")
    owner = layer.id if layer.weights_of is None else layer.weights_of
    place = Place(layer_id, list_of(architecture, layer_id).block)
    taken = names_in(architecture, place.block)
    name = call_name(architecture.node(owner).name, taken)
    call = msgspec.structs.replace(layer, id=architecture.next_id, name=name, weights_of=owner)
    fresh, next_id = as_new(architecture, (call,), taken)
    grown = msgspec.structs.replace(architecture, next_id=next_id)
    result = dropped(grown, fresh, place, {}, drops_unreachable=True)
    return Edit(result, f"Call {layer.name} again", (fresh[0].id,))


def share_weights(architecture: Architecture, layer_id: int, owner_id: int) -> Edit:
    """A layer that uses the weights of another one: it becomes the same layer, called again.

    Raises:
        EditRefused: one of them is no layer, or they are the same.
    """
    layer, owner = architecture.node(layer_id), architecture.node(owner_id)
    if not isinstance(layer, Layer) or not isinstance(owner, Layer):
        raise EditRefused("Only a layer can use another layer's weights.")
    root = owner.id if owner.weights_of is None else owner.weights_of
    if root == layer.id:
        raise EditRefused(f"{owner.name} uses the weights of {layer.name} already.")
    changed: dict[int, Node] = {
        same.id: msgspec.structs.replace(
            same, kind=owner.kind, trainable=owner.trainable, weights_of=root, weights=None
        )
        for same in sharing(architecture, layer)
        if layer.weights_of is None or same.id == layer.id
    }
    return Edit(with_nodes(architecture, changed), f"Share weights of {owner.name} with {layer.name}", (layer_id,))


def own_weights(architecture: Architecture, node_id: int) -> Edit:
    """A layer, or a block with all that is in it, with weights of its own again."""
    node = architecture.node(node_id)
    result = on_their_own(architecture, nodes_of(node), architecture)
    return Edit(result, f"Give {node.name} weights of its own", (node_id,))
