"""Dimensions that are not known, and the arithmetic of windows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paramdesk.engine.shape import UNKNOWN, Unknown, internal, is_known, public, same_size, text, times, valid_size


@pytest.mark.parametrize("result", [UNKNOWN + 1, 1 + UNKNOWN, UNKNOWN * 0, 3 - UNKNOWN, UNKNOWN // 2, -UNKNOWN])
def test_that_arithmetic_with_an_unknown_dimension_is_unknown(result):
    assert not is_known(result)


@pytest.mark.parametrize("claim", [UNKNOWN < 1, UNKNOWN >= 1, UNKNOWN == 1, UNKNOWN != 1, Unknown() == UNKNOWN])
def test_that_nothing_can_be_said_of_an_unknown_dimension(claim):
    assert claim is False


def test_that_an_unknown_dimension_is_neither_true_nor_false():
    with pytest.raises(TypeError, match="unknown"):
        bool(UNKNOWN)


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**6))))
def test_that_a_shape_comes_back_from_the_engine_as_it_went_in(dims):
    assert public(internal(dims)) == tuple(dims)


def test_that_a_shape_is_written_as_the_frameworks_do():
    assert text((None, 28, 28, 1)) == "(None, 28, 28, 1)"
    assert text((UNKNOWN,)) == "(None,)"
    assert times((UNKNOWN, 3)) == "?×3"


@given(n=st.integers(1, 300), kernel=st.integers(1, 20), stride=st.integers(1, 9), dilation=st.integers(1, 4))
def test_that_a_window_without_padding_has_as_many_places_as_one_can_count(n, kernel, stride, dilation):
    span = dilation * (kernel - 1) + 1
    places = len(range(0, n - span + 1, stride))
    assert max(valid_size(n, kernel, stride, dilation), 0) == places


@given(n=st.integers(1, 300), stride=st.integers(1, 9))
def test_that_same_padding_starts_a_window_at_every_stride(n, stride):
    assert same_size(n, stride) == len(range(0, n, stride))
