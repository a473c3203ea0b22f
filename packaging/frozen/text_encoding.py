"""Run before the frozen application: text is UTF-8 even where the locale says nothing of it.

A Python that is not frozen sees to that by itself; without it Qt complains at every start in the locale C.
"""

import locale
import os

if os.name == "posix" and locale.setlocale(locale.LC_CTYPE, "") in {"C", "POSIX"}:
    if os.environ.get("LC_ALL"):
        os.environ["LC_ALL"] = "C.UTF-8"
    os.environ["LC_CTYPE"] = "C.UTF-8"
