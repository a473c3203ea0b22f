"""What holds for every kind of layer, and so for a new one."""

import importlib
import typing
from pathlib import Path

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.example import example
from paramdesk.engine.explanation_text import as_markdown, as_text
from paramdesk.engine.formula import number
from paramdesk.engine.layer_kind import Category, LayerKind, kinds
from paramdesk.engine.naming import default_name
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.reference import facts, families, family_of, family_page, page
from paramdesk.engine.shape import FRAMEWORKS, NAMES
from tests.helpers.arithmetic import worked_out
from tests.helpers.networks import chain, kind

EVERY_KIND = pytest.mark.parametrize("made", [made.preset() for made in kinds().values()], ids=list(kinds()))


@EVERY_KIND
def test_that_a_kind_says_what_it_is(made: LayerKind):
    assert made.category in typing.get_args(Category)
    assert type(made).__doc__.strip().split("\n")[0].endswith(".")
    assert made.spellings.get("keras") or made.spellings.get("pytorch")
    assert made.source.startswith("https://")
    assert default_name(made)


@EVERY_KIND
def test_that_every_option_has_a_label_and_none_is_inert_as_well(made: LayerKind):
    for name, option in made.options().items():
        assert option.label[0].isupper() or option.label.startswith("LoRA"), name
        assert name not in made.inert


@EVERY_KIND
def test_that_what_the_palette_proposes_can_be_computed(made: LayerKind):
    net = example(made)
    report = analyze(net).layers[-1]
    assert report.is_computed, report.problem
    assert report.kind == made.name_in(net.framework)


@EVERY_KIND
def test_that_an_unknown_option_is_refused_by_name(made: LayerKind):
    with pytest.raises(InvalidOptions, match="no_such_option"):
        made.changed(no_such_option=1)


@EVERY_KIND
def test_that_the_explanation_works_out_to_the_reports_own_numbers(made: LayerKind):
    report = analyze(example(made)).layers[-1]
    sections = {section.title: section for section in report.explanation()}
    total = next(line for line in sections["Parameters"].lines if line.what == "Total")
    assert total.result == f"{report.parameters:,}"
    if report.weights:
        assert worked_out(total.numbers) == report.parameters
        weights = sections["Parameters"].lines[: sections["Parameters"].lines.index(total)]
        if len(weights) == len(report.weights):  # of many, it shows the parts that own them
            assert sum(int(line.result.replace(",", "")) for line in weights) == report.parameters
    macs = sections["Multiply-accumulates (MACs)"].lines[-1]
    assert macs.result == number(report.macs)
    if report.macs:
        assert worked_out(macs.numbers) == report.macs
    for line in (*sections["Output size"].lines, *sections["Receptive field"].lines):
        if " = " in line.numbers:
            assert f"{worked_out(line.numbers):,}" in line.result
    for line in sections["Memory"].lines:
        assert f"{worked_out(line.numbers):,} B" == line.result
    assert as_text(report.explanation()).isprintable() is False  # it has lines
    assert "### Parameters" in as_markdown(report.explanation())


@EVERY_KIND
def test_that_a_frozen_layer_trains_nothing_and_counts_the_same(made: LayerKind):
    from paramdesk.engine.edits import set_trainable

    net = example(made)
    free = analyze(net).layers[-1]
    frozen = analyze(set_trainable(net, [free.layer.id], trainable=False).architecture).layers[-1]
    assert (frozen.parameters, frozen.trainable) == (free.parameters, 0)
    assert frozen.statistics == free.statistics


@EVERY_KIND
def test_that_unknown_sizes_never_become_wrong_numbers(made: LayerKind):
    """Where an unknown input gives a known size, the known input gives the same."""
    net = example(made)
    report = analyze(net).layers[-1]
    for axis in range(len(report.input_shapes[0]) - 1 if report.input_shapes else 0):
        shape = list(report.input_shapes[0][1:])
        shape[axis] = None
        inputs = {layer.name: tuple(shape) for layer in net.input_layers()}
        loose = analyze(net.with_input(inputs)).layers[-1]
        if loose.is_computed:
            for known, unknown in zip(report.output_shapes[0], loose.output_shapes[0], strict=True):
                assert unknown in {None, known}
            assert loose.macs in {None, report.macs}


def test_that_no_two_kinds_are_spelled_alike():
    for framework in ("keras",):
        spelled = [name for made in kinds().values() for name in made.spellings.get(framework, ())]
        assert len(spelled) == len(set(spelled))


def test_that_a_field_is_a_whole_number_of_inputs():
    net = chain(
        kind("Input", shape=(32, 32, 3)), kind("UpSampling2D", size=2), kind("Conv2D", filters=4, kernel_size=3)
    )
    field = analyze(net).layers[-1].field
    assert isinstance(field, ReceptiveField)
    assert field.size == (2, 2)


def test_that_every_kind_has_a_page_and_a_place_in_that_of_its_family():
    assert [kind for members in families().values() for kind in members] == list(kinds().values())
    for name, made in kinds().items():
        assert f"### {name}\n\n" in family_page(families()[family_of(made)])
        known = facts(made)
        assert known.family, name
        assert {"Parameters", "Output size", "Multiply-accumulates (MACs)", "Memory"} <= set(known.formulas), name
        for option in made.options():
            assert f"| `{option}` |" in page(made)


def test_that_every_kind_is_spelled_in_both_frameworks_or_says_what_the_other_has_instead(record_property):
    lacking = {
        framework: [made for made in kinds().values() if not made.names_in(framework) and made.is_offered]
        for framework in FRAMEWORKS
    }
    assert not set(lacking["keras"]) & set(lacking["pytorch"])
    for framework, members in lacking.items():
        record_property(f"not in {NAMES[framework]}", ", ".join(f"{m.title()} ({m.elsewhere})" for m in members))
        for made in members:
            assert made.elsewhere, made
            assert f"{NAMES[framework]}: no such layer" in page(made)
    in_both = [made for made in kinds().values() if all(made.names_in(framework) for framework in FRAMEWORKS)]
    assert [made for made in in_both if made.elsewhere] == []


def test_that_the_readme_shows_a_kind_that_works(tmp_path, monkeypatch):
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    lines = readme.partition("### Add a kind of layer")[2].splitlines()
    block = [line[4:] for line in lines[: lines.index("### Add a format")] if line.startswith("    ") or not line]
    imports = (
        "from typing import Annotated",
        "from paramdesk.engine.formula import named",
        "from paramdesk.engine.option import Option",
        "from paramdesk.engine.shape import TensorSpec",
        "from paramdesk.engine.single_input import SingleInputKind",
        "from paramdesk.engine.spelling import Argument, Module",
        "from paramdesk.engine.weight import Weight",
    )
    (tmp_path / "kind_of_the_readme.py").write_text("\n".join((*imports, *block)), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    made = importlib.import_module("kind_of_the_readme").ChannelAffine
    for use_shift, parameters in ((True, 64), (False, 32)):
        report = analyze(chain(kind("Input", shape=(28, 28, 32)), made(use_shift=use_shift))).layers[-1]
        assert report.parameters == parameters
    assert made(use_shift=False).digest() == "no shift"
