"""Where the files that are not code live: icons, templates, themes.

They stand in `resources/` beside the package in a checkout, and in `paramdesk/_resources` in a
wheel or a frozen application, where a folder beside the package would belong to somebody else.
"""

import functools
from pathlib import Path


def resource_path(*parts: str) -> Path:
    """Return the path of a resource named by its folders and its file.

    The path is not promised to exist: a missing file is for its reader to report.
    """
    return _folder().joinpath(*parts)


@functools.cache
def _folder() -> Path:
    package = Path(__file__).resolve().parent
    bundled = package / "_resources"
    return bundled if bundled.is_dir() else package.parent / "resources"
