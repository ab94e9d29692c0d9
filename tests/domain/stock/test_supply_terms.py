"""A caller takes the steps of its own nodes, and a new line has the terms of its day."""

import pytest

from comanda.domain.stock.supply_line import APPROVE, CHANGE, RECEIVE, SHIP, SupplyLine
from comanda.domain.stock.supply_terms import differs_from_supply, may_take_step, with_terms

LINE = SupplyLine(
    supply_id="T-1", number=1, type="TRANSFER", sku="TEA-001", node="dc-2", origin="dc-1", eta="2026-11-25", quantity=10
)


@pytest.mark.parametrize(
    ("action", "of_origin", "of_destination"),
    [(SHIP, True, False), (APPROVE, True, False), (RECEIVE, False, True), (CHANGE, True, True)],
)
def test_the_origin_ships_and_answers_the_destination_receives_and_both_do_the_rest(action, of_origin, of_destination):
    assert may_take_step(LINE, action, {"dc-1"}.__contains__) == of_origin
    assert may_take_step(LINE, action, {"dc-2"}.__contains__) == of_destination
    assert not may_take_step(LINE, action, {"dc-3"}.__contains__)


@pytest.mark.parametrize(
    ("header", "supplier", "code"),
    [
        ({"type": "TRANSFER", "origin": "dc-1"}, "ACME", None),
        ({"type": "TRANSFER", "origin": "dc-1", "supplier": "ACME"}, "ACME", None),
        ({"type": "TRANSFER", "origin": "dc-1", "supplier": "ACME"}, "", None),
        ({"type": "TRANSFER", "origin": "dc-1", "supplier": "ACME"}, "OTHER", "another-supplier"),
        ({"type": "TRANSFER", "origin": "dc-9"}, "", "another-type"),
        ({"type": "RETURN", "origin": "dc-1"}, "", "another-type"),
    ],
)
def test_the_lines_of_a_supply_have_one_type_one_origin_and_one_supplier(header, supplier, code):
    refused = differs_from_supply(LINE, supplier, header)

    assert (refused.code if refused else None) == code


def test_a_new_line_has_the_terms_of_its_type_and_of_its_node():
    policy = {"supplies": {"TRANSFER": {"over_receipt_percent": 5, "excluded_percent": 20, "grace_days": 0}}}

    line = with_terms(LINE, policy, {"receiving_days": 2}, over_percent=None)

    assert (line.over_percent, line.excluded, line.grace_days, line.receiving_days) == (5, 20, 0, 2)
    assert with_terms(LINE, policy, {}, over_percent=7).over_percent == 7


def test_without_a_policy_a_supply_counts_in_full_until_it_is_three_days_late():
    line = with_terms(LINE, {}, {}, over_percent=None)

    assert (line.over_percent, line.excluded, line.grace_days, line.receiving_days) == (0, 0, 3, 0)
