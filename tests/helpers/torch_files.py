"""Files that PyTorch exported (tests/reference/torch_files) and what it said of the networks in them."""

import functools
import gzip
import io
import json

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from tests.helpers.keras_reference import FOLDER

FILES = FOLDER / "torch_files"


def names(ending):
    """Return the names of the files with an ending."""
    return sorted(path.name.removesuffix(".gz") for path in FILES.glob(f"*{ending}.gz"))


def content(name):
    """Return what a file holds."""
    return gzip.decompress((FILES / f"{name}.gz").read_bytes())


@functools.cache
def every_record():
    """Return what PyTorch said, by the names of the networks."""
    return json.loads(gzip.decompress((FOLDER / "torch_files.json.gz").read_bytes()))


def recorded(name):
    """Return what PyTorch said of the network in a file."""
    return every_record()[name.split(".")[0]]


def read(data, name):
    """Return the architecture in these bytes, as a file of this name."""
    file = io.BytesIO(data)
    file.name = name
    return formats.read(file)


def opened(name):
    """Return the architecture in a file."""
    return read(content(name), name)


def rows_of_calls(name):
    """Give for each call of a module: what PyTorch said of it, which call it is, and the row."""
    rows = {report.path.replace("/", "."): report for report in analyze(opened(name)).layers}
    calls = {}
    for leaf in recorded(name)["leaves"]:
        number = calls[leaf["path"]] = calls.get(leaf["path"], 0) + 1
        outer, dot, inner = leaf["path"].partition(".")
        again = [f"{leaf['path']}#{number}", f"{outer}#{number}{dot}{inner}"] if number > 1 else [leaf["path"]]
        found = [rows[path] for path in again if path in rows]
        if leaf["class_name"] != "Dropout" or found:
            yield {**leaf, "output_shape": shapes_of_leaf(leaf)}, number, found[0]


def owned(architecture):
    """Return the shapes of the weights that the rows own."""
    return sorted(weight.shape for report in analyze(architecture).layers for weight in report.weights)


def shapes_of_leaf(leaf):
    """Return the shapes of what a module returned, one by one."""
    return list(_flat(leaf["output_shape"]))


def _flat(shapes):
    if any(isinstance(item, list) for item in shapes):
        for shape in shapes:
            yield from _flat(shape) if shape is not None else ()
    else:
        yield tuple(shapes)
