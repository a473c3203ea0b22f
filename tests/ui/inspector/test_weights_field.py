"""Whose weights a layer or a block uses, chosen by keys."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from paramdesk.engine.analysis import analyze
from tests.formats.test_keras_json import INPUT, called, dense, functional, layer, model_within, read


def test_that_a_block_that_is_called_again_can_get_weights_of_its_own(document, inspector, select):
    inner = model_within("Sequential", "enc", layer("InputLayer", "i", batch_shape=[None, 4]), dense("one"))
    calls = [*called("in"), *called("enc")]
    document.open(read(functional(INPUT, {**inner, "name": "enc", "inbound_nodes": calls}, outputs=["enc", 1, 0])))
    select("enc#2")
    head = inspector.properties.head
    assert head.weights_row.isVisible()
    combo = head.weights.combo
    assert combo.currentText() == "those of enc"
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Up)
    assert analyze(document.architecture).totals.parameters == 40
    select("enc")
    assert not head.weights_row.isVisible()
