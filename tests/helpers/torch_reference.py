"""What PyTorch computed (tests/reference), and how paramdesk's figures are held against it."""

import functools
import math

from paramdesk.frameworks.check import check_torch_layer
from tests.helpers.keras_reference import records


@functools.cache
def cases():
    """Return the cases of single modules by class name."""
    found = {}
    for case in records("torch"):
        if not _says_more_than_a_shape(case):
            found.setdefault(case["class_name"], []).append(case)
    return found


def _says_more_than_a_shape(case):
    """Return whether a module refused its input for its numbers, which were no whole ones, and not for its shape."""
    return "one of the following scalar types: Long" in case.get("error", "")


def disagreement(case):
    """Return in what paramdesk differs from PyTorch in a case; an empty text if in nothing."""
    report = check_torch_layer(case["class_name"], case["args"], case["input_shape"], case.get("call_kwargs"))
    refused = report.problem is not None and report.problem.severity == "error"
    if refused != ("error" in case):
        return f"refused: {report.problem}; in PyTorch: {case.get('error')}"
    pairs = {}
    if "weights" in case and not (refused and report.parameters is None):
        pairs = {
            "weights": ([[w.name, list(w.shape)] for w in report.weights], case["weights"]),
            "parameters": (report.parameters, sum(math.prod(shape) for _, shape in case["weights"])),
            "buffers": (report.statistics, case["buffers"]),
        }
    if not refused:
        pairs["output shapes"] = ([list(shape) for shape in report.output_shapes], list(_flat(case["output_shape"])))
        if case.get("flops"):
            pairs["MACs"] = (report.macs, case["flops"] // 2)
    return "; ".join(f"{what}: {ours}, in PyTorch {theirs}" for what, (ours, theirs) in pairs.items() if ours != theirs)


def _flat(shapes):
    """Give the shapes of a record one by one: of an LSTM it has the output and a pair of states."""
    if shapes and all(isinstance(item, list) for item in shapes):
        for shape in shapes:
            yield from _flat(shape)
    else:
        yield shapes
