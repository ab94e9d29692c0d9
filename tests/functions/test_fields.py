"""
Test that every field of an order is used or refused by name: another value makes a difference that a caller sees.

ORDER has for every field another value, and the pointer at which it is refused if it is. A field without a row fails. Fields
of the directory are in test_fields_of_the_directory.py, of rule sets in test_fields_of_rule_sets.py, and of all other requests
in test_fields_of_requests.py.
"""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from comanda.aws.directory import directory
from functions.intake.contract import OrderIn
from tests.functions.fields import changed, fields_of
from tests.functions.world import START, World, a_body, usd

_HOME = {"name": "B", "line1": "1 Side St", "city": "Peoria", "region": "IL", "postal_code": "61602", "country": "US"}


def the_order(world: World) -> dict[str, Any]:
    """Return the request of an order with a value in every field."""
    return a_body(
        {
            "sku": "TEA-001",
            "quantity": 2,
            "tax": {"rate": "0.05", "amount": usd(100)},
            "discounts": [{"code": "SPRING", "amount": usd(30)}],
            "product": {"title": "Green tea", "gtin": "4006381333931", "class": "goods"},
            "fulfillment": {"method": "SHIP", "service": "STANDARD", "group": "set"},
            "gift": {"message": "Happy birthday", "from": "Ada", "wrap": False},
        },
        {"sku": "POT-001", "quantity": 1, "fulfillment": {"group": "set"}},
        placed_at=(START - timedelta(hours=1)).isoformat(),
        customer={
            "id": "cus-1",
            "name": "Ada Byron",
            "email": "ada@example.org",
            "phone": "+1 312 555 0100",
            "tax_id": "12-3456789",
        },
        bill_to={**_HOME, "line2": "c/o C", "latitude": 40.7, "longitude": -89.6},
        ship_to={**_HOME, "line2": "door 2", "latitude": 40.7, "longitude": -89.6},
        requested={"deliver_by": "2026-12-30", "not_before": "2026-11-19"},
        priority=4,
        gift="happy birthday",
        note="ring twice",
        attributes={"cart": "c-1"},
        tags=["vip"],
        sourcing_class="gold",
        charges=[{"kind": "SHIPPING", "amount": usd(500), "tax": usd(50)}],
        discounts=[{"code": "WELCOME", "amount": usd(100)}],
        payments=[
            {
                "method": "CARD",
                "reference": "auth-1",
                "authorized": usd(9000),
                "captured": usd(100),
                "expires_at": (START + timedelta(days=60)).isoformat(),
            }
        ],
        totals={"goods": usd(3000), "discounts": usd(130), "charges": usd(500), "tax": usd(150), "total": usd(3520)},
    )


# Field -> the other value; or (the other value, the pointer at which it is refused). A list's fields are those of its first row.
ORDER: Mapping[str, Any] = {
    "external_id": "WEB-other",
    "channel": "outlet",
    "currency": ("EUR", "/lines/0/unit_price"),
    "locale": "pt-BR",
    "placed_at": (START - timedelta(hours=2)).isoformat(),
    "prices_include_tax": (True, "/totals/total"),
    "draft": True,
    "customer.id": "cus-2",
    "customer.name": "Grace",
    "customer.email": "grace@example.org",
    "customer.phone": "+1 312 555 0199",
    "customer.tax_id": "12-3456780",
    **{
        f"{where}.{name}": value
        for where in ("bill_to", "ship_to")
        for name, value in {
            "name": "Grace",
            "line1": "2 Side St",
            "line2": "door 3",
            "city": "Pekin",
            "region": "Illinois",
            "postal_code": "61603",
            "latitude": 39.1,
            "longitude": -88.1,
        }.items()
    },
    "bill_to.country": "CA",
    "ship_to.country": ("CA", "/ship_to/country"),
    "requested.deliver_by": "2026-12-29",
    "requested.not_before": "2026-11-21",
    "priority": 3,
    "reservation_id": ("rsv_us1_0", "/reservation_id"),
    "promise_id": ("prm_us1_0", "/promise_id"),
    "option_id": ("standard", "/option_id"),
    "gift": "for you",
    "note": "knock",
    "attributes": {"cart": "c-2"},
    "tags": ["new"],
    "sourcing_class": "silver",
    "lines.line_id": "one",
    "lines.sku": "CUP-001",
    "lines.quantity": (3, "/totals/goods"),
    "lines.kind": ("SERVICE", "/lines/0/fulfillment/group"),
    "lines.parent_line_id": ("2", "/lines/0/parent_line_id"),
    "lines.ratio": (2, "/lines/0/ratio"),
    "lines.price_share": (500_000, "/lines/0/price_share"),
    "lines.unit_price.amount": (1001, "/totals/goods"),
    "lines.unit_price.currency": ("EUR", "/lines/0/unit_price"),
    "lines.tax.rate": "0.06",
    "lines.tax.amount.amount": (101, "/totals/tax"),
    "lines.tax.amount.currency": ("EUR", "/lines/0/tax/amount"),
    "lines.tax.zero_rate_reason": ("EXEMPT", "/lines/0/tax/zero_rate_reason"),
    "lines.discounts.code": "SUMMER",
    "lines.discounts.amount.amount": (31, "/totals/discounts"),
    "lines.discounts.amount.currency": ("EUR", "/lines/0/discounts/0/amount"),
    "lines.gift.message": "Merry Christmas",
    "lines.gift.from": "Grace",
    "lines.gift.wrap": True,
    "lines.ship_to": (_HOME, "/lines/1/ship_to"),
    "lines.product.title": "Black tea",
    "lines.product.gtin": "4006381333948",
    "lines.product.class": ("other", "/lines/0/product/class"),
    "lines.fulfillment.method": ("PICKUP", "/lines/0/fulfillment/node_id"),
    "lines.fulfillment.node_id": ("dc-1", "/lines/0/fulfillment/node_id"),
    "lines.fulfillment.service": ("EXPRESS", "/lines/1/fulfillment/service"),
    "lines.fulfillment.group": "other",
    "charges.kind": "HANDLING",
    "charges.amount.amount": (501, "/totals/charges"),
    "charges.amount.currency": ("EUR", "/charges/0/amount"),
    "charges.zero_rate_reason": ("EXEMPT", "/charges/0/zero_rate_reason"),
    "charges.tax.amount": (51, "/totals/tax"),
    "charges.tax.currency": ("EUR", "/charges/0/tax"),
    "discounts.code": "BYE",
    "discounts.amount.amount": (101, "/totals/discounts"),
    "discounts.amount.currency": ("EUR", "/discounts/0/amount"),
    "payments.method": "GIFT_CARD",
    "payments.reference": "auth-2",
    "payments.code": ("0" * 20, "/payments/0/code"),
    "payments.authorized.amount": 9001,
    "payments.authorized.currency": ("EUR", "/payments/0/authorized"),
    "payments.captured.amount": 101,
    "payments.captured.currency": ("EUR", "/payments/0/captured"),
    "payments.expires_at": (START + timedelta(days=61)).isoformat(),
    **{
        f"totals.{name}.{part}": (value, f"/totals/{name}")
        for name in ("goods", "discounts", "charges", "tax", "total")
        for part, value in (("amount", 1), ("currency", "EUR"))
    },
}

# These are seen by nodes, not in the order's own answer.
ON_ITS_WAY = {"lines.product.gtin"}

# What these do is shown where there are carriers with prices by weight and size: tests/domain/routing/test_route.py.
WEIGHED = {"lines.product.weight_g", "lines.product.dims_mm"}


def seen(world: World, order_id: str, external_id: str) -> str:
    """Return all texts about an order that callers and the customer see, without its own ids and times."""
    answers = [world.order(order_id)]
    answers += [world.call("GET", f"/v1/orders/{order_id}/{part}", who="office").body for part in ("contact", "events")]
    mails = [mail for mail in world.hops.sent if order_id in str(mail["EmailTags"])]
    text = json.dumps([answers, mails], sort_keys=True, default=str)
    text = re.sub(r'"at": "[^"]*"|"(offered_at|accept_by|ship_by)": "[^"]*"', "", text)
    return text.replace(order_id[4:], "ID").replace(external_id, "NAME")


def a_world_with_stock(world: World) -> None:
    for sku in ("TEA-001", "POT-001", "CUP-001"):
        world.stocked(sku, dc_1=500)


def take_order(world: World, sent: dict[str, Any]) -> str:
    reply = world.call("POST", "/v1/orders", sent, who="office")
    assert reply.status == 201, reply.body
    return str(reply.body["order_id"])


def test_every_field_of_an_order_has_a_row_here() -> None:
    assert set(fields_of(OrderIn, whole=frozenset({"lines.ship_to"}))) == {*ORDER, *WEIGHED}


def test_every_field_of_an_order_is_shown_at_once_or_refused_by_name(world: World) -> None:
    body = the_order(world)
    first = seen(world, take_order(world, body), body["external_id"])
    again = {**body, "external_id": "WEB-again"}
    assert seen(world, take_order(world, again), "WEB-again") == first, "two orders alike look alike"

    unused, unnamed = [], []
    for n, (path, row) in enumerate(ORDER.items()):
        value, pointer = row if isinstance(row, tuple) else (row, None)
        own = f"WEB-{n}"
        sent = changed({**body, "external_id": own}, path, value)
        if pointer is not None:
            refused = world.call("POST", "/v1/orders", sent, who="office")
            if refused.status != 422 or pointer not in [at for at, _ in refused.errors]:
                unnamed.append((path, refused.status, refused.body.get("errors")))
        elif seen(world, take_order(world, sent), own) == first:
            unused.append(path)
    assert (set(unused), unnamed) == (ON_ITS_WAY, [])


def test_fields_that_are_not_shown_at_once_change_the_order_later(world: World) -> None:
    a_world_with_stock(world)
    body = the_order(world)
    ids = {"": take_order(world, body)}
    for path in sorted(ON_ITS_WAY):
        ids[path] = take_order(world, changed({**body, "external_id": f"WEB-{path}"}, path, ORDER[path]))

    world.settle()

    first = seen(world, ids.pop(""), body["external_id"])
    assert [path for path, order_id in ids.items() if seen(world, order_id, f"WEB-{path}") == first] == []


def test_mails_are_written_in_a_language_of_the_channel(world: World) -> None:
    doc = {"name": "web", "currencies": ["USD"], "countries": ["US"], "locales": ["pt-BR"]}
    world.entry(directory.CHANNEL, "web", doc)

    world.placed(("TEA-001", 1))
    world.settle()

    assert "Recebemos o seu pedido" in str(world.hops.sent[0]["Content"])
