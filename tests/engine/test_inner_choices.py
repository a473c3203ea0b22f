"""What the window offers for an option that is a layer: found by trying."""

import pytest

from paramdesk.engine.inner_choices import choices_inside
from paramdesk.engine.layer_kind import kinds

WRAPPERS = {
    ("Bidirectional", "layer"): {"LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"},
    ("RNN", "cell"): {"LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"},
    ("StackedRNNCells", "cells"): {"LSTMCell", "GRUCell", "SimpleRNNCell"},
    ("TransformerEncoder", "layer"): {"TransformerEncoderLayer"},
}


def offered(kind, option):
    return {inner.title() for inner in choices_inside(kinds()[kind], option)}


@pytest.mark.parametrize(("wrapper", "expected"), WRAPPERS.items(), ids=str)
def test_that_only_layers_that_work_inside_are_offered(wrapper, expected):
    assert offered(*wrapper) == expected


def test_that_what_is_applied_at_each_step_is_a_layer_with_one_input():
    found = offered("TimeDistributed", "layer")
    assert {"Dense", "Conv2D", "LSTM", "Dropout", "BatchNormalization", "Flatten"} <= found
    assert not {"Input", "Unknown", "TimeDistributed", "Add", "Sequential", "MultiHeadAttention"} & found


def test_that_only_layers_with_a_kernel_are_normalized_by_its_largest_stretch():
    found = offered("SpectralNormalization", "layer")
    assert {"Dense", "Conv2D", "Embedding"} <= found
    assert not {"ReLU", "LSTM", "Flatten"} & found
