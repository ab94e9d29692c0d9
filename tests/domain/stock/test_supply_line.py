"""A supply and its lines have a status in one word."""

from dataclasses import replace

from comanda.domain.stock.supply_line import (
    CANCELLED,
    REFUSED,
    REQUESTED,
    SupplyLine,
    supply_status,
)

SOON = "2026-11-25"


def a_line(**changes):
    line = SupplyLine(
        supply_id="PO-1", number=1, type="PURCHASE_ORDER", sku="TEA-001", node="dc-2", eta=SOON, quantity=10
    )
    return replace(line, **changes)


def a_transfer(**changes):
    return a_line(type="TRANSFER", origin="dc-1", **changes)


def test_a_supply_has_a_status_in_one_word():
    def word(*states):
        return supply_status([a_transfer(**state) for state in states])

    asked, agreed, no, open_ = {"state": REQUESTED}, {"approved": True}, {"state": REFUSED}, {}
    assert [word(asked), word(agreed), word(no), word(asked, agreed), word(agreed, no), word(agreed, open_)] == [
        "REQUESTED",
        "APPROVED",
        "REFUSED",
        "REQUESTED",
        "APPROVED",
        "CREATED",
    ]
    assert word(no, {"state": CANCELLED}) == "CANCELLED"
    assert word(asked, {"shipped": 1}) == "SHIPPED"
