"""Whatever a file holds, reading it gives an architecture or a line that says what is wrong: soon, in little memory."""

import functools
import gzip
import io
import json
import os
import random
import re
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnreadableFile
from tests.formats.test_keras_json import INPUT, called, dense, functional, model_within
from tests.formats.test_paramdesk_file import CONVNET
from tests.helpers.networks import article_convnet

REFERENCE = Path(__file__).parents[1] / "reference"
READERS = sorted(formats.readers())


def reading(data, format_name=None):
    """The architecture, or the one line that says why there is none."""
    try:
        architecture = formats.read(io.BytesIO(data), format_name)
    except UnreadableFile as error:
        return str(error)
    analyze(architecture)
    return architecture


def refusal(data, format_name=None):
    found = reading(data, format_name)
    assert isinstance(found, str)
    assert "\n" not in found
    return found


@pytest.mark.parametrize("format_name", [*READERS, None])
@given(data=st.binary())
def test_that_any_bytes_are_refused_in_a_line(format_name, data):
    refusal(data, format_name)


@pytest.mark.parametrize("format_name", READERS)
@given(value=st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab"), st.lists))
def test_that_any_json_is_refused_in_a_line(format_name, value):
    refusal(json.dumps(value).encode(), format_name)


@functools.cache
def samples(format_name):
    """Files of a format: what it writes, or those of the reference that have its endings."""
    entry = formats.formats()[format_name]
    if entry.write:
        return (CONVNET.encode() if format_name == "paramdesk" else formats.content(article_convnet(), entry),)
    paths = sorted(path for path in REFERENCE.rglob("*") if path.name.removesuffix(".gz").endswith(entry.endings))
    contents = [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in paths]
    return tuple(sorted(contents, key=len)[:20])


def damaged(data, dice):
    """The data with a few bytes changed, taken out or put in, mostly near its ends, where files say what they hold."""
    data = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        near = int(dice.expovariate(1 / 300)) % len(data)
        place = dice.choice([dice.randrange(len(data)), near, len(data) - 1 - near])
        match dice.randrange(6):
            case 0:
                data[place] = dice.randrange(256)
            case 1:
                del data[place : min(place + dice.randrange(40), len(data) - 1)]
            case 2:
                data[place:place] = data[: dice.randrange(80)]
            case 3:
                data[place:place] = dice.choice([b"9" * 30, b"null", b"[", b"-", b'"', b"NaN", b"1e999"])
            case 4:
                data[place : place + 8] = dice.choice(
                    [b"\xff" * 8, bytes(8), dice.randrange(2**63).to_bytes(8, "little")]
                )
            case 5:
                data[place : place + 4] = (1 << dice.randrange(32)).to_bytes(4, "little")
    return bytes(data)


def repacked(data, dice):
    """An archive in which one entry is damaged."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    chosen = dice.choice([name for name in entries if not re.search(r"/data/\d+$", name) and entries[name]])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", dice.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
        for name, content in entries.items():
            archive.writestr(name, damaged(content, dice) if name == chosen else content)
    return file.getvalue()


@pytest.mark.parametrize("format_name", READERS)
def test_that_there_are_samples_of_every_format(format_name):
    assert samples(format_name)


@pytest.mark.parametrize("half", range(2))
@pytest.mark.parametrize("format_name", READERS)
def test_that_a_damaged_file_is_read_or_refused_in_a_line(format_name, half):
    for seed in range(150 * half, 150 * (half + 1)):
        dice = random.Random(seed)  # noqa: S311 - damage is no secret
        data = dice.choice(samples(format_name))
        is_inside = data.startswith(b"PK") and dice.random() < 0.5
        found = reading(repacked(data, dice) if is_inside else damaged(data, dice), format_name)
        assert isinstance(found, Architecture) or "\n" not in found, seed


BOMBS = {
    "brackets": b"[" * 2**20,
    "objects": b'{"paramdesk":' * 2**18,
    "many values": b"[" + b"[]," * 2**22 + b"[]]",
    "deep extras": b'{"paramdesk": 1, "layers": [], "extras": ' + b'{"a":' * 300 + b"1" + b"}" * 301,
    "deep blocks": (
        b'{"paramdesk": 1, "layers": '
        + b"".join(b'[{"block": "%d", "layers": ' % n for n in range(40))
        + b"[]"
        + b"}]" * 40
        + b"}"
    ),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_that_what_is_too_deep_or_too_much_is_refused_at_once(bomb):
    start = time.process_time()
    said = refusal(bomb, "paramdesk")
    assert any(word in said for word in ("deep in one another", "more than 4,000,000 values"))
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("name", "said"),
    [("cycle", "groups stand more than 40 deep in one another"), ("big", "a dataset that is larger than any weight")],
)
def test_that_an_hdf5_file_that_leads_nowhere_is_refused(name, said):
    data = gzip.decompress((REFERENCE / "hostile" / f"{name}.weights.h5.gz").read_bytes())
    assert said in refusal(data, "keras-hdf5")


def pickle_in_itself(width, depth):
    """A pickle of dictionaries, each of which holds the one before it so many times."""
    steps = b"\x80\x02}q\x00"
    for level in range(depth):
        again = b"".join(b"X\x04\x00\x00\x00%04dh" % key + bytes([level]) for key in range(width))
        steps += b"}q" + bytes([level + 1]) + b"(" + again + b"u"
    return steps + b"."


@pytest.mark.parametrize(
    "steps", [pickle_in_itself(2, 50), pickle_in_itself(2000, 4), b"\x80\x02" + b"]" * 2**22 + b"."]
)
def test_that_a_pickle_in_which_things_multiply_is_refused_in_time(steps):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/data.pkl", steps)
    start = time.process_time()
    assert "more than " in refusal(file.getvalue(), "pytorch-weights")
    assert time.process_time() - start < 10


def test_that_nested_repetitions_do_not_multiply_for_ever():
    inner = '{"name": "a", "kind": "Dense", "units": 1}'
    for depth in range(20):
        inner = f'{{"block": "{depth}", "repeat": 200000, "layers": [{inner}]}}'
    text = f'{{"paramdesk": 1, "layers": [{{"name": "in", "kind": "Input", "shape": [1]}}, {inner}]}}'
    architecture = formats.read(io.BytesIO(text.encode()))
    summary = analyze(architecture)
    assert len(summary.layers) == 200_000
    assert not summary.totals.complete


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are told otherwise there")
def test_that_200_megabytes_of_brackets_take_neither_time_nor_memory(tmp_path):
    import resource

    bomb = tmp_path / "bomb.json"
    with bomb.open("wb") as file:
        for _ in range(200):
            file.write(b"[" * 2**20)
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "paramdesk", "summary", str(bomb)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (300 * 2**20,) * 2),
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "larger than 64 MiB" in done.stderr
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not a file that paramdesk knows: it reads ."),
        (b'{"paramdesk": 1, "layers": [], "name": "\xff"}', "not a text file: byte 40 is not UTF-8"),
        (b'{"paramdesk": NaN, "layers": []}', "NaN is not a number"),
        (b'{"paramdesk": 1' + b"0" * 5000 + b"}", "the number 10000000000000000000… is too large"),
        (b'{"paramdesk": 99999999999999999999, "layers": []}', "the number 99999999999999999999… is too large"),
        (b'{"paramdesk": 1, "layers": [], "name": "\\ud800"}', "a text in it holds half a character"),
    ],
)
def test_that_what_is_wrong_is_said(data, said):
    assert said in refusal(data)


def test_that_a_pair_of_escaped_surrogates_is_a_character():
    architecture = reading(b'{"paramdesk": 1, "layers": [], "name": "\\ud83d\\ude00"}')
    assert architecture.name == "😀"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_that_what_windows_makes_of_a_text_is_read(encoding):
    assert isinstance(reading(CONVNET.encode(encoding), "paramdesk"), Architecture)


def test_that_a_missing_file_a_folder_and_a_bad_name_are_told_apart(tmp_path):
    def said(path):
        with pytest.raises(UnreadableFile) as caught:
            formats.read(path)
        assert caught.value.file == str(path)
        return caught.value.reason

    assert said(tmp_path / "none.paramdesk") == "there is no such file"
    assert said(tmp_path) == "it is a folder, not a file"
    assert said("a\0b") == "not a name of a file"
    assert said(tmp_path / ("x" * 300)).endswith("name too long")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is unreadable to an administrator")
def test_that_a_file_that_may_not_be_read_is_told(tmp_path):
    path = tmp_path / "secret.paramdesk"
    path.write_text(CONVNET)
    path.chmod(stat.S_IWUSR)
    with pytest.raises(UnreadableFile, match="reading it is not permitted"):
        formats.read(path)


def test_that_a_file_open_as_text_is_told_apart():
    with pytest.raises(UnreadableFile, match="open it in binary mode"):
        formats.read(io.StringIO(CONVNET))


def test_that_the_content_counts_where_the_ending_misleads(tmp_path):
    path = tmp_path / "net.json"
    path.write_text(CONVNET)
    assert formats.read(path).name == "convnet"


def test_that_a_pipe_can_be_read():
    reader, writer = os.pipe()
    os.write(writer, CONVNET.encode())
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        assert formats.read(file).name == "convnet"


def test_that_a_format_that_does_not_read_is_named():
    assert "there is no format 'csv' to read: there are " in refusal(b"{}", "csv")


def test_that_models_that_are_called_twice_within_each_other_do_not_multiply_for_ever():
    inner = dense("d")
    for _step in range(20):
        model = model_within("Functional", "m", INPUT, inner, input_layers=["in", 0, 0], output_layers=["d", 0, 0])
        inner = {**model, "name": "d", "inbound_nodes": [*called("in"), *called("d")]}
    content = functional(INPUT, {**inner, "inbound_nodes": called("in")}, outputs=["d", 0, 0])
    start = time.perf_counter()
    assert "with every call of the models in it, it has more than 200,000 layers" in refusal(
        json.dumps(content).encode(), "keras-json"
    )
    assert time.perf_counter() - start < 2
