"""Names of layers that come into an architecture."""

import time

import pytest

from paramdesk.engine.naming import unique_name
from paramdesk.engine.owners import call_name


@pytest.mark.parametrize(("number", "expected"), [(1, "relu"), (2, "relu_1"), (9, "relu_8"), (5000, "relu_4999")])
def test_that_names_are_numbered_without_a_gap(number, expected):
    taken: set[str] = set()
    for _each in range(number):
        name = unique_name("relu", taken)
        assert name not in taken
        taken.add(name)
    assert name == expected


def test_that_a_number_that_became_free_is_given_again():
    assert unique_name("relu", {"relu", "relu_1", "relu_3"}) == "relu_2"


def test_that_a_name_is_free_however_the_taken_ones_are_spread():
    taken = {"relu", *(f"relu_{number}" for number in range(1, 500) if number % 97)}
    for _each in range(600):
        name = unique_name("relu", taken)
        assert name not in taken
        taken.add(name)


def test_that_many_names_take_no_time():
    taken: set[str] = set()
    start = time.perf_counter()
    for make in (unique_name, call_name):
        for _each in range(20_000):
            taken.add(make("relu", taken))
    assert time.perf_counter() - start < 3
    assert len(taken) == 40_000
