"""Callers see plain JSON, money with its currency, times in UTC, ids in full, and no contact."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from comanda.domain import ids, invoice_view, views
from comanda.domain.billing import invoices
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.status import Status
from tests.builders import (
    NOW,
    ORDER_ID,
    a_hold_type,
    a_line,
    a_package,
    a_shipment,
    a_step,
    an_allocation,
    an_order,
    offered,
    placed,
    saved,
)


def shipped():
    order = offered(
        placed(
            an_order(a_line("TEA", 3, 1299, tax=99, discount=12), shipping=500, shipping_tax=41, discount=7),
            a_hold_type("VALUE_LIMIT", "cancel", total_at_least=(0, "USD"), expires_minutes=60),
        )
    )
    return saved(ship(order, a_step(l1=2), a_shipment("S1", a_package("P1", ("1", 2)))))


def test_an_order_is_plain_json_with_every_part_of_the_contract():
    seen = json.loads(json.dumps(views.order(shipped())))

    assert set(seen) >= {
        "order_id", "status", "version", "quantities", "lines", "fulfillments", "invoices", "payments", "holds",
        "totals", "links",
    }  # fmt: skip
    assert seen["status"] == "PARTIALLY_SHIPPED"
    assert seen["quantities"] == {"RELEASED": 1, "SHIPPED": 2}
    assert seen["totals"]["total"] == {"amount": 3 * 1299 + 99 - 12 + 541 - 7, "currency": "USD"}
    assert seen["placed_at"] == "2026-11-19T12:00:00.000Z"
    assert seen["lines"][0]["allocations"][1] == {
        "quantity": 2,
        "status": "SHIPPED",
        "node_id": "dc-1",
        "fulfillment_id": ids.fulfillment(ORDER_ID, 1),
        "implied": ["accept", "pick", "pack"],
        "due": None,
        "deliver_on": None,
    }
    assert seen["lines"][0]["unit_price"] == {"amount": 1299, "currency": "USD"}
    assert seen["charges"] == [
        {
            "kind": "SHIPPING",
            "amount": {"amount": 500, "currency": "USD"},
            "tax": {"amount": 41, "currency": "USD"},
            "tax_table": None,
            "tax_name": None,
            "zero_rate_reason": None,
            "tax_estimated": False,
        }
    ]
    assert seen["holds"][0]["active"]
    assert seen["holds"][0]["expires"] == "2026-11-19T13:00:00.000Z"
    assert seen["payments"][0]["authorized"]["amount"] == seen["totals"]["total"]["amount"]
    assert seen["links"]["self"] == f"/v1/orders/{ORDER_ID}"


def test_units_at_a_node_arrive_with_their_fulfillment_and_cancelled_ones_on_no_day():
    waits = {"node": "dc-1", "due": "2026-11-25", "promise": "2026-11-27"}
    order = placed(an_order(a_line("TEA", 6)))
    line = replace(
        order.lines[0],
        allocations=(
            an_allocation(1, Status.RELEASED, node="dc-1", fulfillment=1),
            an_allocation(2, Status.SCHEDULED, **waits),
            an_allocation(3, Status.CANCELLED, **waits),
        ),
    )
    work = replace(offered(order).fulfillments[0], deliver_on="2026-11-23")

    shown = views.order(replace(order, lines=(line,), fulfillments=(work,)))["lines"][0]["allocations"]

    assert [(a["status"], a["due"], a["deliver_on"]) for a in shown] == [
        ("RELEASED", None, "2026-11-23"),
        ("SCHEDULED", "2026-11-25", "2026-11-27"),
        ("CANCELLED", None, None),
    ]


def test_an_order_shows_no_contact():
    assert not {"customer", "ship_to", "bill_to", "note", "gift", "attributes"} & set(views.order(shipped()))


def test_a_fulfillment_shows_its_lines_by_status_and_its_packages():
    order = saved(advance(shipped(), "accept", a_step(2)))
    order = saved(cancel(replace(order, holds=()), {"1": 1}, "less", "shop", NOW))

    first, second = (views.fulfillment(order, f) for f in order.fulfillments)

    assert (first["status"], second["status"]) == ("SHIPPED", "CANCELLED")
    assert first["fulfillment_id"] == ids.fulfillment(ORDER_ID, 1)
    assert first["lines"] == [{"line_id": "1", "sku": "TEA", "title": "", "quantity": 2, "quantities": {"SHIPPED": 2}}]
    assert second["lines"][0]["quantities"] == {"CANCELLED": 1}
    assert first["packages"][0]["tracking_number"] == "1Z-P1"
    assert first["packages"][0]["contents"] == [{"line_id": "1", "quantity": 2}]
    assert first["shipped_at"] == "2026-11-19T12:00:00.000Z"
    assert first["invoice_id"] is None


def test_units_of_one_line_in_two_statuses_are_one_row():
    order = saved(advance(offered(placed(an_order(a_line("TEA", 3)))), "accept", a_step()))
    order = saved(advance(order, "pick", a_step(l1=1)))

    (row,) = views.fulfillment(order, order.fulfillment(1))["lines"]

    assert (row["quantity"], row["quantities"]) == (3, {"ACCEPTED": 2, "PICKED": 1})


def test_an_invoice_shows_its_gapless_number_once_it_has_one():
    order, invoice = invoices.invoice(shipped(), {"1": 2}, number=1, fulfillment=1, series="dc-1", at=NOW)

    issued = json.loads(json.dumps(invoice_view.shown(invoice)))
    seen = json.loads(json.dumps(invoice_view.shown(replace(invoice, serial=42))))

    assert (issued["number"], seen["number"]) == (None, "dc-1-000042")
    assert seen["invoice_id"] == ids.invoice(ORDER_ID, 1)
    assert seen["fulfillment_id"] == ids.fulfillment(ORDER_ID, 1)
    assert seen["totals"]["total"] == seen["lines"][0]["goods"] | {"amount": order.invoiced_total}
    assert views.fulfillment(order, order.fulfillment(1))["invoice_id"] == ids.invoice(ORDER_ID, 1)


def test_a_pickup_line_names_its_store():
    seen = views.order(placed(an_order(a_line(method=PICKUP, node="store-7"))))

    assert seen["lines"][0]["fulfillment"] == {
        "method": "PICKUP",
        "node_id": "store-7",
        "service": "STANDARD",
        "group": None,
    }


def test_times_are_utc_to_the_millisecond_wherever_they_came_from():
    sao_paulo = datetime(2026, 11, 19, 22, 30, 1, 999_999, tzinfo=timezone(timedelta(hours=-3)))

    assert views.time(sao_paulo) == "2026-11-20T01:30:01.999Z"
    assert views.time(None) is None


# Errors carry data


def every(kind):
    return {kind, *(x for sub in kind.__subclasses__() for x in every(sub))}
