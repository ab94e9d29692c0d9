"""
Check a basket, turn it into a value of the domain, and write the promise as JSON.

Called by   functions/promise/handler.py
Returns     problems by pointer, the basket, the answer, the stored document
Raises      nothing
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.directory import counters
from comanda.aws.geography import destinations
from comanda.domain import wanted_days
from comanda.domain.days import utc_millisecond
from comanda.domain.errors import Problem
from comanda.domain.geography import postal_codes
from comanda.domain.orders.bundle_lines import is_bundled
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.methods import SHIP
from comanda.domain.promise.promise import Basket, Option, Promise
from comanda.domain.routing.plan import PlannedFulfillment, Want
from comanda.domain.rules.rule_sets import OrderFacts
from comanda.domain.shipping.carriers import Carrier
from functions.promise import bundles, contract

VALID = timedelta(minutes=30)  # how long a promise can be reserved

Documents = Mapping[str, Mapping[str, Any]]


def problems(
    given: contract.Basket, products: Documents, nodes: Documents, channel: Mapping[str, Any] | None, now: datetime
) -> list[Problem]:
    """Return everything that is wrong beyond the shape of single fields, by pointer."""
    return [
        *_channel_problems(given, channel),
        *_line_problems(given, products),
        *_store_problems(given, nodes, channel),
        *_destination_problems(given, now),
    ]


def _channel_problems(given: contract.Basket, channel: Mapping[str, Any] | None) -> Iterator[Problem]:
    if channel is None:
        yield _problem("/channel", "unknown-channel", f"there is no channel {given.channel}")
        return
    if given.currency and given.currency not in channel["currencies"]:
        yield _problem("/currency", "not-sold-in", f"{given.channel} does not sell in {given.currency}")
    if given.to and given.to.country not in channel["countries"]:
        yield _problem("/to/country", "not-shipped-to", f"{given.channel} does not ship there")


def _line_problems(given: contract.Basket, products: Documents) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, line in enumerate(given.lines):
        if line.sku not in products:
            yield _problem(f"/lines/{i}/sku", "unknown-sku", f"there is no product {line.sku}")
        if line.kind in ("SERVICE", "DIGITAL"):
            message = f"{line.kind} lines need no stock: leave them out"
            yield _problem(f"/lines/{i}/kind", "not-supported", message)
        if line.line_id in seen:
            yield _problem(f"/lines/{i}/line_id", "duplicate", f"{line.line_id} stands twice")
        seen.add(line.line_id)
    if bundled(given):
        yield from bundles.problems(given.lines)


def _store_problems(given: contract.Basket, nodes: Documents, channel: Mapping[str, Any] | None) -> Iterator[Problem]:
    countries = channel["countries"] if channel is not None else None
    for i, name in enumerate(given.node_ids):
        if wrong := counters.problem(f"/node_ids/{i}", name, nodes.get(name), countries):
            yield wrong


def _destination_problems(given: contract.Basket, now: datetime) -> Iterator[Problem]:
    to = given.to
    if to is None and (SHIP in given.methods or not given.node_ids):
        yield _problem("/to", "missing", "say where it goes; only a pickup at node_ids needs no destination")
    if to and (to.latitude is None) != (to.longitude is None):
        yield _problem("/to", "half-a-coordinate", "latitude and longitude come together")
    wrong = postal_codes.problem(to.country, to.postal_code, "/to/postal_code") if to else None
    if wrong:
        yield wrong
    yield from wanted_days.problems(given.deliver_by, given.not_before, now)


def _problem(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)


def _time(at: datetime | None) -> str | None:
    return None if at is None else utc_millisecond(at)


def basket(
    given: contract.Basket, products: Documents, nodes: Documents, to: Destination | None, *, breakable: bool = False
) -> Basket:
    """Return the request's basket as a value of the domain. `to` is the destination that an order to that address would
    have. `breakable`: the channel sells the components of bundles singly."""
    wants = tuple(
        Want(
            line_id=line.line_id,
            sku=line.sku,
            quantity=line.quantity,
            weight_g=products[line.sku].get("weight_g", 0),
            group=line.group,
            value=line.unit_price or 0,
        )
        for line in given.lines
    )
    return Basket(
        wants=tuple(bundles.in_sets(wants, given.lines, breakable=breakable)) if bundled(given) else wants,
        to=to or destinations.at_store(nodes[given.node_ids[0]]),
        methods=tuple(given.methods),
        stores=tuple(given.node_ids),
        deliver_by=given.deliver_by,
        not_before=given.not_before,
        facts=OrderFacts(
            channel=given.channel,
            sourcing_class=given.sourcing_class or "",
            currency=given.currency or "",
            value=sum((line.unit_price or 0) * line.quantity for line in given.lines),
        ),
    )


def bundled(given: contract.Basket) -> bool:
    """Return True if any line says something of a bundle."""
    return any(map(is_bundled, given.lines))


def currency(given: contract.Basket, to: Destination, channel: Mapping[str, Any], carriers: Iterable[Carrier]) -> str:
    """Return the currency of options that no carrier has a price for, such as a pickup.

    It is that of the carriers there, so that options can be compared; else the basket's, else the channel's first.
    """
    theirs = (
        service.currency
        for carrier in carriers
        if carrier.country == to.country
        for service in carrier.services.values()
    )
    return next(theirs, None) or given.currency or str(channel["currencies"][0])


def promise_json(
    promise_id: str,
    basket: Basket,
    promise: Promise,
    currency: str,
    now: datetime,
    lines: Sequence[contract.Wanted] = (),
) -> dict[str, Any]:
    """Return the answer. `currency` is that of options that no carrier has a price for. `lines` are those of a basket
    with bundles."""
    to = basket.to
    return {
        "promise_id": promise_id,
        "as_of": _time(now),
        "valid_until": _time(now + VALID),
        "to": {
            name: value
            for name in ("country", "region", "postal_prefix", "latitude", "longitude", "precision")
            if (value := getattr(to, name)) not in (None, "")
        },
        "recommended": promise.recommended,
        "reason": {"code": promise.reason.code, "numbers": dict(promise.reason.numbers)},
        "options": [_option_json(option, currency, now, lines) for option in promise.options],
    }


def _option_json(option: Option, currency: str, now: datetime, lines: Sequence[contract.Wanted]) -> dict[str, Any]:
    order_by = option.order_by
    return {
        "option_id": option.option_id,
        "kind": option.kind,
        "method": option.method,
        "service": option.service,
        "node_id": option.node_id,
        "km": option.km,
        "complete": option.complete,
        "deliver_on": option.deliver_on,
        "zone": option.zone,
        "order_by": _time(order_by),
        "order_within_minutes": int((order_by - now).total_seconds() // 60) if order_by else None,
        "cost": {"micros": option.cost_micros, "currency": option.currency or currency},
        "carbon_g": option.carbon_g,
        "packages": option.packages if option.fulfillments else 0,
        "lines": list(bundles.with_bundles(option.lines, lines, counter=bool(option.node_id)))
        if lines
        else [bundles.line_json(line, counter=bool(option.node_id)) for line in option.lines],
        "shipments": [_shipment_json(f) for f in option.fulfillments],
    }


def _shipment_json(f: PlannedFulfillment) -> dict[str, Any]:
    leg = f.leg
    return {
        "node_id": f.node.node_id,
        "method": f.method,
        "service": f.service,
        "due": f.due,
        "carrier": leg.carrier or None if leg else None,
        "ship_at": _time(leg.ship_at if leg else None),
        "ship_on": f.ship_on,
        "deliver_on": f.deliver_on,
        "zone": f.zone or None,
        "packages": leg.packages if leg else 1,
        "km": leg.km if leg else None,
        "guesses": list(leg.guesses) if leg else [],
        "lines": [{"line_id": line.line_id, "quantity": line.quantity} for line in f.lines],
    }


def promise_document(basket: Basket, promise: Promise, channel: str, owner: str, now: datetime) -> dict[str, Any]:
    """Return the stored document: enough to reserve any option as it was promised."""
    return {
        "channel": channel,
        "owner": owner,
        "at": now.isoformat(),
        "valid_until": (now + VALID).isoformat(),
        "recommended": promise.recommended,
        "not_before": basket.not_before,
        "lines": {want.line_id: [want.sku, want.quantity] for want in basket.wants},
        "options": {
            option.option_id: {
                "method": option.method,
                "service": option.service,
                "deliver_on": option.deliver_on,
                "zone": option.zone,
                "cost_micros": option.cost_micros,  # of its carriers, by their rate cards
                "currency": option.currency,
                "fulfillments": [
                    {
                        "node": f.node.node_id,
                        "due": f.due,
                        "ship_on": f.ship_on,
                        "deliver_on": f.deliver_on,
                        "zone": f.zone,
                        "lines": [[line.line_id, line.quantity] for line in f.lines],
                    }
                    for f in option.fulfillments
                ],
            }
            for option in promise.options
        },
    }
