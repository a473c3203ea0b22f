"""Every action is declared whole: text, key, icon, place, handler, words for the status bar."""

import re
from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence

from paramdesk.resources import resource_path
from paramdesk.ui.window.actions import ACTIONS, FILLED_MENUS, MENUS, ROW_MENU

BY_ID = {spec.id: spec for spec in ACTIONS}
EACH = pytest.mark.parametrize("spec", ACTIONS, ids=list(BY_ID))


def test_that_no_id_is_given_twice():
    assert len(BY_ID) == len(ACTIONS)


@EACH
def test_that_an_action_says_what_it_is_and_does(spec):
    assert spec.text
    assert spec.plain_text
    assert spec.tip
    assert not spec.tip.endswith(".")
    assert spec.tip != spec.plain_text


@EACH
def test_that_an_action_has_an_icon_or_none_on_purpose(spec):
    assert not spec.icon or resource_path("icons", f"{spec.icon}.svg").exists()
    assert spec.icon or not spec.tool


@EACH
def test_that_an_action_is_reachable_in_a_menu(spec):
    assert spec.menu[0] in MENUS
    assert len(spec.menu) <= 2


def test_that_no_key_has_two_meanings(qapp):
    keys = Counter(key.toString() for spec in ACTIONS for key in spec.sequences())
    assert [key for key, count in keys.items() if count > 1] == []


@EACH
def test_that_every_key_is_one(qapp, spec):
    assert len(spec.sequences()) == len(spec.shortcuts)
    assert all(not key.isEmpty() and key != QKeySequence("Unknown") for key in spec.sequences())


@pytest.mark.parametrize("menu", sorted({spec.menu for spec in ACTIONS}))
def test_that_no_mnemonic_stands_twice_in_a_menu(menu):
    texts = [spec.text for spec in ACTIONS if spec.menu == menu]
    texts += [path[-1] for path in {s.menu for s in ACTIONS} | set(FILLED_MENUS.values()) if path[:-1] == menu]
    letters = Counter(match[1].lower() for text in texts if (match := re.search(r"&(\w)", text)))
    assert [letter for letter, count in letters.items() if count > 1] == []


def test_that_what_is_named_elsewhere_exists():
    assert {name for name in ROW_MENU if name} <= BY_ID.keys()
    assert FILLED_MENUS.keys() <= BY_ID.keys()
