"""Test what the page of an order decides from the API's answer, without a page."""

from typing import Any

import pytest

from functions.console import order_rules


def an_allocation(quantity, status, *, node=None, fulfillment=None, day=None, due=None):
    return {
        "quantity": quantity,
        "status": status,
        "node_id": node,
        "fulfillment_id": fulfillment,
        "deliver_on": day,
        "due": due,
    }


def a_line(line_id, *allocations, waits_in=None, cancel_on=None, kind="PRODUCT"):
    return {
        "line_id": line_id,
        "sku": f"SKU-{line_id}",
        "title": None,
        "kind": kind,
        "waits_in": waits_in,
        "waits_because": "no-stock",
        "cancel_on": cancel_on,
        "allocations": list(allocations),
    }


def an_order(*lines, promised=None, wanted=None, fulfillments=(), holds=(), draft=False):
    return {
        "lines": list(lines),
        "promised": promised,
        "requested": {"deliver_by": wanted},
        "fulfillments": list(fulfillments),
        "holds": list(holds),
        "draft": draft,
    }


def test_units_are_grouped_by_what_became_of_them_and_what_needs_a_look_comes_first():
    order = an_order(
        a_line("1", an_allocation(2, "SHIPPED", node="dc", fulfillment="f-1"), an_allocation(1, "BACKORDERED")),
        a_line("2", an_allocation(3, "SHIPPED", node="dc", fulfillment="f-1"), waits_in=None),
        a_line("3", an_allocation(1, "UNSCHEDULED"), waits_in="routing", cancel_on="2026-12-09"),
    )

    groups = order_rules.groups(order)

    assert [(group.status, group.queue, group.units) for group in groups] == [
        ("UNSCHEDULED", "routing", 1),
        ("BACKORDERED", None, 1),
        ("SHIPPED", None, 5),
    ]
    assert groups[0].rows[0].cancel_on == "2026-12-09"


def test_a_promise_is_compared_with_the_day_of_the_last_unit():
    order = an_order(
        a_line("1", an_allocation(1, "SHIPPED", day="2026-12-01"), an_allocation(1, "RELEASED", day="2026-12-04")),
        a_line("2", an_allocation(5, "CANCELLED")),
        promised={"deliver_on": "2026-12-02", "zone": "America/New_York"},
    )

    promise = order_rules.promise(order)

    assert (promise.now, promise.late, promise.zone, promise.unknown) == ("2026-12-04", 2, "America/New_York", 0)


def test_a_unit_without_a_day_leaves_the_arrival_unknown():
    promise = order_rules.promise(
        an_order(a_line("1", an_allocation(1, "SHIPPED", day="2026-12-01"), an_allocation(4, "BACKORDERED")))
    )

    assert (promise.now, promise.late, promise.unknown) == (None, None, 4)


def test_only_units_that_the_api_allows_are_offered_for_a_cancel():
    order = an_order(a_line("1", an_allocation(2, "PACKED"), an_allocation(1, "PICKED")), a_line("2"))
    packed = {"code": "packed", "line_id": "1", "status": "PACKED", "hold_id": None}
    rows = [(None, 1, [packed]), ("1", 1, [packed]), ("2", 0, [{**packed, "code": "nothing-left", "line_id": "2"}])]
    changes = [{"modification": "cancel", "line_id": name, "units": n, "denials": why} for name, n, why in rows]

    assert [(line["line_id"], line["units"]) for line in order_rules.cancellable(order, changes)] == [("1", 1)]
    assert order_rules.denied_cancels(changes) == [packed]


@pytest.mark.parametrize(("status", "is_open"), [("PACKED", True), ("SHIPPED", False), ("CANCELLED", False)])
def test_an_order_is_open_until_its_units_have_left_or_are_cancelled(status, is_open):
    assert order_rules.is_open(an_order(a_line("1", an_allocation(2, status)))) is is_open


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ({"quantity.0": "2", "quantity.1": "1"}, None),
        ({"quantity.0": "1", "quantity.1": ""}, [{"line_id": "1", "quantity": 1}]),
        ({}, []),
    ],
)
def test_every_unit_means_the_whole_order_and_none_means_nothing(typed, chosen):
    lines = [{"line_id": "1", "units": 2}, {"line_id": "2", "units": 1}]

    assert order_rules.chosen_lines(typed, lines) == chosen


@pytest.mark.parametrize("typed", ["3", "-1", "1.5", "two", "٢", "9" * 50])
def test_a_wrong_quantity_names_its_field(typed):
    with pytest.raises(ValueError, match=r"quantity\.0"):
        order_rules.chosen_lines({"quantity.0": typed}, [{"line_id": "1", "units": 2}])


@pytest.mark.parametrize(
    ("pattern", "number", "link"),
    [
        ("https://t.example.org/?n={number}", "A 1/2", "https://t.example.org/?n=A%201%2F2"),
        ("javascript:alert({number})", "1", None),
        ("https://t.example.org/", "1", None),
        (None, "1", None),
        ("https://t.example.org/{number}", None, None),
    ],
)
def test_only_a_web_address_of_the_carrier_becomes_a_link(pattern, number, link):
    assert order_rules.tracking_link(pattern, number) == link


def test_a_draft_and_a_held_order_wait_for_sales():
    held = {"active": True, "type": "FORM_REVIEW", "queue": "sales-review"}

    assert order_rules.waits_for_review(an_order(draft=True))
    assert order_rules.waits_for_review(an_order(holds=(held,)))
    assert not order_rules.waits_for_review(an_order(holds=({**held, "active": False},)))
    assert not order_rules.waits_for_review(an_order(holds=({**held, "queue": "holds"},)))


def test_reasons_are_those_of_the_newest_decision_of_each_address_that_chose_a_node():
    def decision(*nodes: str, **more: int) -> dict[str, Any]:
        return {"why": [{"node_id": node} for node in nodes], **more}

    first, second = decision("dc-1", "dc-2"), decision("dc-1", destination=1)
    again, nothing = decision("dc-3", destination=1), decision()

    assert [one["node_id"] for one in order_rules.reasons([first, second])] == ["dc-1", "dc-2", "dc-1"]
    assert [one["node_id"] for one in order_rules.reasons([second, first, again, nothing])] == ["dc-1", "dc-2", "dc-3"]
    assert order_rules.reasons([nothing]) == []
