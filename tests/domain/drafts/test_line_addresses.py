"""Lines of a draft go to addresses of their own, and lines that leave together go to one."""

import pytest

from comanda.domain.drafts.draft import Delivery
from comanda.domain.drafts.line_addresses import problems
from tests.domain.drafts.conftest import a_line, a_plain_draft

HOME, AUNT = {"line1": "1 Elm St", "country": "US"}, {"line1": "2 Oak St", "country": "US", "line2": ""}
KIT = Delivery(group="kit")


def codes(draft, own, **by_line):
    return [(one.pointer, one.code) for one in problems(draft, own, by_line)]


def test_an_address_that_is_the_drafts_own_is_no_other_one():
    draft = a_plain_draft(a_line("a"), a_line("b"), promise_id="prm_1")

    assert codes(draft, HOME, a={**HOME, "line2": None}) == []
    assert codes(draft, HOME, a=AUNT) == [("/promise_id", "one-destination")]
    assert codes(draft, None, a=AUNT) == [("/promise_id", "one-destination")]


@pytest.mark.parametrize("own", [HOME, None])
def test_a_group_goes_to_one_address(own):
    draft = a_plain_draft(a_line("a", delivery=KIT), a_line("b", delivery=KIT), a_line("c"))

    assert codes(draft, own, a=AUNT, b={"line1": "2 Oak St", "country": "US"}, c=HOME) == []
    assert codes(draft, own, a=AUNT, c=HOME) == [("/lines/1/ship_to", "mixed-group")]


def test_a_component_goes_where_its_bundle_goes():
    bundle = a_line("b", kind="BUNDLE")
    part = a_line("p", kind="COMPONENT", parent_line_id="b", ratio=1, price_share=1_000_000, price=0)
    draft = a_plain_draft(bundle, part)

    assert codes(draft, HOME, b=AUNT) == codes(draft, HOME, b=AUNT, p=AUNT) == []
    assert codes(draft, HOME, b=AUNT, p=HOME) == [("/lines/1/ship_to", "mixed-bundle")]


def test_a_draft_has_twenty_addresses_at_most_with_its_own():
    draft = a_plain_draft(*(a_line(str(n)) for n in range(20)))
    streets = {str(n): {"line1": f"{n} Pine St", "country": "US"} for n in range(20)}

    assert [one.code for one in problems(draft, None, streets)] == []
    assert [one.code for one in problems(draft, HOME, streets)] == ["too-many-destinations"]
