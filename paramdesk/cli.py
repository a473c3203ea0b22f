"""The command line: the same engine without a window.

Exit status: 0 done; 1 the architecture has errors; 2 the file or the arguments are unusable, with one line on standard
error that says why. Nothing here loads Qt, but for the commands that show something.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, get_args

from paramdesk import __version__
from paramdesk.terminal import Unprinted, flush, forget, put, put_bytes, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paramdesk.engine.architecture import Architecture
    from paramdesk.engine.shape import PublicShape
    from paramdesk.engine.summary import LayerReport, Summary
    from paramdesk.formats import TableOptions

PANELS = ("window", "stack", "table", "chart", "inspector")

DONE, HAS_ERRORS, UNUSABLE = 0, 1, 2


class Unusable(Exception):
    """Arguments that cannot be used; carries one line for the user."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status."""
    from paramdesk.engine.errors import ParamdeskError

    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except (Unusable, ParamdeskError) as error:
        say(str(error))
        return UNUSABLE
    except BrokenPipeError:  # whoever read our output has seen enough
        forget(sys.stdout)
        return DONE
    except Unprinted as error:
        forget(sys.stdout)
        say(str(error))
        return UNUSABLE
    except KeyboardInterrupt:
        return 130


def _run(arguments: list[str]) -> int:
    try:
        options = _parsed(arguments)
    except SystemExit:  # --help and --version have said what they had to say
        flush()
        raise
    status: int = options.run(options)
    flush()
    return status


# Arguments ------------------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """A parser that complains in one line."""

    def error(self, message: str) -> NoReturn:
        raise Unusable(f"{message} (see {self.prog} --help)")


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser, commands = _parsers()
    if not arguments or arguments[0] not in (*commands, "-h", "--help"):
        return _window_parser().parse_args(arguments)
    return parser.parse_args(arguments)


def _window_parser() -> _Parser:
    parser = _Parser("paramdesk", add_help=False, allow_abbrev=False)
    parser.add_argument("file", nargs="?")
    _add_window_options(parser)
    parser.set_defaults(run=_window)
    return parser


def _add_window_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--self-test", dest="run", action="store_const", const=_self_test, help="check this installation"
    )
    parser.add_argument("--version", action="version", version=f"paramdesk {__version__}")


def _parsers() -> tuple[_Parser, Sequence[str]]:
    parser = _Parser(
        "paramdesk",
        usage="paramdesk [FILE]\n       paramdesk COMMAND … (paramdesk COMMAND --help says more)",
        description="Design neural networks layer by layer. Without a command, a window opens (on FILE if given).",
        epilog="FILE may be - (standard input, with --from FORMAT) or template:NAME.",
        allow_abbrev=False,  # a shortened option might one day mean another
    )
    _add_window_options(parser)
    commands = parser.add_subparsers(metavar="COMMAND", required=True, prog="paramdesk")
    add: Callable[..., _Parser] = functools.partial(commands.add_parser, allow_abbrev=False)
    _add_summary(add("summary", help="print shapes and counts, layer by layer"))
    _add_explain(add("explain", help="print how the numbers come about"))
    _add_convert(add("convert", help="write the architecture in another format"))
    _add_screenshot(add("screenshot", help="draw the window into an image"))
    for name, run, words in (
        ("formats", _formats, "list what can be read and written"),
        ("kinds", _kinds, "list the kinds of layers"),
        ("templates", _templates, "list the architectures that come with paramdesk"),
    ):
        listing = add(name, help=words)
        listing.add_argument("--format", choices=("text", "json"), default="text")
        listing.set_defaults(run=run)
    commands.choices["kinds"].add_argument("name", nargs="?", metavar="NAME", help="one of them, in full (Markdown)")
    return parser, tuple(commands.choices)


def _add_file(parser: _Parser, run: Callable[[argparse.Namespace], int]) -> None:
    parser.add_argument("file", metavar="FILE", help="a file, - or template:NAME")
    parser.add_argument("--from", dest="source", metavar="FORMAT", help="the format of FILE, if it is not plain")
    parser.set_defaults(run=run)


def _add_summary(parser: _Parser) -> None:
    from paramdesk.engine.summary import Precision

    _add_file(parser, _summary)
    parser.add_argument("--format", help="text (the default), csv, tsv, json, markdown")
    parser.add_argument("-o", dest="output", metavar="OUT", help="a file to write to")
    parser.add_argument("--count-like", choices=("keras", "pytorch"), help="whose way of counting")
    parser.add_argument("--columns", metavar="A,B,C", help="which columns, in order")
    parser.add_argument(
        "--input-shape", action="append", default=[], metavar="[NAME=]28,28,1", help="another input shape"
    )
    parser.add_argument("--batch", type=_positive, default=1, metavar="N", help="what an unknown batch counts as")
    parser.add_argument(
        "--precision", choices=get_args(Precision), default="float32", help="of weights and activations"
    )
    parser.add_argument("--fold", action="store_true", help="one row for each block")
    parser.add_argument("--totals", action="store_true", default=None, help="end the table with a row of totals")


def _add_explain(parser: _Parser) -> None:
    _add_file(parser, _explain)
    parser.add_argument("layer", nargs="?", metavar="LAYER", help="its name or path; all layers without it")
    parser.add_argument("--format", default="text", help="text (the default), markdown, latex")


def _add_convert(parser: _Parser) -> None:
    _add_file(parser, _convert)
    parser.add_argument("-o", dest="output", metavar="OUT", required=True, help="a file to write to, or -")
    parser.add_argument("--to", metavar="FORMAT", help="the format of OUT, if its ending does not tell")


def _add_screenshot(parser: _Parser) -> None:
    _add_file(parser, _screenshot)
    parser.add_argument("-o", dest="output", metavar="OUT.png", required=True, help="the image to write")
    parser.add_argument("--size", type=_size, default=(1440, 900), metavar="1440x900")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--select", metavar="LAYER", help="the layer that is selected")
    parser.add_argument("--panel", choices=PANELS, default="window")


def _positive(text: str) -> int:
    if not text.isdecimal() or len(text) > 9 or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    width, _sign, height = text.lower().replace("×", "x").partition("x")
    if not (width.isdecimal() and height.isdecimal() and len(text) < 12 and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size like 1440x900")
    return int(width), int(height)


def _shape(text: str) -> tuple[str, PublicShape]:
    """The name (empty if there is none) and the shape of an --input-shape."""
    name, _sign, sizes = text.rpartition("=")
    dims: list[int | None] = []
    for size in sizes.strip("() ").rstrip(",").split(","):
        word = size.strip()
        if word not in ("None", "?") and not (word.isdecimal() and len(word) < 16):
            raise Unusable(f"--input-shape {text}: {word!r} is neither a size nor None; write it like 28,28,1")
        dims.append(int(word) if word.isdecimal() else None)
    return name, tuple(dims)


# What the commands share ----------------------------------------------------------------------------------------------


def _opened(options: argparse.Namespace) -> Architecture:
    """The architecture of FILE."""
    from paramdesk import formats
    from paramdesk.formats.templates import PREFIX, open_template

    name: str = options.file
    if name.startswith(PREFIX):
        return open_template(name.removeprefix(PREFIX))
    if name == "-":
        if sys.stdin is None:
            raise Unusable("-: standard input is closed")
        return formats.read(sys.stdin.buffer, options.source)
    return formats.read(name, options.source)


def _status(summary: Summary) -> int:
    return HAS_ERRORS if summary.has_errors else DONE


def _chosen(choice: Sequence[str], name: str, what: str) -> str:
    if name not in choice:
        raise Unusable(f"there is no {what} {name!r}: there are {', '.join(choice)}")
    return name


def _found(summary: Summary, name: str) -> LayerReport:
    """The layer of this path or else of this name."""
    for report in summary.layers:
        if report.path == name:
            return report
    for report in summary.layers:
        if report.name == name:
            return report
    import difflib

    # At less than this, "attention" is close to "flatten".
    close = difflib.get_close_matches(name, [report.path for report in summary.layers], n=1, cutoff=0.75)
    raise Unusable(f"there is no layer {name!r} in {summary.name}" + (f": is it {close[0]}?" if close else ""))


# The commands ---------------------------------------------------------------------------------------------------------


def _summary(options: argparse.Namespace) -> int:
    import msgspec

    from paramdesk import formats
    from paramdesk.engine.analysis import analyze
    from paramdesk.engine.folding import folded

    table = _table_format(options)
    looks = _table_options(options)
    architecture = _reshaped(_opened(options), options.input_shape)
    summary = analyze(architecture, batch=options.batch, precision=options.precision, convention=options.count_like)
    looks = msgspec.structs.replace(looks, problems=summary.problems)  # of every row, not only of those that are shown
    shown = folded(summary, architecture) if options.fold else summary
    if options.output:
        formats.write_table(shown, options.output, table, looks)
    else:
        put(formats.table(shown, table, looks))
    return _status(summary)


def _table_format(options: argparse.Namespace) -> str:
    """The format that is named, or that OUT's ending tells, or else text."""
    from paramdesk import formats

    if options.format:
        return _chosen(tuple(formats.tables()), options.format, "format of a summary named")
    ending = Path(options.output or "").suffix.lower()
    return next((name for name, entry in formats.tables().items() if ending in entry.endings), "text")


def _table_options(options: argparse.Namespace) -> TableOptions:
    from paramdesk.engine.columns import columns, columns_named
    from paramdesk.formats import TableOptions

    if options.columns is None:
        return TableOptions(totals=options.totals)
    names = [name.strip() for name in options.columns.split(",")]
    for name in names:
        _chosen(tuple(columns()), name, "column")
    return TableOptions(columns_named(names), options.totals)


def _reshaped(architecture: Architecture, given: Sequence[str]) -> Architecture:
    """The architecture with the input shapes that were given."""
    try:
        for text in given:
            name, shape = _shape(text)
            architecture = architecture.with_input({name: shape} if name else shape)
    except KeyError as error:
        raise Unusable(f"--input-shape: {error.args[0]}") from None
    return architecture


def _explain(options: argparse.Namespace) -> int:
    from paramdesk.engine.analysis import analyze
    from paramdesk.engine.explanation_text import as_latex, as_markdown, as_text, latex_text

    style = _chosen(("text", "markdown", "latex"), options.format, "format of an explanation named")
    summary = analyze(_opened(options))
    reports = [_found(summary, options.layer)] if options.layer else summary.layers
    for report in reports:
        title = f"{report.path} ({report.kind})"
        if style == "markdown":
            put(f"## {title}\n\n{as_markdown(report.explanation()).strip()}\n\n")
        elif style == "latex":
            put(f"\\subsection*{{{latex_text(title)}}}\n\n{as_latex(report.explanation()).strip()}\n\n")
        else:
            put(f"{title}\n{'─' * len(title)}\n{as_text(report.explanation()).rstrip()}\n\n")
    return _status(summary)


def _convert(options: argparse.Namespace) -> int:
    from paramdesk import formats

    if options.to:
        _chosen(tuple({**formats.writers(), **formats.tables()}), options.to, "format to write named")
    if options.output != "-":
        formats.write(_opened(options), options.output, options.to)
        return DONE
    if not options.to:
        raise Unusable("convert -o - needs --to FORMAT")
    put_bytes(formats.content(_opened(options), formats.formats()[options.to]))
    return DONE


def _row_named(architecture: Architecture, name: str) -> int:
    """The id of the layer or block of this path or else of this name."""
    from paramdesk.engine.analysis import analyze
    from paramdesk.engine.places import paths_of

    paths = paths_of(architecture)
    if name in paths.values():
        return next(node_id for node_id, path in paths.items() if path == name)
    named = next((node.id for node in architecture.nodes() if node.name == name), None)
    return _found(analyze(architecture), name).layer.id if named is None else named


def _screenshot(options: argparse.Namespace) -> int:
    architecture = _opened(options)
    selected = _row_named(architecture, options.select) if options.select else None
    from paramdesk.ui.preflight import explained
    from paramdesk.ui.screenshot import screenshot

    try:
        screenshot(architecture, options.output, options.size, options.theme, selected, options.panel)
    except ImportError as error:
        if (reason := explained(error)) is None:
            raise
        raise Unusable(reason) from None
    except OSError as error:
        raise Unusable(str(error)) from None
    return DONE


def _window(options: argparse.Namespace) -> int:
    if options.file and not options.file.startswith("template:") and not Path(options.file).exists():
        commands = ", ".join(_parsers()[1])
        raise Unusable(f"{options.file}: there is no such file, and the commands are {commands}")
    if not _has_display():
        from paramdesk.formats.templates import FIRST, PREFIX

        say("there is no display to show a window on; this is the summary")
        return _run(["summary", options.file or PREFIX + FIRST])
    from paramdesk.ui.app import main as open_window

    status: int = open_window(options.file)
    return status


def _has_display() -> bool:
    """Whether a window can be shown, or the user has said how."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def _formats(options: argparse.Namespace) -> int:
    from paramdesk.listings import listed_formats

    put(listed_formats(as_json=options.format == "json"))
    return DONE


def _kinds(options: argparse.Namespace) -> int:
    from paramdesk.listings import listed_kinds

    if options.name:
        put(_kind_page(options.name))
        return DONE
    put(listed_kinds(as_json=options.format == "json"))
    return DONE


def _kind_page(name: str) -> str:
    """The reference page of a kind, under its own or a framework's name."""
    from paramdesk.engine.layer_kind import kinds
    from paramdesk.engine.reference import page
    from paramdesk.engine.shape import FRAMEWORKS

    for title, kind in kinds().items():
        if name in (title, *(called for framework in FRAMEWORKS for called in kind.names_in(framework))):
            return page(kind)
    raise Unusable(f"there is no kind of layer named {name!r}: paramdesk kinds lists them")


def _templates(options: argparse.Namespace) -> int:
    from paramdesk.listings import listed_templates

    put(listed_templates(as_json=options.format == "json"))
    return DONE


def _self_test(_options: argparse.Namespace) -> int:
    from paramdesk.self_test import checked

    status = DONE
    for is_good, line in checked():
        put(f"{'ok' if is_good else 'FAILED'}: {line}\n")
        status = status if is_good else HAS_ERRORS
    return status
