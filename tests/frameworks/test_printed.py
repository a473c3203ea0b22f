"""Modules are understood from what PyTorch prints of them, and nothing printed is run."""

import pytest

from paramdesk.engine.errors import InvalidOptions
from paramdesk.frameworks.printed import arguments_in, read_printed
from paramdesk.frameworks.torch import read_module


def test_that_a_printed_module_is_what_was_made():
    printed = "64, 128, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), groups=4, bias=False"
    arguments = {"in_channels": 64, "out_channels": 128, "kernel_size": 3, "stride": 2, "padding": 1}
    made = read_module("Conv2d", {**arguments, "groups": 4, "bias": False})
    assert read_printed("Conv2d", printed) == made
    assert read_printed("Linear", "in_features=5, out_features=3, bias=True").kind.units == 3


def test_that_words_may_stand_without_quotes():
    assert read_printed("Conv1d", "4, 6, kernel_size=(1,), stride=(1,), padding=same").kind.padding == "same"


@pytest.mark.parametrize(
    "printed",
    [
        "__import__('os').system('true')",
        "3, 4, kernel_size=open('x')",
        "3 +",
        ")",
        "x" * 3000,
        "f'{1}'",
        "*args",
        "a.b",
    ],
)
def test_that_what_is_no_value_is_refused_and_never_run(printed):
    with pytest.raises(InvalidOptions):
        read_printed("Conv2d", printed)


def test_that_signs_and_sizes_are_values():
    assert arguments_in("torch.Size([2, 3]), dim=-1, eps=1e-05") == ([(2, 3)], {"dim": -1, "eps": 1e-05})
