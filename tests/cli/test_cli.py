"""The command line: what it prints, how it ends, and that it never shows a traceback."""

import csv
import io
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from paramdesk import __version__, cli, formats
from paramdesk.engine.layer_kind import kinds
from tests.formats.test_tables import CSV, TEXT

ARTICLE = "template:article-convnet-dense"
BROKEN = """{"paramdesk": 1, "name": "broken", "layers": [
  {"name": "in", "kind": "Input", "shape": [4, 4, 1]},
  {"name": "conv", "kind": "Conv2D", "filters": 2, "kernel_size": [9, 9]}
]}"""


@pytest.fixture
def run(capsysbinary):
    """Runs the command in this process; gives its status and what it said on the two streams."""

    def run(*arguments):
        status = cli.main(arguments)
        out, err = capsysbinary.readouterr()
        return status, out.decode(), err.decode()

    return run


@pytest.fixture
def refused(run):
    """Runs a command that cannot be done; gives the one line that says why."""

    def refused(*arguments):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert err.startswith("paramdesk: ")
        assert err.count("\n") == 1
        return err.removeprefix("paramdesk: ").rstrip("\n")

    return refused


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "broken.paramdesk"
    path.write_text(BROKEN, encoding="utf-8")
    return str(path)


def started(*arguments, **options):
    """Runs the command in a process of its own."""
    command = [sys.executable, "-m", "paramdesk", *arguments]
    return subprocess.run(command, capture_output=True, check=False, **options)


# summary


def test_that_a_summary_is_a_text_unless_another_format_is_named(run):
    assert run("summary", ARTICLE) == (0, TEXT, "")
    assert run("summary", ARTICLE, "--format", "csv") == (0, CSV.replace("\n", "\r\n"), "")
    assert json.loads(run("summary", ARTICLE, "--format", "json")[1])["totals"]["parameters"] == 93322
    assert run("summary", ARTICLE, "--format", "markdown")[1].startswith("### convnet\n")


def test_that_a_summary_goes_into_a_file_whose_ending_tells_the_format(run, tmp_path):
    path = tmp_path / "table.csv"
    assert run("summary", ARTICLE, "-o", str(path)) == (0, "", "")
    assert path.read_bytes().decode() == CSV.replace("\n", "\r\n")
    assert run("summary", ARTICLE, "-o", str(tmp_path / "table"))[0] == 0
    assert (tmp_path / "table").read_text(encoding="utf-8") == TEXT


def test_that_columns_and_totals_can_be_chosen(run):
    out = run("summary", ARTICLE, "--format", "csv", "--columns", "name, flops,share", "--totals")[1]
    rows = list(csv.reader(io.StringIO(out)))
    assert rows[0] == ["name", "flops", "share"]
    assert rows[4] == ["conv2d_1", "4460544", "19.8"]
    assert rows[-1] == ["Total", "5588480", "100.0"]


def test_that_the_input_the_batch_and_the_precision_can_be_others(run):
    def totals(*options):
        return json.loads(run("summary", ARTICLE, "--format", "json", *options)[1])["totals"]

    assert totals("--input-shape", "28,28,3")["parameters"] == 93322 + 3 * 3 * 2 * 32
    assert totals("--input-shape", "input_layer=(28, 28, 3)")["parameters"] == 93322 + 3 * 3 * 2 * 32
    assert totals("--batch", "8")["macs"] == 8 * 2794240
    assert totals("--precision", "float16")["weight_bytes"] == 2 * 93322
    assert totals("--count-like", "keras") == totals()
    assert totals("--count-like", "pytorch")["parameters"] == 93322


def test_that_an_unknown_size_in_a_shape_is_none(run):
    out = run("summary", "template:article-convnet", "--format", "json", "--input-shape", "None,?,1")[1]
    assert json.loads(out)["layers"][1]["output_shapes"] == [[None, None, None, 32]]


def test_that_a_broken_architecture_is_summed_up_and_told_by_the_status(run, broken):
    status, out, err = run("summary", broken)
    assert (status, err) == (1, "")
    assert "conv: kernel 9×9 is larger than the 4×4 input" in out
    assert run("explain", broken, "conv")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "latex"], "there is no format of a summary named 'latex': there are csv, json, markdown"),
        (["--columns", "name,size"], "there is no column 'size': there are path, name, kind"),
        (["--count-like", "caffe"], "invalid choice: 'caffe'"),
        (["--precision", "float8"], "invalid choice: 'float8'"),
        (["--batch", "0"], "'0' is not a whole number from 1 on"),
        (["--input-shape", "a=1"], "there is no input named a: there is input_layer"),
        (["--input-shape", "28,x,1"], "'x' is neither a size nor None; write it like 28,28,1"),
        (["--input-shape", ""], "'' is neither a size nor None"),
        (["--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["--total"], "unrecognized arguments: --total"),
        (["-o", "no/such/folder.csv"], "the folder that it should go into does not exist"),
    ],
)
def test_that_arguments_that_cannot_be_used_are_told_in_a_line(refused, arguments, said):
    assert said in refused("summary", ARTICLE, *arguments)


# FILE


def test_that_standard_input_is_a_file(broken):
    data = Path(broken).read_bytes()
    for arguments in (["-"], ["-", "--from", "paramdesk"]):
        done = started("summary", *arguments, input=data)
        assert done.returncode == 1
        assert done.stdout.startswith(b"broken\n")


def test_that_a_format_can_be_told(run, tmp_path):
    path = tmp_path / "net.txt"
    formats.write(formats.read(Path(__file__).parents[2] / "resources/templates/vgg16.paramdesk"), path, "keras-json")
    assert run("summary", str(path), "--from", "keras-json")[0] == 0


@pytest.mark.parametrize("command", ["summary", "explain", "screenshot", "convert"])
def test_that_a_file_that_cannot_be_read_is_told_with_the_reason(refused, command, tmp_path):
    more = ["-o", str(tmp_path / "out.png")] if command in ("screenshot", "convert") else []
    missing = str(tmp_path / "none.paramdesk")
    assert refused(command, missing, *more) == f"{missing}: there is no such file"
    assert refused(command, "template:none", *more).startswith("template:none: there is no such template: there are")
    assert list(tmp_path.iterdir()) == []


def test_that_a_name_cannot_break_the_line(refused, tmp_path):
    assert "\x1b" not in refused("summary", str(tmp_path / "a\nb\x1b[31m"))


def test_that_a_format_to_read_that_there_is_not_is_told(refused, broken):
    assert "there is no format 'csv' to read: there are keras-" in refused("summary", broken, "--from", "csv")


# explain


def test_that_a_layer_is_explained_by_name_or_path(run):
    status, out, _err = run("explain", ARTICLE, "conv2d_1")
    assert status == 0
    assert out.startswith("conv2d_1 (Conv2D)\n─────────────────\nParameters\n")
    assert "(3 × 3 × 32 + 1) × 64 = 18,496" in out
    assert "\n# conv2d" not in run("explain", ARTICLE, "conv2d_1", "--format", "markdown")[1]
    assert run("explain", ARTICLE, "conv2d_1", "--format", "markdown")[1].startswith("## conv2d_1 (Conv2D)\n\n###")


def test_that_an_explanation_in_latex_has_a_heading_and_formulas(run):
    out = run("explain", ARTICLE, "conv2d_1", "--format", "latex")[1]
    assert out.startswith("\\subsection*{conv2d\\_1 (Conv2D)}\n\n\\paragraph{Parameters}")
    assert "18{,}496" in out


def test_that_without_a_layer_all_are_explained(run):
    out = run("explain", ARTICLE)[1]
    assert all(f"\n{name} (" in f"\n{out}" for name in ("input_layer", "conv2d", "flatten", "dense_1"))


def test_that_a_layer_that_there_is_not_is_told(refused):
    assert refused("explain", ARTICLE, "conv2_1") == "there is no layer 'conv2_1' in convnet: is it conv2d_1?"
    for far in ("attention", "input", "layer"):
        assert refused("explain", ARTICLE, far) == f"there is no layer {far!r} in convnet"
    assert "there is no format of an explanation named 'pdf'" in refused("explain", ARTICLE, "--format", "pdf")


# kinds


def test_that_a_kind_has_a_page_under_each_of_its_names(run, refused):
    page = run("kinds", "Conv2d")[1]
    assert page == run("kinds", "Conv2D")[1]
    assert page.startswith("# Conv2D\n\nSlides windows")
    assert "`Conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0" in page
    assert "| `kernel_size` | 2 × (a whole number ≥ 1) | must be given |  |" in page
    assert "- Parameters: (kernel height × kernel width × input channels + bias) × filters" in page
    assert refused("kinds", "Conv9D") == "there is no kind of layer named 'Conv9D': paramdesk kinds lists them"


# convert


def test_that_an_architecture_is_converted_by_the_ending_or_by_a_name(run, tmp_path):
    for arguments in (["-o", "net.json"], ["-o", "net.xyz", "--to", "keras-json"]):
        name = str(tmp_path / arguments[1])
        assert run("convert", ARTICLE, "-o", name, *arguments[2:]) == (0, "", "")
        assert json.loads(Path(name).read_text(encoding="utf-8"))["class_name"] == "Sequential"
        assert run("summary", name) == (0, TEXT, "")


def test_that_an_architecture_is_converted_to_onnx_and_counts_the_same_there(run, refused, tmp_path):
    name = str(tmp_path / "net.onnx")
    assert run("convert", ARTICLE, "-o", name) == (0, "", "")
    assert "93,322" in run("summary", name)[1]


def test_that_a_conversion_can_go_to_standard_output(run, refused):
    out = run("convert", ARTICLE, "-o", "-", "--to", "paramdesk")[1]
    assert json.loads(out)["paramdesk"] == 1
    assert run("convert", ARTICLE, "-o", "-", "--to", "csv")[1] == CSV.replace("\n", "\r\n")
    assert refused("convert", ARTICLE, "-o", "-") == "convert -o - needs --to FORMAT"


def test_that_what_cannot_be_converted_is_told(refused, tmp_path):
    path = str(tmp_path / "net.xyz")
    assert refused("convert", ARTICLE, "-o", path).startswith(f"{path}: no format ends in .xyz: name one of ")
    assert refused("convert", ARTICLE, "-o", path, "--to", "keras").startswith("there is no format to write named")


# Lists


def test_that_formats_kinds_and_templates_are_listed(run):
    assert ["keras-json", ".json", "reads,"] in [line.split()[:3] for line in run("formats")[1].splitlines()]
    assert run("kinds")[1].count("\n") == len(kinds())
    assert "138,357,544 parameters  VGG16." in run("templates")[1]
    for what, key in (("formats", "reads"), ("kinds", "category"), ("templates", "parameters")):
        status, out, _err = run(what, "--format", "json")
        assert status == 0
        assert all(key in entry and entry["name"] for entry in json.loads(out))


def test_that_the_version_is_told(run, capsysbinary):
    with pytest.raises(SystemExit) as ended:
        run("--version")
    assert ended.value.code == 0
    assert capsysbinary.readouterr().out.decode() == f"paramdesk {__version__}\n"


def test_that_help_names_every_command(capsysbinary):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    out = capsysbinary.readouterr().out.decode()
    names = ("summary", "explain", "convert", "screenshot", "formats", "kinds", "templates", "--self-test")
    assert all(name in out for name in names)


def test_that_the_self_test_has_a_line_for_each_check(run):
    status, out, _err = run("--self-test")
    assert status == 0, out
    lines = out.splitlines()
    assert all(line.startswith("ok: ") for line in lines)
    assert {line.split(": ")[1] for line in lines} >= {"kinds", "formats", "templates", "icons"}


def test_that_the_self_test_fails_where_something_is_missing(run, monkeypatch):
    monkeypatch.setattr("paramdesk.self_test._icons", lambda: 1 / 0)
    monkeypatch.setattr("paramdesk.formats.templates.templates", lambda: ())
    with pytest.raises(ZeroDivisionError):  # what nobody foresaw is not hidden
        run("--self-test")
    monkeypatch.undo()
    monkeypatch.setattr("paramdesk.formats.templates.templates", lambda: ())
    status, out, _err = run("--self-test")
    assert status == 1
    assert "FAILED: templates: none found" in out


# The window


@pytest.fixture
def window(monkeypatch):
    """Stands in for the window; a list of what it was opened on."""
    opened = []

    def main(path):
        opened.append(path)
        return 0

    monkeypatch.setitem(sys.modules, "paramdesk.ui.app", types.SimpleNamespace(main=main))
    return opened


def test_that_a_file_or_nothing_opens_the_window(run, window, broken, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    for arguments in ([], [broken], [ARTICLE]):
        assert run(*arguments) == (0, "", "")
    assert window == [None, broken, ARTICLE]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_that_without_a_display_the_summary_is_printed(run, window, broken, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    said = "paramdesk: there is no display to show a window on; this is the summary\n"
    assert run() == (0, TEXT, said)
    status, out, err = run(broken)
    assert (status, out[:7], err) == (1, "broken\n", said)
    assert window == []


def test_that_a_misspelt_command_is_not_taken_for_a_file(refused, window):
    assert refused("sumary") == (
        "sumary: there is no such file, and the commands are "
        "summary, explain, convert, screenshot, formats, kinds, templates"
    )
    assert window == []


def test_that_a_screenshot_is_asked_of_the_window(run, refused, monkeypatch, tmp_path):
    asked = []
    module = types.SimpleNamespace(screenshot=lambda *arguments: asked.append(arguments[1:]))
    monkeypatch.setitem(sys.modules, "paramdesk.ui.screenshot", module)
    path = str(tmp_path / "window.png")
    assert run("screenshot", ARTICLE, "-o", path)[0] == 0
    assert run("screenshot", ARTICLE, "-o", path, "--size", "800x600", "--theme", "dark", "--select", "dense")[0] == 0
    assert asked == [
        (path, (1440, 900), "light", None, "window"),
        (path, (800, 600), "dark", 7, "window"),
    ]
    assert "there is no layer 'dens' in convnet: is it dense?" in refused(
        "screenshot", ARTICLE, "-o", path, "--select", "dens"
    )
    assert "'big' is not a size like 1440x900" in refused("screenshot", ARTICLE, "-o", path, "--size", "big")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("out.png: the picture cannot be written there"), "out.png: the picture cannot be written there"),
        (ImportError("libfoo.so.1: cannot open shared object file"), "Qt needs the library libfoo.so.1"),
    ],
)
def test_that_a_screenshot_that_fails_says_why(refused, monkeypatch, error, said):
    def fails(*_arguments):
        raise error

    monkeypatch.setitem(sys.modules, "paramdesk.ui.screenshot", types.SimpleNamespace(screenshot=fails))
    assert said in refused("screenshot", ARTICLE, "-o", "out.png")


# As a program


def test_that_the_module_is_the_command():
    done = started("summary", ARTICLE)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, TEXT, b"")


def test_that_output_is_utf_8_wherever_it_goes():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = started("summary", ARTICLE, env=environment)
    assert (done.returncode, done.stdout.decode("utf-8")) == (0, TEXT)


def test_that_a_reader_who_has_seen_enough_is_no_error(tmp_path):
    inner = '{"name": "a", "kind": "Dense", "units": 4}'
    block = f'{{"block": "b", "repeat": 5000, "layers": [{inner}]}}'
    path = tmp_path / "long.paramdesk"
    path.write_text(f'{{"paramdesk": 1, "layers": [{{"name": "in", "kind": "Input", "shape": [4]}}, {block}]}}')
    command = [sys.executable, "-m", "paramdesk", "summary", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no such device, and another shell")
@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("summary template:lenet-5 > /dev/full", "the result could not be printed: no space left on device"),
        ("--version > /dev/full", "the result could not be printed: no space left on device"),
        ("summary template:lenet-5 >&-", "the result could not be printed: standard output is closed"),
        ("summary - --from paramdesk <&-", "-: standard input is closed"),
        ("summary - --from paramdesk 0> /dev/null", "<stdin>: "),
        ("summary nothing.paramdesk 2>&-", None),
        ("summary nothing.paramdesk 2> /dev/full", None),
        ("summary nothing.paramdesk <&- >&- 2>&-", None),
    ],
)
def test_that_streams_that_are_full_or_closed_end_a_command_in_one_line(command, said):
    shell = ["/bin/sh", "-c", f'exec "$0" -m paramdesk {command}', sys.executable]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(shell, capture_output=True, check=False, env=environment)
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, len(lines)) == (2, 0 if said is None else 1), lines
    assert lines == [] or lines[0].startswith(f"paramdesk: {said}")


def test_that_a_folded_summary_tells_all_that_is_wrong(run, tmp_path):
    layers = """
      {"name": "in", "kind": "Input", "shape": [8, 8, 3]},
      {"block": "stage", "layers": [
        {"name": "half", "kind": "Activation", "activation": "glu"},
        {"name": "wide", "kind": "Conv2D", "filters": 3, "kernel_size": [30, 30]}]}"""
    path = tmp_path / "net.paramdesk"
    path.write_text(f'{{"paramdesk": 1, "layers": [{layers}]}}', encoding="utf-8")
    for style in ("text", "json", "markdown"):
        status, out, _err = run("summary", str(path), "--fold", "--format", style)
        assert status == 1
        assert "stage/half: " in out
        assert "stage/wide: " in out


def test_that_no_command_without_a_window_loads_qt_or_numpy():
    report = "import sys; from paramdesk import cli; cli.main(sys.argv[1:]); print([m for m in sys.modules if m in {}])"
    slow = ("PySide6", "shiboken6", "numpy", "pyqtgraph", "paramdesk.ui")
    for arguments in (["summary", ARTICLE], ["explain", ARTICLE], ["formats"], ["kinds"], ["templates"]):
        command = [sys.executable, "-c", report.format(slow), *arguments]
        done = subprocess.run(command, capture_output=True, check=True)
        assert done.stdout.splitlines()[-1] == b"[]"
