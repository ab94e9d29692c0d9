"""A wave takes accepted work that is wanted, and lists what is left of it once for each sku."""

from datetime import UTC, datetime
from typing import Any

import pytest

from comanda.domain.picking.pick_wave import MULTI_LINE, SINGLE_LINE, Wanted, fits, is_left, rows_to_pick

FIVE, SIX = (datetime(2026, 12, 1, hour, tzinfo=UTC) for hour in (17, 18))


def a_line(line_id: str = "1", sku: str = "TEA", **quantities: int) -> dict[str, Any]:
    return {"line_id": line_id, "sku": sku, "title": sku.lower(), "quantities": quantities or {"ACCEPTED": 2}}


def a_work(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    work = {
        "fulfillment_id": "f-1",
        "status": "ACCEPTED",
        "recall": None,
        "service": "STANDARD",
        "method": "SHIP",
        "ship_by": "2026-12-01T17:00:00.000Z",
        "lines": list(lines or [a_line()]),
    }
    return work | changes


@pytest.mark.parametrize(
    ("wanted", "changes", "taken"),
    [
        (Wanted(), {}, True),
        (Wanted(), {"status": "OFFERED"}, False),
        (Wanted(), {"status": "PICKING"}, False),
        (Wanted(), {"recall": {"units": 1}}, False),
        (Wanted(lines=SINGLE_LINE), {}, True),
        (Wanted(lines=MULTI_LINE), {}, False),
        (Wanted(service="EXPRESS"), {}, False),
        (Wanted(service="STANDARD"), {}, True),
        (Wanted(method="PICKUP"), {}, False),
        (Wanted(ship_by=FIVE), {}, True),
        (Wanted(ship_by=FIVE), {"ship_by": "2026-12-01T17:00:00.001Z"}, False),
        (Wanted(ship_by=SIX), {}, True),
    ],
)
def test_what_fits(wanted: Wanted, changes: dict[str, Any], taken: bool):
    assert fits(a_work(**changes), wanted) is taken


def test_a_line_whose_units_are_all_cancelled_is_no_line_of_the_work():
    work = a_work(a_line("1"), a_line("2", CANCELLED=3))

    assert fits(work, Wanted(lines=SINGLE_LINE))
    assert not fits(work, Wanted(lines=MULTI_LINE))


def test_a_row_has_the_units_that_are_left_by_work():
    first = a_work(a_line("1", ACCEPTED=1, PICKED=5), a_line("2", PICKING=2), a_line("3", "CUP", PICKED=1))
    second = a_work(a_line("1", ACCEPTED=4), fulfillment_id="f-2")

    assert rows_to_pick([first, second]) == {
        "TEA": {
            "sku": "TEA",
            "gtin": None,
            "title": "tea",
            "units": 7,
            "fulfillments": [{"fulfillment_id": "f-1", "units": 3}, {"fulfillment_id": "f-2", "units": 4}],
        }
    }


@pytest.mark.parametrize(
    ("status", "left"), [("ACCEPTED", True), ("PICKING", True), ("PICKED", False), ("DECLINED", False)]
)
def test_what_is_left(status: str, left: bool):
    assert is_left(status) is left
