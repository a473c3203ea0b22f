"""Every layer that Keras computed or refused comes out the same here."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.layer_kind import kinds
from tests.helpers.keras_reference import architecture_of, cases, disagreement, model

KNOWN = {name for kind in kinds().values() for name in kind.spellings.get("keras", ())}

MACS = {
    "VGG16": 15_470_264_320,
    "ResNet50": 3_857_973_248,
    "MobileNet": 568_740_352,
    "article_convnet": 2_756_736,
    "article_convnet_dense": 2_794_240,
}


@pytest.mark.parametrize("class_name", sorted(KNOWN & set(cases())))
def test_that_every_case_of_a_class_agrees_with_keras(class_name, record_property):
    differing = {case["id"]: disagreement(case) for case in cases()[class_name]}
    differing = {case: text for case, text in differing.items() if text}
    of = len(cases()[class_name])
    record_property("agrees with Keras", (class_name, (of - len(differing), of)))
    assert differing == {}


def test_that_the_classes_of_convolutional_networks_are_all_known():
    later: set[str] = set()
    families = ("Conv", "Pooling", "Normalization", "Dropout", "Padding", "Cropping", "Sampling", "Embedding")
    wanted = {name for name in cases() if any(part in name for part in families) and "Adaptive" not in name}
    assert wanted - KNOWN == later


@pytest.mark.parametrize(
    "name", ["VGG16", "ResNet50", "MobileNet", "lenet5", "mlp", "article_convnet", "article_convnet_dense"]
)
def test_that_whole_networks_have_the_figures_of_their_summary(name):
    record = model(name)
    summary = analyze(architecture_of(record))
    computed = {report.name: report for report in summary.layers}
    for row in record["summary"]:
        report = computed[row["name"]]
        assert report.problem is None
        assert [list(shape) for shape in report.output_shapes] == [row["output_shape"]], row["name"]
        figures = (report.parameters, report.trainable, report.non_trainable)
        assert figures == (row["params"], row["trainable"], row["non_trainable"]), row["name"]
    totals = summary.totals
    assert totals.complete
    assert (totals.parameters, totals.trainable) == (record["total"], record["trainable"])
    assert totals.macs == MACS.get(name, totals.macs)
