"""What an edit costs the panels does not grow as the network does, as far as only what is in sight is painted."""

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("panel", ["table", "chart", "totals"])
def test_that_an_edit_in_1000_layers_costs_a_panel_less_than_ten_times_one_in_20(qtbot, panel):
    from tests.benchmarks.bench_panels import EDITS, Bench

    def cost(count):
        edit = EDITS["one layer changed"]
        if count < 500:
            from paramdesk.engine.edits import configure

            def edit(net, run):
                return configure(net, 10, filters=20 + run)

        figures = []
        for names in ("", panel):
            bench = Bench(names, count)
            figures.append(bench.best_ms(edit))
            bench.close()
        return figures[1] - figures[0]

    assert cost(1000) < 10 * max(cost(20), 0.3)
