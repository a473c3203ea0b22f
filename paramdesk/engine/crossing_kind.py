"""What every kind can be asked that has to do with the other framework: what it needs there, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from paramdesk.engine.crossing import LAST, Crossing
from paramdesk.engine.digest import shown
from paramdesk.engine.errors import Refusal
from paramdesk.engine.option import foreign_options, inner_kinds, options_of, refused_options
from paramdesk.engine.shape import NAMES, Framework, TensorSpec

if TYPE_CHECKING:
    from paramdesk.engine.architecture import Source
    from paramdesk.engine.layer_kind import LayerKind


class CrossingKind(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the kinds, which are all `LayerKind`s."""

    @classmethod
    def inputs_needed(cls, framework: Framework) -> int:
        """How many inputs a framework calls it on at least, where one tensor may stand for several of them."""
        return 1

    def refuse_foreign(self, framework: Framework) -> None:
        """Refuses options that a framework does not have, of the kind and of those inside it.

        Raises:
            Refusal: one of them is set.
        """
        for name in inner_kinds(type(self)):
            inside = getattr(self, name)
            for kind in inside if isinstance(inside, tuple) else (inside,) if inside else ():
                kind.refuse_foreign(framework)
        said = {name: value for name, value in refused_options(type(self), framework) if getattr(self, name) != value}
        for name in said:
            option, value = options_of(type(self))[name], getattr(self, name)
            reason = f"{option.label.lower()}: {NAMES[framework]} has no such option"
            if option.unsaid == "dropped":
                words = option.label.lower()
                if value is not True:
                    words = f"{words} {shown(value, ' × ')} {option.words}".rstrip()
                reason = f"it says “{words}”, which {NAMES[framework]} does not write down: leave that out"
            raise Refusal(reason, name, (said,))

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        """Where an input of it, in a network of a framework, has its channels if they come first.

        `LAST`: they stay behind the other axes there too. None: it takes them wherever they are.

        Args:
            x: the input as it is now.
            framework: of the network that it goes to.
        """
        return LAST

    def sources_in(self, framework: Framework, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        """What it reads, in the order in which another framework takes it."""
        return sources

    def crossed(self, crossing: Crossing) -> LayerKind:
        """What the other framework has for the same work; what that cannot say stays, and is refused there."""
        changes: dict[str, object] = {
            name: default
            for name, default in foreign_options(type(self), crossing.framework)
            if options_of(type(self))[name].unsaid == "dropped"
        }
        axis, option = getattr(self, "axis", None), options_of(type(self)).get("axis")
        if option is not None and option.only in (None, crossing.source):
            if isinstance(axis, int):
                changes["axis"] = crossing.axis(axis)
            elif isinstance(axis, tuple):
                changes["axis"] = tuple([crossing.axis(one) for one in axis])
        for name in inner_kinds(type(self)):
            inside = getattr(self, name)
            if isinstance(inside, tuple):
                changes[name] = tuple([kind.crossed(crossing) for kind in inside])
            elif inside:
                changes[name] = inside.crossed(crossing)
        changes = {name: value for name, value in changes.items() if value != getattr(self, name)}
        return cast("LayerKind", msgspec.structs.replace(self, **changes) if changes else self)
