"""How long an analysis takes: 1,000 convolutions cold, after one changed layer, after a changed input size.

Run it by itself: `python -m tests.benchmarks.bench_analysis`. Times are the machine's, ratios the program's.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from paramdesk.engine.analysis import analyze
from paramdesk.engine.edits import configure, insert_kind
from paramdesk.engine.places import Place
from tests.helpers.networks import chain, kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from paramdesk.engine.architecture import Architecture


WINDOW: dict[str, object] = {"filters": 8, "kernel_size": 3, "padding": "same"}
MIX: tuple[tuple[str, dict[str, object]], ...] = (
    ("Conv2D", WINDOW),
    ("BatchNormalization", {}),
    ("ReLU", {}),
    ("DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}),
    ("Dropout", {"rate": 0.2}),
    ("SeparableConv2D", WINDOW),
    ("LayerNormalization", {}),
    ("Dense", {"units": 8}),
    ("ZeroPadding2D", {}),
    ("Cropping2D", {"cropping": 1}),
    ("GroupNormalization", {"groups": 1}),
    ("Conv2DTranspose", WINDOW),
    ("PReLU", {"shared_axes": (1, 2)}),
    ("SpatialDropout2D", {"rate": 0.2}),
    ("EinsumDense", {"equation": "abcd,de->abce", "output_shape": (None, None, 24), "bias_axes": "e"}),
)
"""Kinds whose outputs any of them reads."""


def best_ms(work: Callable[[], object], runs: int = 30) -> float:
    """The shortest of several runs, in milliseconds: what the work takes when nothing else disturbs it."""
    times = []
    for _run in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def convolutions(count: int) -> Architecture:
    """A stack of convolutions with different filters."""
    layers = [kind("Conv2D", filters=8 + index % 3, kernel_size=3, padding="same") for index in range(count)]
    return chain(kind("Input", shape=(64, 64, 8)), *layers)


def mixed(count: int) -> Architecture:
    """A stack of layers of many kinds, hardly two of them with the same options."""
    layers = []
    for index in range(count):
        name, options = MIX[index % len(MIX)]
        sizes = {option: 8 + index * 7 % 40 for option in options if option in {"filters", "units"}}
        layers.append(kind(name, **{**options, **sizes}))
    return chain(kind("Input", shape=(64, 64, 8)), *layers)


def first_ms(work: Callable[[], object]) -> float:
    """What the very first run takes, in milliseconds."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Measures and prints."""
    many = mixed(1000)
    first = first_ms(lambda: analyze(many))
    net = convolutions(1000)
    summary = analyze(net)
    changed = configure(net, 500, use_bias=False).architecture
    wider = net.with_input((65, 64, 8))
    big = convolutions(10_000)
    cold = best_ms(lambda: analyze(net))
    figures = {
        "the very first, 1,000 mixed (target 20 ms)": first,
        "cold, 1,000 convolutions": cold,
        "after one changed layer (target 1 ms)": best_ms(lambda: analyze(changed, summary)),
        "after a changed input size (target 8 ms)": best_ms(lambda: analyze(wider, summary)),
        "an insert into 10,000 (the edit alone)": best_ms(lambda: insert_kind(big, kind("ReLU"), Place(5000)), runs=10),
    }
    for what, milliseconds in figures.items():
        print(f"{what:45} {milliseconds:8.2f} ms   {milliseconds / cold:6.2f} × cold")  # noqa: T201  # its purpose


if __name__ == "__main__":
    main()
