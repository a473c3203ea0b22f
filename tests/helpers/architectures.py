"""Random architectures: every kind, random options, blocks, merges, names that ask for trouble."""

import msgspec
from hypothesis import strategies as st

from paramdesk.engine.architecture import Architecture, Block, Layer, Source
from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.layer_kind import kinds

AWKWARD = ("x", "x:1", "x:1:2", "=1+1", 'a "b"', "a/b", "é", "层", "a\nb", "layers[0]", "name", "#2")
names = st.one_of(st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=6,
)
extras = st.just({}) | st.dictionaries(st.text("abcdef_", min_size=1, max_size=4), json_values, max_size=3)


def values_of(hint):
    """Values that a field of this type may have; None where no simple ones are known."""
    inspect = msgspec.inspect
    match hint:
        case inspect.Metadata():
            return values_of(hint.type)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.IntType():
            low = hint.ge if hint.ge is not None else -9 if hint.gt is None else hint.gt + 1
            return st.integers(low, hint.le if hint.le is not None else low + 600)
        case inspect.FloatType():
            bounds = {"min_value": hint.ge, "max_value": hint.le} if hint.ge is not None else {}
            return st.floats(**bounds, allow_nan=False, allow_infinity=False)
        case inspect.LiteralType():
            return st.sampled_from(hint.values)
        case inspect.TupleType():
            items = [values_of(item) for item in hint.item_types]
            return None if None in items else st.tuples(*items)
        case inspect.VarTupleType():
            item = values_of(hint.item_type)
            return None if item is None else st.lists(item, max_size=4).map(tuple)
        case inspect.UnionType():
            found = [values for values in map(values_of, hint.types) if values is not None]
            return st.one_of(found) if found else None
    return None


@st.composite
def random_kinds(draw, choice=None):
    """A kind with random options: whatever its fields take, sensible or not."""
    kind = draw(st.sampled_from(choice or sorted(kinds().values(), key=lambda kind: kind.title())))
    preset = kind.preset()
    changes = {}
    for field in msgspec.inspect.type_info(kind).fields:
        values = values_of(field.type)
        if values is not None and draw(st.booleans()):
            changes[field.name] = draw(values)
    try:
        return preset.changed(**changes)
    except InvalidOptions:  # a kind may know more of what goes together than its types tell
        return preset


class _Names:
    """Hands out names and ids, in order."""

    def __init__(self, given):
        self.given = list(given)
        self.next_id = 0

    def take(self):
        self.next_id += 1
        return self.next_id - 1, self.given.pop()


@st.composite
def architectures(draw):
    supply = _Names(draw(st.lists(names, unique=True, max_size=10)))
    nodes, visible = draw_nodes(draw, supply, [], 0)
    outputs = draw_sources(draw, visible)
    about = draw(st.just({}) | st.fixed_dictionaries({"about": json_values}))
    return Architecture(
        draw(names),
        nodes,
        outputs,
        draw(st.sampled_from(["keras", "pytorch"])),
        draw(st.sampled_from(["channels_last", "channels_first"])),
        supply.next_id,
        {**about, **draw(extras)},
    )


def draw_nodes(draw, supply, visible, depth):
    nodes = []
    while supply.given and draw(st.integers(0, 9)):
        node = draw_block if depth < 3 and len(supply.given) > 1 and not draw(st.integers(0, 3)) else draw_layer
        nodes.append(node(draw, supply, visible, depth))
        visible = [*visible, *outputs_of(nodes[-1])]
    if depth and not nodes:
        nodes.append(draw_layer(draw, supply, visible, depth))
        visible = [*visible, *outputs_of(nodes[-1])]
    return tuple(nodes), visible


def outputs_of(node):
    """What can be read of a node: the exits of a block; of a layer perhaps more than there is."""
    count = len(node.outputs) if isinstance(node, Block) else 3
    return [Source(node.id, output) for output in range(count)]


def draw_sources(draw, visible):
    if not visible:
        return ()
    if draw(st.booleans()):
        first = next(source for source in reversed(visible) if source.output == 0)
        return (first,)
    return tuple(draw(st.lists(st.sampled_from(visible), max_size=3)))


def draw_layer(draw, supply, visible, _depth):
    layer_id, name = supply.take()
    return Layer(layer_id, name, draw(random_kinds()), draw_sources(draw, visible), draw(st.booleans()), draw(extras))


def draw_block(draw, supply, visible, depth):
    block_id, name = supply.take()
    inputs = draw_sources(draw, visible)
    entrances = [Source(block_id, entrance) for entrance in range(len(inputs))]
    layers, inside = draw_nodes(draw, supply, entrances, depth + 1)
    outputs = draw_sources(draw, inside)
    repeat = draw(st.integers(1, 4)) if len(outputs) == len(inputs) else 1
    return Block(block_id, name, inputs, outputs, layers, repeat)
