"""Tables of a summary, held against tables that were written by hand."""

import csv
import doctest
import importlib
import io
import json
import pkgutil
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Source
from paramdesk.engine.columns import COLUMNS, columns_named
from paramdesk.formats import TableOptions
from paramdesk.formats.rows import byte_size, footer
from paramdesk.formats.tabular.csv_table import cell
from tests.helpers.architectures import architectures
from tests.helpers.networks import article_convnet, chain, kind

GOLDEN = Path(__file__).resolve().parents[1] / "reference" / "exports" / "article-convnet-dense.csv"
CSV = GOLDEN.read_bytes().decode().replace("\r\n", "\n")

TEXT = """\
convnet

Path             Kind          Output shape  Parameters       MACs
──────────────────────────────────────────────────────────────────
input_layer      Input         28 × 28 × 1            0          0
conv2d           Conv2D        26 × 26 × 32         320    194,688
max_pooling2d    MaxPooling2D  13 × 13 × 32           0          0
conv2d_1         Conv2D        11 × 11 × 64      18,496  2,230,272
max_pooling2d_1  MaxPooling2D  5 × 5 × 64             0          0
conv2d_2         Conv2D        3 × 3 × 64        36,928    331,776
flatten          Flatten       576                    0          0
dense            Dense         64                36,928     36,864
dense_1          Dense         10                   650        640
──────────────────────────────────────────────────────────────────

Parameters           93,322  (364.54 KiB)
Trainable            93,322  (364.54 KiB)
Non-trainable             0  (0 B)
MACs              2,794,240  (per sample)
Peak activations  108,160 B  (105.62 KiB at max_pooling2d)
"""

MARKDOWN = """\
### convnet

| Name | Parameters | Share, % |
|---|---:|---:|
| input_layer | 0 | 0.0 |
| conv2d | 320 | 0.3 |
| max_pooling2d | 0 | 0.0 |
| conv2d_1 | 18,496 | 19.8 |
| max_pooling2d_1 | 0 | 0.0 |
| conv2d_2 | 36,928 | 39.6 |
| flatten | 0 | 0.0 |
| dense | 36,928 | 39.6 |
| dense_1 | 650 | 0.7 |
| **Total** | **93,322** | **100.0** |

- Parameters: 93,322 (364.54 KiB)
- Trainable: 93,322 (364.54 KiB)
- Non-trainable: 0 (0 B)
- MACs: 2,794,240 (per sample)
- Peak activations: 108,160 B (105.62 KiB at max_pooling2d)
"""

BROKEN_TEXT = """\
broken

Path         Kind    Output shape  Parameters     MACs
──────────────────────────────────────────────────────
input_layer  Input   8 × 8 × 3              0        0
conv2d       Conv2D  6 × 6 × 4            112    3,888
conv2d_1     Conv2D  –                      –        –
dense        Dense   –                      –        –
──────────────────────────────────────────────────────
Total                                   ≥ 112  ≥ 3,888

At least: 2 layers are not counted.
conv2d_1: kernel 9×9 is larger than the 6×6 input: use padding='same' or a smaller kernel
"""


def table(architecture, format_name, *columns, **options):
    chosen = columns_named(columns) if columns else None
    return formats.table(analyze(architecture), format_name, TableOptions(columns=chosen, **options))


def broken():
    small = kind("Conv2D", filters=4, kernel_size=3)
    large = kind("Conv2D", filters=4, kernel_size=9)
    return chain(kind("Input", shape=(8, 8, 3)), small, large, kind("Dense", units=2), name="broken")


def named(name):
    return msgspec.structs.replace(
        chain(kind("Input", shape=(4,))),
        name=name,
        layers=(msgspec.structs.replace(chain(kind("Input", shape=(4,))).layers[0], name=name),),
    )


def test_that_csv_is_as_promised():
    assert table(article_convnet(), "csv").encode() == GOLDEN.read_bytes()


def test_that_tsv_is_csv_with_tabs():
    rows = list(csv.reader(io.StringIO(CSV)))
    assert [line.split("\t") for line in table(article_convnet(), "tsv").split("\r\n")[:-1]] == rows


def test_that_a_text_table_is_as_promised():
    assert table(article_convnet(), "text") == TEXT


def test_that_a_markdown_table_is_as_promised():
    assert table(article_convnet(), "markdown", "name", "parameters", "share") == MARKDOWN


def test_that_a_broken_network_is_shown_as_far_as_it_goes():
    assert table(broken(), "text", totals=True).startswith(BROKEN_TEXT)
    assert "Parameters            ≥ 112  (448 B)" in table(broken(), "text")


def test_that_json_has_the_promised_keys_and_values():
    found = json.loads(table(article_convnet(), "json"))
    assert list(found) == ["name", "framework", "convention", "totals", "layers", "problems"]
    assert found["totals"] == {
        "parameters": 93322,
        "trainable": 93322,
        "non_trainable": 0,
        "macs": 2794240,
        "weight_bytes": 373288,
        "peak_activation_bytes": 108160,
        "complete": True,
        "layers_not_counted": 0,
        "weights_not_counted": 0,
    }
    assert found["layers"][3] == {
        "path": "conv2d_1",
        "name": "conv2d_1",
        "kind": "Conv2D",
        "inputs": ["max_pooling2d"],
        "input_shapes": [[None, 13, 13, 32]],
        "output_shapes": [[None, 11, 11, 64]],
        "parameters": 18496,
        "trainable": 18496,
        "non_trainable": 0,
        "statistics": 0,
        "macs": 2230272,
        "weight_bytes": 73984,
        "activation_bytes": 30976,
        "receptive_field": [8, 8],
        "problem": None,
    }
    assert found["problems"] == []


def test_that_unknown_is_null_and_a_problem_is_told_in_json():
    found = json.loads(table(broken(), "json"))
    reason = "kernel 9×9 is larger than the 6×6 input: use padding='same' or a smaller kernel"
    assert (found["totals"]["complete"], found["totals"]["layers_not_counted"]) == (False, 2)
    assert [found["layers"][2][key] for key in ("parameters", "output_shapes", "problem")] == [None, [], reason]
    assert found["layers"][3]["problem"] == "waiting for conv2d_1"
    assert found["problems"] == [f"conv2d_1: {reason}"]


def test_that_unknown_is_an_empty_cell():
    last = list(csv.DictReader(io.StringIO(table(broken(), "csv"))))[-1]
    assert {key for key, value in last.items() if value} == {"path", "name", "kind", "inputs", "problem"}


def test_that_a_row_of_totals_comes_when_asked():
    rows = table(article_convnet(), "csv", "name", "parameters", "macs", totals=True).split("\r\n")
    assert rows[-2:] == ["Total,93322,2794240", ""]


def test_that_delimiter_and_byte_order_mark_can_be_chosen():
    text = table(article_convnet(), "csv", "name", "output_shapes", delimiter=";", with_bom=True)
    assert text.startswith("\ufeffname;output_shapes\r\ninput_layer;(None, 28, 28, 1)\r\n")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_that_no_name_becomes_a_formula(name):
    [row] = csv.DictReader(io.StringIO(table(named(name), "csv"), newline=""))
    assert (row["name"], row["path"]) == (f"'{name}", f"'{name}")


@pytest.mark.parametrize("name", ['a "quoted" name', "a,b", "a;b", "a\nb", "  a", "层"])
def test_that_any_other_name_survives_csv(name):
    [row] = csv.DictReader(io.StringIO(table(named(name), "csv"), newline=""))
    assert row["name"] == name


def test_that_several_shapes_are_joined():
    assert cell(((None, 4), (2, None, 3))) == "(None, 4); (2, None, 3)"


def test_that_a_name_does_nothing_to_a_terminal_or_to_markdown():
    text = table(named("a\x1b[31m\nb|c"), "text")
    assert "\x1b" not in text
    assert "a�[31m�b|c" in text
    assert "a�\\[31m�b\\|c" in table(named("a\x1b[31m\nb|c"), "markdown")


def test_that_wide_signs_keep_the_columns_straight():
    lines = table(named("层"), "text", "name", "parameters").splitlines()
    assert lines[2:5] == ["Name  Parameters", "────────────────", "层             0"]


def test_that_a_known_batch_is_named_beside_the_macs():
    fixed = kind("Input", shape=(4,), batch_size=8)
    assert "(for a batch of 8)" in table(chain(fixed, kind("Dense", units=2)), "text")
    unknown = chain(kind("Input", shape=(4,)), kind("Dense", units=2))
    assert "(for a batch of 3)" in formats.table(analyze(unknown, batch=3), "text")


def test_that_inputs_are_named_only_where_they_do_not_go_without_saying():
    assert "Inputs" not in table(article_convnet(), "text")
    both = chain(kind("Input", shape=(4,)), kind("Dense", units=4), kind("Add"))
    merged = msgspec.structs.replace(both.layers[2], inputs=(*both.layers[2].inputs, *both.layers[1].inputs))
    both = msgspec.structs.replace(both, layers=(*both.layers[:2], merged))
    assert "dense, input" in table(both, "text")


@pytest.mark.parametrize("name", sorted(formats.tables()))
@given(architectures(), st.booleans())
def test_that_any_network_gives_a_table_in_any_format(name, architecture, totals):
    text = table(architecture, name, *(column.name for column in COLUMNS), totals=totals)
    text.encode()


@pytest.mark.parametrize(
    "name", [module.name for module in pkgutil.walk_packages(formats.__path__, "paramdesk.formats.")]
)
def test_that_examples_give_what_they_show(name):
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


# Numbers beyond every float ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.00 KiB"),
        (1152, "1.12 KiB"),
        (2**20 - 1, "1,024.00 KiB"),
        (2**60, "1,024.00 PiB"),
        (2**50 * 10**400, f"{10**400:,}.00 PiB"),
    ],
)
def test_that_any_number_of_bytes_can_be_said(count, words):
    assert byte_size(count) == words


def test_that_totals_beyond_every_float_can_be_said():
    summary = analyze(article_convnet())
    totals = msgspec.structs.replace(
        summary.totals, parameters=10**400, trainable=10**400 - 1, weight_bytes=4 * 10**400
    )
    lines = footer(msgspec.structs.replace(summary, totals=totals))
    assert lines[0] == ("Parameters", f"{10**400:,}", byte_size(4 * 10**400))


def test_that_a_row_that_nothing_reads_says_so():
    architecture = article_convnet()
    architecture = msgspec.structs.replace(architecture, outputs=(Source(architecture.layers[-2].id),))
    table = formats.table(analyze(architecture), "tsv", TableOptions(columns_named(["name", "problem"])))
    assert "nothing reads it" in table.splitlines()[-1]


def test_that_a_small_share_is_not_nothing():
    large = chain(kind("Input", shape=(100,)), kind("Dense", units=1000), kind("Dense", units=40), kind("PReLU"))
    lines = table(large, "tsv", "name", "share").splitlines()
    assert lines[-1].split("\t") == ["p_re_lu", "0.03"]
    assert "< 0.1" in table(large, "text", "name", "share")


def test_that_nothing_is_a_known_share_of_what_is_not_known():
    broken = chain(kind("Input", shape=(4,)), kind("Dense", units=3), kind("Conv2D", filters=2, kernel_size=3))
    text = table(broken, "text", "name", "parameters", "share")
    assert "≥ 15" in text
    assert "100" not in text
