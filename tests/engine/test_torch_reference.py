"""Every module that PyTorch computed or refused comes out the same here."""

import pytest

from paramdesk.engine.layer_kind import kinds
from paramdesk.engine.spelling import Module
from tests.helpers.torch_reference import cases, disagreement

KNOWN = {
    spelling.name
    for kind in kinds().values()
    for spelling in kind.spellings.get("pytorch", ())
    if isinstance(spelling, Module)
}


@pytest.mark.parametrize("class_name", sorted(KNOWN & set(cases())))
def test_that_every_case_of_a_class_agrees_with_pytorch(class_name, record_property):
    differing = {case["id"]: disagreement(case) for case in cases()[class_name]}
    differing = {case: text for case, text in differing.items() if text}
    of = len(cases()[class_name])
    record_property("agrees with PyTorch", (class_name, (of - len(differing), of)))
    assert differing == {}
