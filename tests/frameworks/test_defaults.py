"""An argument that is left out is what the framework's signature says."""

import functools
import gzip
import json

import pytest

from paramdesk.engine.errors import InvalidOptions
from paramdesk.frameworks.keras import read_layer
from paramdesk.frameworks.torch import read_module
from tests.helpers import keras_reference, torch_reference
from tests.helpers.keras_reference import FOLDER

NEEDED = {("CategoryEncoding", "num_tokens"), ("InputLayer", "shape")}
NEEDED |= {("FractionalMaxPool2d", "output_ratio"), ("FractionalMaxPool3d", "output_size")}


@functools.cache
def defaults(framework):
    with gzip.open(FOLDER / "defaults.json.gz", "rt", encoding="utf-8") as file:
        return json.load(file)[framework]


def a_case(framework, class_name):
    """Return arguments with which the framework makes a layer of a class; none at all if it needs none; or None."""
    reference, key, read = FRAMEWORKS[framework]
    known = (case[key] for case in reference.cases().get(class_name, ()) if "error" not in case)
    try:
        return next(known, None) or (read(class_name, {}) and {})
    except InvalidOptions:
        return None


FRAMEWORKS = {
    "keras": (keras_reference, "config", lambda name, config: read_layer(name, config).kind),
    "torch": (torch_reference, "args", lambda name, args: read_module(name, args).kind),
}


@pytest.mark.parametrize(
    ("framework", "class_name"),
    [
        (framework, name)
        for framework in FRAMEWORKS
        for name in defaults(framework)
        if a_case(framework, name) is not None
    ],
)
def test_that_an_argument_that_is_left_out_has_its_default(framework, class_name):
    _reference, _key, read = FRAMEWORKS[framework]
    case = a_case(framework, class_name)
    for argument, default in defaults(framework)[class_name].items():
        others = {name: value for name, value in case.items() if name != argument}
        if (class_name, argument) in NEEDED:
            with pytest.raises(InvalidOptions):
                read(class_name, others)
        else:
            assert read(class_name, others) == read(class_name, {**others, argument: default}), argument
