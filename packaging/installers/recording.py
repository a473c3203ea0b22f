"""Notes what the source has, for the self-test of what is built from it; run it with the environment of the build.

python packaging/installers/recording.py FOLDER
"""

import ast
import gzip
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
COUNTED = ROOT / "tests" / "reference" / "templates"
TABLE = ROOT / "tests" / "reference" / "exports" / "article-convnet-dense.csv"


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a source file imports, in functions too, but not those that only annotations need."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (name for alias in node.names if is_module(name := f"{node.module}.{alias.name}"))
        else:
            yield from imported(node)


def is_module(name: str) -> bool:
    """Return whether a name with dots is that of a module, and not of something in one."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def needed_modules(root: Path = ROOT) -> list[str]:
    """Return all modules of paramdesk but its entry, and all that they import."""
    found = set()
    for path in (root / "paramdesk").rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        found.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        found.update(imported(ast.parse(path.read_text(encoding="utf-8"))))
    return sorted(found - {"paramdesk.__main__"})


def counted_totals(folder: Path = COUNTED) -> dict[str, int]:
    """Return what each template comes to, as its framework has counted it."""
    records = {path.name.removesuffix(".json.gz"): path for path in sorted(folder.glob("*.json.gz"))}
    return {name: json.loads(gzip.decompress(path.read_bytes()))["parameters"] for name, path in records.items()}


def recorded() -> dict[str, object]:
    """Return everything that the self-test compares, by the names of its `Recorded`."""
    from paramdesk.engine.layer_kind import kinds
    from paramdesk.formats import formats
    from paramdesk.formats.templates import templates

    totals = counted_totals()
    for template in templates():
        if totals.get(template.name) != template.parameters:
            raise ValueError(
                f"{template.name} says {template.parameters}, its framework counts {totals.get(template.name)}"
            )
    return {
        "kinds": sorted(kinds()),
        "formats": sorted(formats()),
        "icons": sorted(path.stem for path in (ROOT / "resources" / "icons").glob("*.svg")),
        "templates": totals,
        "modules": needed_modules(),
        "table": TABLE.read_bytes().decode(),
    }


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    text = json.dumps(recorded(), indent=1, sort_keys=True)
    (Path(sys.argv[1]) / "recorded.json").write_text(text + "\n", encoding="utf-8")
