"""Every action, declared once: what it says, how it is reached, what it does and when it can be done.

Menus and tool bar are made from this list, in its order; so are the keyboard page of the help and a contract test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec
from PySide6.QtGui import QAction, QKeySequence

from paramdesk.engine.architecture import Block, Layer
from paramdesk.ui.document.document import Document

__all__ = ["ACTIONS", "FILLED_MENUS", "MENUS", "RECENT", "ROW_MENU", "TEMPLATES", "ActionSpec", "When"]

Key = QKeySequence.StandardKey
When: TypeAlias = Callable[[Document], bool]


class ActionSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One action.

    Attributes:
        id: its name in the program and in tests, "menu.verb".
        text: in the menu, with its mnemonic.
        tip: what it does, in a sentence for the status bar.
        handler: "owner.method", called without arguments.
        menu: where it stands: the menu, and a submenu of it.
        shortcuts: keys; standard ones differ by platform. The first is shown.
        icon: name of its icon; empty: none, on purpose.
        separated: whether a line stands before it in its menu.
        tool: whether and how it stands in the tool bar.
        enabled: when it can be done.
        checked: makes it a tick, and names the state that sets it.
        role: where macOS moves it.
    """

    id: str
    text: str
    tip: str
    handler: str
    menu: tuple[str, ...]
    shortcuts: tuple[QKeySequence.StandardKey | str, ...] = ()
    icon: str = ""
    separated: bool = False
    tool: Literal["", "icon", "text"] = ""
    enabled: When | None = None
    checked: str = ""
    role: QAction.MenuRole = QAction.MenuRole.NoRole

    @property
    def plain_text(self) -> str:
        """The text without mnemonic and dots, as tooltips show it."""
        return self.text.replace("&&", "\0").replace("&", "").replace("\0", "&").removesuffix("…")

    def sequences(self) -> list[QKeySequence]:
        """The keys of this platform."""
        found: list[QKeySequence] = []
        for key in self.shortcuts:
            bindings = [QKeySequence(key)] if isinstance(key, str) else QKeySequence.keyBindings(key)
            # The further bindings of a standard key (Shift+Delete for Cut) would get in other actions' way.
            found += [binding for binding in bindings[:1] if binding not in found]
        return found


# When -----------------------------------------------------------------------------------------------------------------


def can_undo(document: Document) -> bool:
    """There is a step to take back."""
    return document.undo_stack.canUndo()


def can_redo(document: Document) -> bool:
    """There is a step to make again."""
    return document.undo_stack.canRedo()


def has_layers(document: Document) -> bool:
    """There is a row."""
    return bool(document.architecture.layers)


def has_selection(document: Document) -> bool:
    """A row is selected."""
    return bool(document.selection.ids)


def has_few_selected(document: Document) -> bool:
    """One row is selected, or none and the network is meant."""
    return len(document.selection.ids) <= 1


def has_one_selected(document: Document) -> bool:
    """Exactly one row is selected."""
    return len(document.selection.ids) == 1


def has_selected_layer(document: Document) -> bool:
    """A layer is selected."""
    nodes = document.nodes
    return any(isinstance(nodes.get(node_id), Layer) for node_id in document.selection.ids)


def has_selected_block(document: Document) -> bool:
    """A block is selected."""
    nodes = document.nodes
    return any(isinstance(nodes.get(node_id), Block) for node_id in document.selection.ids)


def has_block(document: Document) -> bool:
    """There is a block somewhere."""
    return Block in map(type, document.architecture.layers)  # the quickest way through thousands of nodes


def has_one_layer_selected(document: Document) -> bool:
    """Exactly one row is selected, and it is a layer."""
    return has_one_selected(document) and has_selected_layer(document)


# The actions ----------------------------------------------------------------------------------------------------------

MENUS: tuple[str, ...] = ("&File", "&Edit", "&View", "&Layer", "&Help")

FILE, EDIT, VIEW, LAYER, HELP = ((name,) for name in MENUS)
TEMPLATES = (*FILE, "New from &Template")
RECENT = (*FILE, "Open &Recent")
THEME = (*VIEW, "&Theme")
TEXT = (*VIEW, "Te&xt Size")

_Role = QAction.MenuRole

ACTIONS: tuple[ActionSpec, ...] = (
    # File
    ActionSpec(
        id="file.new", text="&New", tip="Begin with an empty stack", handler="files.new",
        menu=FILE, shortcuts=(Key.New,), icon="new", tool="icon",
    ),
    ActionSpec(
        id="file.new_window", text="New &Window", tip="Open a further window, to copy or drag layers between the two",
        handler="windows.new_window", menu=FILE, shortcuts=("Ctrl+Shift+N",),
    ),
    ActionSpec(
        id="file.open", text="&Open…", tip="Open an architecture from a file", handler="files.open",
        menu=FILE, shortcuts=(Key.Open,), icon="open", tool="icon", separated=True,
    ),
    ActionSpec(
        id="file.clear_recent", text="&Clear", tip="Forget the files that were open recently",
        handler="files.clear_recent", menu=RECENT, separated=True,
    ),
    ActionSpec(
        id="file.save", text="&Save", tip="Write the architecture to its file", handler="files.save",
        menu=FILE, shortcuts=(Key.Save,), icon="save", tool="icon", separated=True,
    ),
    ActionSpec(
        id="file.save_as", text="Save &As…", tip="Write the architecture to another file, in any format it fits",
        handler="files.save_as", menu=FILE, shortcuts=("Ctrl+Shift+S",),
    ),
    ActionSpec(
        id="file.export_csv", text="&Export CSV…", tip="Write the summary table as comma-separated values",
        handler="exporting.export_csv", menu=FILE, shortcuts=("Ctrl+E",), icon="export", tool="text", separated=True,
        enabled=has_layers,
    ),
    ActionSpec(
        id="file.close", text="&Close", tip="Close this window", handler="window.close",
        menu=FILE, shortcuts=("Ctrl+W",), separated=True,
    ),
    ActionSpec(
        id="file.quit", text="&Quit", tip="Close all windows and end paramdesk", handler="windows.quit",
        menu=FILE, shortcuts=("Ctrl+Q",), icon="quit", role=_Role.QuitRole,
    ),
    # Edit
    ActionSpec(
        id="edit.undo", text="&Undo", tip="Take the last step back", handler="editing.undo",
        menu=EDIT, shortcuts=(Key.Undo,), icon="undo", tool="icon", enabled=can_undo,
    ),
    ActionSpec(
        id="edit.redo", text="&Redo", tip="Make the step again that was taken back", handler="editing.redo",
        menu=EDIT, shortcuts=("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo", tool="icon", enabled=can_redo,
    ),
    ActionSpec(
        id="edit.cut", text="Cu&t", tip="Move the selected layers to the clipboard", handler="editing.cut",
        menu=EDIT, shortcuts=(Key.Cut,), icon="cut", separated=True, enabled=has_selection,
    ),
    ActionSpec(
        id="edit.copy", text="&Copy", tip="Copy the selected layers as text", handler="editing.copy",
        menu=EDIT, shortcuts=(Key.Copy,), icon="copy", enabled=has_selection,
    ),
    ActionSpec(
        id="edit.paste", text="&Paste", tip="Insert the layers on the clipboard after the selection",
        handler="editing.paste", menu=EDIT, shortcuts=(Key.Paste,), icon="paste",
    ),
    ActionSpec(
        id="edit.duplicate", text="&Duplicate", tip="Insert copies of the selected layers below them",
        handler="editing.duplicate", menu=EDIT, shortcuts=("Ctrl+D",), icon="dup", tool="icon", enabled=has_selection,
    ),
    ActionSpec(
        id="edit.delete", text="De&lete", tip="Remove the selected layers", handler="editing.delete",
        menu=EDIT, shortcuts=(Key.Delete,), icon="delete", tool="icon", enabled=has_selection,
    ),
    ActionSpec(
        id="edit.select_all", text="Select &All", tip="Select every layer", handler="editing.select_all",
        menu=EDIT, shortcuts=(Key.SelectAll,), separated=True, enabled=has_layers,
    ),
    ActionSpec(
        id="edit.find", text="&Find a Layer", tip="Search the layers that can be inserted",
        handler="viewing.find", menu=EDIT, shortcuts=("Ctrl+F",), icon="search", separated=True,
    ),
    # View
    ActionSpec(
        id="view.palette", text="&Layers", tip="Show or hide the layers that can be inserted",
        handler="viewing.toggle_palette", menu=VIEW, shortcuts=("Ctrl+1",), checked="palette",
    ),
    ActionSpec(
        id="view.table", text="Summary Ta&ble", tip="Show or hide the summary table",
        handler="viewing.toggle_table", menu=VIEW, shortcuts=("Ctrl+2",), checked="table",
    ),
    ActionSpec(
        id="view.chart", text="&Chart", tip="Show or hide the chart",
        handler="viewing.toggle_chart", menu=VIEW, shortcuts=("Ctrl+3",), checked="chart",
    ),
    ActionSpec(
        id="view.inspector", text="&Inspector", tip="Show or hide the properties of the selected layer",
        handler="viewing.toggle_inspector", menu=VIEW, shortcuts=("Ctrl+4",), checked="inspector",
    ),
    ActionSpec(
        id="view.bottom", text="Table &and Chart", tip="Show or hide the table and the chart together",
        handler="viewing.toggle_bottom", menu=VIEW, shortcuts=("Ctrl+B",), checked="bottom",
    ),
    ActionSpec(
        id="view.fold_all", text="F&old All Blocks", tip="Show every block as one row", handler="blocks.fold_all",
        menu=VIEW, shortcuts=("Ctrl+Shift+Left",), icon="fold", separated=True, enabled=has_block,
    ),
    ActionSpec(
        id="view.unfold_all", text="&Unfold All Blocks", tip="Show what is in every block",
        handler="blocks.unfold_all", menu=VIEW, shortcuts=("Ctrl+Shift+Right",), icon="unfold", enabled=has_block,
    ),
    ActionSpec(
        id="view.reset_layout", text="&Reset Layout", tip="Put every panel back to its first place and size",
        handler="viewing.reset_layout", menu=VIEW, separated=True,
    ),
    ActionSpec(
        id="view.theme_system", text="&System", tip="Light or dark as the system asks", handler="viewing.use_system",
        menu=THEME, checked="theme_system", separated=True,
    ),
    ActionSpec(
        id="view.theme_light", text="&Light", tip="Always light", handler="viewing.use_light",
        menu=THEME, icon="sun", checked="theme_light",
    ),
    ActionSpec(
        id="view.theme_dark", text="&Dark", tip="Always dark", handler="viewing.use_dark",
        menu=THEME, icon="moon", checked="theme_dark",
    ),
    ActionSpec(
        id="view.larger", text="&Larger Text", tip="Enlarge all text and everything around it",
        handler="viewing.larger", menu=TEXT, shortcuts=(Key.ZoomIn, "Ctrl+="),
    ),
    ActionSpec(
        id="view.smaller", text="&Smaller Text", tip="Make all text and everything around it smaller",
        handler="viewing.smaller", menu=TEXT, shortcuts=(Key.ZoomOut,),
    ),
    ActionSpec(
        id="view.normal", text="&Normal Text", tip="Text in the size of the system", handler="viewing.normal",
        menu=TEXT, shortcuts=("Ctrl+0",),
    ),
    ActionSpec(
        id="view.full_screen", text="&Full Screen", tip="Fill the screen, or go back to a window",
        handler="viewing.toggle_full_screen", menu=VIEW, shortcuts=("F11",), checked="full_screen", separated=True,
    ),
    # Layer
    ActionSpec(
        id="layer.rename", text="&Rename", tip="Give the selected layer, or the network, another name",
        handler="viewing.rename", menu=LAYER, shortcuts=("F2",), icon="edit", enabled=has_few_selected,
    ),
    ActionSpec(
        id="layer.move_up", text="Move &Up", tip="Move the selected layers past the row above",
        handler="editing.move_up", menu=LAYER, shortcuts=("Alt+Up",), icon="move-up", separated=True,
        enabled=has_selection,
    ),
    ActionSpec(
        id="layer.move_down", text="Move &Down", tip="Move the selected layers past the row below",
        handler="editing.move_down", menu=LAYER, shortcuts=("Alt+Down",), icon="move-down", enabled=has_selection,
    ),
    ActionSpec(
        id="layer.trainable", text="&Trainable", tip="Train the selected layers' weights, or freeze them",
        handler="editing.toggle_trainable", menu=LAYER, shortcuts=("Ctrl+T",), checked="trainable", separated=True,
        enabled=has_selection,
    ),
    ActionSpec(
        id="layer.connect", text="&Connect…", tip="Choose what the selected layer reads",
        handler="viewing.connect_layer", menu=LAYER, shortcuts=("Ctrl+L",), icon="link", enabled=has_one_selected,
        separated=True,
    ),
    ActionSpec(
        id="layer.returned", text="Network &Output", handler="blocks.toggle_returned",
        tip="Return what the selected row makes from the network, or from the block that it stands in",
        menu=LAYER, checked="returned", enabled=has_one_selected,
    ),
    ActionSpec(
        id="layer.call_again", text="C&all Again", handler="blocks.call_again",
        tip="Insert the selected layer once more below itself, with the same weights",
        menu=LAYER, shortcuts=("Ctrl+Shift+D",), enabled=has_one_layer_selected,
    ),
    ActionSpec(
        id="layer.group", text="&Group", tip="Put the selected rows together into a block", handler="blocks.group",
        menu=LAYER, shortcuts=("Ctrl+G",), icon="group", separated=True, tool="icon", enabled=has_selection,
    ),
    ActionSpec(
        id="layer.ungroup", text="U&ngroup", tip="Take the selected block apart, repetition by repetition",
        handler="blocks.ungroup", menu=LAYER, shortcuts=("Ctrl+Shift+G",), icon="ungroup",
        enabled=has_selected_block,
    ),
    ActionSpec(
        id="layer.find_repeats", text="&Find Repeats",
        tip="Fold equal runs of rows into blocks that are repeated; no number changes",
        handler="blocks.find_repeats", menu=LAYER, enabled=has_layers,
    ),
    # Help
    ActionSpec(
        id="help.guide", text="&Guide and Keys", tip="How paramdesk is used, and every key", handler="viewing.guide",
        menu=HELP, shortcuts=("F1",), icon="help",
    ),
    ActionSpec(
        id="help.reference", text="&How We Count", tip="What every number means, for every kind of layer",
        handler="viewing.reference", menu=HELP, shortcuts=("Ctrl+F1",),
    ),
    ActionSpec(
        id="help.kind", text="About This &Kind of Layer", tip="The rules and formulas of the selected layer's kind",
        handler="viewing.kind_page", menu=HELP, shortcuts=("Shift+F1",), enabled=has_selected_layer,
    ),
    ActionSpec(
        id="help.about", text="&About paramdesk", tip="Version and licences", handler="viewing.about",
        menu=HELP, icon="info", role=_Role.AboutRole, separated=True,
    ),
)  # fmt: skip
"""All actions, in the order of menus and tool bar."""

FILLED_MENUS: dict[str, tuple[str, ...]] = {"file.new_window": TEMPLATES, "file.open": RECENT}
"""Submenus whose entries are found when they open, each by the action that it stands below."""

ROW_MENU: tuple[str | None, ...] = (
    "edit.cut", "edit.copy", "edit.paste", None, "edit.duplicate", "edit.delete", None,
    "layer.rename", "layer.move_up", "layer.move_down", None, "layer.group", "layer.ungroup", None,
    "layer.trainable", "layer.connect", "layer.returned", "layer.call_again", None, "help.kind",
)  # fmt: skip
"""The menu of a row, by ids; None is a line."""
