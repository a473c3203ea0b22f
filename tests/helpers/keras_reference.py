"""What Keras computed (tests/reference), and how paramdesk's figures are held against it."""

import functools
import gzip
import json
import math
import re
from pathlib import Path

from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.frameworks.check import check_keras_layer
from paramdesk.frameworks.keras import read_layer

FOLDER = Path(__file__).resolve().parents[1] / "reference"


@functools.cache
def cases():
    """Return the cases of single layers by class name."""
    found = {}
    for case in records("keras"):
        found.setdefault(case["class_name"], []).append(case)
    return found


def records(framework):
    """Give the records of single layers or modules one by one: the common ones, then those at the edges."""
    for name in ("layers", "edges"):
        with gzip.open(FOLDER / f"{framework}_{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def disagreement(case):
    """Return in what paramdesk differs from Keras in a case; an empty text if in nothing."""
    report = check_keras_layer(case["class_name"], case["config"], case["input_shape"], case.get("call_kwargs"))
    refused = report.problem is not None and report.problem.severity == "error"
    if refused or "error" in case:
        return "" if refused and "error" in case else f"refused: {report.problem}; in Keras: {case.get('error')}"
    shapes = case["output_shape"] if is_nested(case["output_shape"]) else [case["output_shape"]]
    pairs = {
        "output shapes": ([list(shape) for shape in report.output_shapes], shapes),
        "weights": (
            [[weight.name, list(weight.shape), weight.trainable] for weight in report.weights],
            [[_plain(name), shape, trainable] for name, shape, trainable in case["weights"]],
        ),
        "parameters": (report.parameters, sum(math.prod(shape) for _, shape, _ in case["weights"])),
        "trainable": (report.trainable, sum(math.prod(shape) for _, shape, trained in case["weights"] if trained)),
        "twice the MACs": (2 * report.macs, case["products"]) if "products" in case else (0, 0),
        "a warning": (report.problem is not None, case.get("run", "ok") != "ok"),
    }
    return "; ".join(f"{what}: {ours}, in Keras {theirs}" for what, (ours, theirs) in pairs.items() if ours != theirs)


def is_nested(shape):
    """Return whether a record holds several shapes in place of one."""
    return bool(shape) and all(isinstance(item, list) for item in shape)


def _plain(name):
    """Return a weight's name without the numbers by which Keras tells the layers of a process apart."""
    return re.sub(r"_\d+(?=/)", "", name)


def model(name):
    """Return the record of a whole network."""
    with gzip.open(FOLDER / "keras_models" / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        return json.load(file)


def architecture_of(record):
    """Return the architecture behind a record's config: a chain, or a graph of layers that are each called once."""
    entries = record["config"]["config"]["layers"]
    ids = {entry["config"]["name"]: number for number, entry in enumerate(entries)}
    layers = []
    for number, entry in enumerate(entries):
        read = read_layer(entry["class_name"], entry["config"])
        if record["config"]["class_name"] == "Sequential":
            sources = [Source(number - 1)] if number else []
        else:
            sources = [Source(ids[name]) for name in _producers(entry.get("inbound_nodes"))]
        layers.append(Layer(number, read.name, read.kind, tuple(sources), read.trainable, read.extras))
    return Architecture(record["name"], tuple(layers), (Source(len(layers) - 1),), next_id=len(layers))


def _producers(value):
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        yield value["config"]["keras_history"][0]
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _producers(inner)
