"""Rules of the house that no linter knows, read from the source of the package."""

import ast
import functools
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "paramdesk").rglob("*.py"))}

LONGEST_FILE = 500
LONGEST_FUNCTION = 60
LONGEST_CLASS = 300

FORBIDDEN_MODULES = {"pickle", "shelve", "marshal", "dill", "cloudpickle", "joblib"}
CHART_MODULES = {"numpy", "pyqtgraph"}
QT_VIRTUALS = {"data", "event", "flags", "index", "paint", "parent", "redo", "undo"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.fixture(params=list(SOURCES))
def source(request):
    text = SOURCES[request.param].read_text(encoding="utf-8")
    return Source(request.param, text, ast.parse(text))


class Source:
    """A file of the package: its name from the top of the checkout, its text, its tree."""

    def __init__(self, name, text, tree):
        self.name, self.text, self.tree = name, text, tree

    def nodes(self, *types):
        return [node for node in ast.walk(self.tree) if isinstance(node, types)]

    def at(self, nodes):
        return [f"{self.name}:{node.lineno}" for node in nodes]


def called(call):
    """Return the last part of a called name: connect for self.button.clicked.connect(...)."""
    name = call.func
    return getattr(name, "attr", None) or getattr(name, "id", None)


def imported_modules(source):
    """Return each imported module's first name with the node that imports it."""
    for node in source.nodes(ast.Import):
        for alias in node.names:
            yield alias.name.split(".")[0], node
    for node in source.nodes(ast.ImportFrom):
        yield (node.module or "").split(".")[0], node


def lines(node):
    return node.end_lineno - node.lineno + 1


def test_that_no_signal_is_connected_to_a_lambda_or_a_partial(source):
    """Either keeps the object it holds alive; a bound method does not."""
    connections = [n for n in source.nodes(ast.Call) if called(n) == "connect"]
    held = [n for n in connections if any(_holds_objects(argument) for argument in n.args)]
    assert source.at(held) == []


def _holds_objects(argument):
    is_partial = isinstance(argument, ast.Call) and called(argument) == "partial"
    return isinstance(argument, ast.Lambda) or is_partial


def test_that_only_ask_blocks(source):
    calls = [node for node in source.nodes(ast.Call) if isinstance(node.func, ast.Attribute)]
    blocking = [node for node in calls if node.func.attr in {"exec", "exec_"}]
    if source.name == "paramdesk/ui/dialogs/ask.py":
        return
    allowed = 1 if source.name == "paramdesk/ui/app.py" else 0  # the application's own loop
    assert len(blocking) <= allowed, source.at(blocking)


def test_that_a_file_is_short(source):
    assert source.text.count("\n") <= LONGEST_FILE


def test_that_functions_are_short(source):
    assert source.at(n for n in source.nodes(*FUNCTIONS) if lines(n) > LONGEST_FUNCTION) == []


def test_that_classes_are_short(source):
    assert source.at(n for n in source.nodes(ast.ClassDef) if lines(n) > LONGEST_CLASS) == []


def test_that_no_text_is_run_as_code(source):
    names = {"eval", "exec", "compile", "__import__"}
    calls = [node for node in source.nodes(ast.Call) if isinstance(node.func, ast.Name)]
    assert source.at(node for node in calls if node.func.id in names) == []


def test_that_nothing_is_imported_that_runs_code_from_files(source):
    found = [node for name, node in imported_modules(source) if name in FORBIDDEN_MODULES]
    assert source.at(found) == []


def test_that_no_import_takes_everything(source):
    imports = source.nodes(ast.ImportFrom)
    assert source.at(n for n in imports if any(alias.name == "*" for alias in n.names)) == []


def test_that_only_the_chart_imports_numpy_and_pyqtgraph(source):
    if source.name.startswith("paramdesk/ui/chart/"):
        return
    found = [node for name, node in imported_modules(source) if name in CHART_MODULES]
    assert source.at(found) == []


def test_that_everything_public_has_a_docstring(source):
    bare = [] if ast.get_docstring(source.tree) else [f"{source.name}:1"]
    assert bare + source.at(_undocumented(source.tree, documented_methods())) == []


@functools.cache
def documented_methods():
    """Return the names of all methods that say what they do, in any class of the package."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES.values()]
    classes = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    members = [member for node in classes for member in node.body]
    return {m.name for m in members if isinstance(m, FUNCTIONS) and ast.get_docstring(m)}


def _undocumented(tree, inherited=frozenset()):
    """Return public classes and functions, and methods of public classes, that say nothing.

    A method needs no text of its own where it overrides one that has some, or one of Qt's, most of
    whose names are in camelCase; nor does an overload, whose implementation has it.
    """
    for node in tree.body:
        if not isinstance(node, (ast.ClassDef, *FUNCTIONS)) or node.name.startswith("_"):
            continue
        is_method = isinstance(tree, ast.ClassDef) and isinstance(node, FUNCTIONS)
        repeats = is_method and (node.name in inherited or _is_override(node))
        repeats = repeats or "overload" in _decorators(node)
        if not ast.get_docstring(node) and not repeats:
            yield node
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(node, inherited)


def _is_override(method):
    of_qt = method.name != method.name.lower() or method.name in QT_VIRTUALS
    return of_qt or bool(_decorators(method) & {"override", "setter", "deleter"})


def _decorators(node):
    return {
        getattr(part, "attr", None) or getattr(part, "id", None)
        for decorator in node.decorator_list
        for part in ast.walk(decorator)
    }
