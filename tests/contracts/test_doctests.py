"""The examples in the engine's docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import paramdesk


def engine_modules():
    names = [m.name for m in pkgutil.walk_packages(paramdesk.__path__, "paramdesk.")]
    return [name for name in names if name.startswith("paramdesk.engine")]


@pytest.mark.parametrize("name", engine_modules())
def test_that_examples_give_what_they_show(name):
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=flags)
    assert failed == 0
