"""Design neural networks layer by layer and see their shapes and parameter counts.

What scripts may rely on; each name is loaded when it is first used:

- `read` and `write`: architectures from files and into files,
- `analyze`: an architecture's shapes and counts,
- `check_keras_layer` and `check_torch_layer`: those of a single layer,
- `UnreadableFile`: the one exception of `read`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paramdesk.engine.analysis import analyze
    from paramdesk.engine.errors import UnreadableFile
    from paramdesk.formats import read, write
    from paramdesk.frameworks.check import check_keras_layer, check_torch_layer

__version__ = "0.1.0"

__all__ = ["UnreadableFile", "__version__", "analyze", "check_keras_layer", "check_torch_layer", "read", "write"]

_HOMES = {
    "UnreadableFile": "paramdesk.engine.errors",
    "analyze": "paramdesk.engine.analysis",
    "check_keras_layer": "paramdesk.frameworks.check",
    "check_torch_layer": "paramdesk.frameworks.check",
    "read": "paramdesk.formats",
    "write": "paramdesk.formats",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # a module's attributes are of any type
    """What the package offers, loaded when it is asked for: starting a command must not cost more than it needs."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
