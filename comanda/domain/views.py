"""
Build the JSON that callers see of an order and a fulfillment.

Money carries its currency, times are UTC, and ids are written in full.

This file is long because an order's view is made of all the others, each of a few lines.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from comanda.domain import ids
from comanda.domain.days import utc_millisecond
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.component import Component
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.fulfillment import Fulfillment, Loss, Package
from comanda.domain.orders.line import Allocation, Line
from comanda.domain.orders.order import Hold, Order, Promised, Totals
from comanda.domain.orders.patience import cancel_on
from comanda.domain.orders.provision import Provision
from comanda.domain.orders.status import UNPLACED, Status
from comanda.domain.orders.tender import AT_HAND_OVER, PIX, Tender

_WITHOUT_NODE = frozenset((*UNPLACED, Status.BACKORDERED))


def money(amount: int, currency: str) -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def time(at: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC, to the millisecond."""
    return None if at is None else utc_millisecond(at)


def order(order: Order, now: datetime | None = None) -> dict[str, Any]:
    """Return the whole order without its contact, which has a route and a scope of its own. With `now` it has no pending change
    whose time is over."""
    days = {f.number: f.deliver_on for f in order.fulfillments}
    return {
        "order_id": order.order_id,
        "external_id": order.external_id,
        "channel": order.channel,
        "status": order.status,
        "version": order.version,
        "change_version": order.change_version,
        "currency": order.currency,
        "locale": order.locale,
        "placed_at": time(order.placed_at),
        "priority": order.priority,
        "draft": order.draft,
        "prices_include_tax": order.prices_include_tax,
        "customer_id": order.customer_id,
        "destination": destination(order.destination),
        "destinations": [destination(to) for to in order.destinations],
        "quantities": {status.value: quantity for status, quantity in order.quantities().items()},
        "lines": _lines(order, days),
        "fulfillments": [fulfillment(order, f) for f in order.fulfillments],
        "losses": [_loss(loss, f, order.order_id) for f in order.fulfillments for loss in f.losses],
        "provisions": [_provision(order, p) for p in order.provisions],
        "invoices": list(order.invoices),
        "credit_notes": [
            {
                "credit_note_id": ids.credit_note(order.order_id, number),
                "invoice_id": ids.invoice(order.order_id, one.invoice),
                "total": money(one.total, order.currency),
            }
            for number, one in enumerate(order.credits, 1)
        ],
        "holds": [_hold(hold) for hold in order.holds],
        **_sums(order),
        "requested": {name: dict(order.requested).get(name) for name in ("deliver_by", "not_before")},
        "tags": list(order.tags),
        "sourcing_class": order.sourcing_class or None,
        "kind": order.kind,
        "replaces": [{"order_id": r.order_id, "line_id": r.line_id, "quantity": r.quantity} for r in order.replaces],
        "reservation_id": order.reservation_id,
        "promised": _promised(order.promised),
        "pending_change": pending_change(order, now),
        "links": _links(order.order_id),
    }


def _links(order_id: str) -> dict[str, str]:
    path = f"/v1/orders/{order_id}"
    return {"self": path, "events": f"{path}/events", "contact": f"{path}/contact"}


def _sums(order: Order) -> dict[str, Any]:
    """Return the order's payments, charges, discounts and totals."""
    currency = order.currency
    return {
        "payments": [_tender(tender, order) for tender in order.payments],
        "disputes": [
            {
                "dispute_id": one.dispute_id,
                "payment": one.tender + 1,
                "amount": money(one.amount, currency),
                "state": one.state,
                "repaid": money(one.repaid, currency),
                "written_off": money(one.written_off, currency),
            }
            for one in order.disputes
        ],
        "charges": [
            {
                "kind": c.kind,
                "amount": money(c.amount, currency),
                "tax": money(c.tax, currency),
                **source_of_tax(c),
            }
            for c in order.charges
        ],
        "discounts": [
            {"code": d.code, "amount": money(d.amount, currency), "appeasement": d.appeasement} for d in order.discounts
        ],
        "totals": totals(order.totals, currency),
    }


class Taxed(Protocol):
    """A line or a charge of an order or a draft."""

    @property
    def tax_table(self) -> str: ...
    @property
    def tax_name(self) -> str: ...
    @property
    def zero_rate_reason(self) -> str: ...
    @property
    def tax_estimated(self) -> bool: ...


def source_of_tax(taxed: Taxed) -> dict[str, Any]:
    """Return where a tax is from."""
    return {
        "tax_table": taxed.tax_table or None,
        "tax_name": taxed.tax_name or None,
        "zero_rate_reason": taxed.zero_rate_reason or None,
        "tax_estimated": taxed.tax_estimated,
    }


def totals(totals: Totals, currency: str) -> dict[str, Any]:
    return {name: money(getattr(totals, name), currency) for name in Totals.__slots__}


def destination(to: Destination) -> dict[str, Any]:
    """Return the destination as coarsely as it is stored.

    The precision GIVEN means that the client, or the store, gave the coordinates.
    """
    given = None if to.latitude is None else "GIVEN"
    return {
        "country": to.country,
        "region": to.region,
        "postal_prefix": to.postal_prefix,
        "latitude": to.latitude,
        "longitude": to.longitude,
        "precision": to.precision or given,
    }


def pending_change(order: Order, now: datetime | None = None) -> dict[str, Any] | None:
    """Return the change that waits for money, None if none does, or if its time is over `now`: the sweeper drops it soon."""
    if order.pending is None or (now is not None and order.pending.until <= now):
        return None
    return {
        "modifications": list(order.pending.modifications),
        "reason": order.pending.reason,
        "to_pay": money(order.pending.to_pay, order.currency),
        "until": time(order.pending.until),
        "by": order.pending.by,
        "at": time(order.pending.at),
    }


def _promised(promised: Promised | None) -> dict[str, Any] | None:
    if promised is None:
        return None
    return {
        "promise_id": promised.promise_id,
        "option_id": promised.option_id,
        "deliver_on": promised.deliver_on,
        "zone": promised.zone,
        "node_ids": list(promised.nodes),
    }


def _lines(order: Order, days: Mapping[int, str | None]) -> list[dict[str, Any]]:
    """Return the lines as the channel sent them, with the bundles in their places."""
    rows = [_line(line, order, days) for line in order.lines]
    if order.bundles:
        from comanda.domain.orders import bundles  # few orders have bundles

        components = bundles.by_bundle(order)
        for bundle in order.bundles:
            rows.insert(bundle.place, _bundle(bundle, components[bundle.line_id], order))
    return rows


def _bundle(bundle: Bundle, components: Sequence[Line], order: Order) -> dict[str, Any]:
    """Return a bundle as a line without units of its own. `sets` counts its sets by status."""
    from comanda.domain.orders.bundles import as_line, sets_by_status

    return {
        **_line(as_line(bundle, components), order, {}),
        "breakable": all(line.group is None for line in components),
        "sets": {status.value: sets for status, sets in sets_by_status(components).items()},
    }


def _line(line: Line, order: Order, days: Mapping[int, str | None]) -> dict[str, Any]:
    """Return a line. `days` is, by fulfillment, the day on which its units arrive."""
    place = line.component
    return {
        "line_id": line.line_id,
        "sku": line.sku,
        "title": line.title or None,
        "kind": line.kind,
        "quantity": line.quantity,
        "unit_price": money(line.unit_price, order.currency),
        "tax": {"rate": line.tax_rate, "amount": money(line.tax, order.currency)},
        **source_of_tax(line),
        "discounts": [{"code": d.code, "amount": money(d.amount, order.currency)} for d in line.discounts],
        "fulfillment": {
            "method": line.method,
            "node_id": line.node_id,
            "service": line.service,
            "group": None if place else line.group,
        },
        **({"parent_line_id": place.bundle, "ratio": place.ratio, "price_share": place.price_share} if place else {}),
        "destination": line.destination,
        "replaces_line": line.replaces_line,
        "gift": _gift(line),
        "invoiced": line.invoiced,
        "waits_in": line.waits_in,
        "waits_because": (line.because or None) if line.units(lambda a: a.status in _WITHOUT_NODE) else None,
        "cancel_on": cancel_on(order, line),
        "allocations": [_allocation(a, order.order_id, days) for a in line.allocations],
    }


def _gift(line: Line) -> dict[str, Any] | None:
    """Return what the order knows of a gift. The message is read with the contact."""
    return {"wrap": line.wrap} if line.gift else None


def _allocation(allocation: Allocation, order_id: str, days: Mapping[int, str | None]) -> dict[str, Any]:
    number, due, day = allocation.fulfillment, allocation.due, allocation.promise
    if allocation.status is Status.CANCELLED:
        due, day = None, None  # cancelled units arrive on no day
    elif number is not None:
        day = days.get(number)
    return {
        "quantity": allocation.quantity,
        "status": allocation.status.value,
        "node_id": allocation.node,
        "fulfillment_id": None if number is None else ids.fulfillment(order_id, number),
        "implied": list(allocation.implied),
        "due": due,
        "deliver_on": day,
        **({"cancel_reason": allocation.reason, "blame": allocation.blame} if allocation.reason else {}),
    }


def fulfillment(order: Order, fulfillment: Fulfillment) -> dict[str, Any]:
    """Return the work of one node, as a picker's screen and a partner's system need it."""
    return {
        "fulfillment_id": ids.fulfillment(order.order_id, fulfillment.number),
        "order_id": order.order_id,
        "external_id": order.external_id,
        "node_id": fulfillment.node,
        "partner_id": fulfillment.partner,
        "method": fulfillment.method,
        "service": fulfillment.service,
        "destination": fulfillment.destination,
        "status": order.fulfillment_status(fulfillment.number),
        "version": fulfillment.version,
        "priority": order.priority,
        "offered_at": time(fulfillment.offered_at),
        "accept_by": time(fulfillment.accept_by),
        "ship_by": time(fulfillment.ship_by),
        "ship_on": fulfillment.ship_on,
        "deliver_on": fulfillment.deliver_on,
        "zone": fulfillment.zone or None,
        "shipped_at": time(fulfillment.shipped_at),
        "delivered_at": time(fulfillment.delivered_at),
        "shipment_id": fulfillment.shipment_id,
        "invoice_id": None if fulfillment.invoice is None else ids.invoice(order.order_id, fulfillment.invoice),
        "recall": _recall(order, fulfillment),
        "recall_refused": fulfillment.recall_refused,
        **_to_collect(order, fulfillment),
        "packages": [package(p) for p in fulfillment.packages],
        "lines": _lines_of_work(order, fulfillment),
    }


def _to_collect(order: Order, fulfillment: Fulfillment) -> dict[str, Any]:
    """Return what is to be collected when the customer gets the goods, if the order is paid then."""
    if all(tender.provider != AT_HAND_OVER for tender in order.payments):
        return {}
    from comanda.domain.billing import collecting  # few orders are paid at the hand-over

    return {"to_collect": money(collecting.due(order, fulfillment.number), order.currency)}


def _lines_of_work(order: Order, fulfillment: Fulfillment) -> list[dict[str, Any]]:
    """Return the lines that a node works on, with its units of each by status."""
    lines: dict[str, dict[str, Any]] = {}
    for line, allocation in order.units_of(fulfillment.number):
        row = lines.setdefault(
            line.line_id,
            {
                "line_id": line.line_id,
                "sku": line.sku,
                "title": line.title,
                **({"gtin": line.gtin} if line.gtin else {}),
                **({"bundle": _part_of(order, line.component)} if line.component else {}),
                **({"gift": _gift(line)} if line.gift else {}),
                "quantity": 0,
                "quantities": {},
            },
        )
        row["quantity"] += allocation.quantity
        statuses = row["quantities"]
        statuses[allocation.status.value] = statuses.get(allocation.status.value, 0) + allocation.quantity
    return list(lines.values())


def _part_of(order: Order, component: Component) -> dict[str, Any]:
    """Return the bundle of a component, with the units of the component in one set."""
    bundle = order.bundle(component.bundle)
    return {
        "line_id": bundle.line_id,
        "sku": bundle.sku,
        "title": bundle.title,
        **({"gtin": bundle.gtin} if bundle.gtin else {}),
        "ratio": component.ratio,
    }


def _recall(order: Order, fulfillment: Fulfillment) -> dict[str, Any] | None:
    """Return the open recall of a fulfillment: the units that the node still has, None when it has none of them."""
    request, asked = fulfillment.recall, order.requested_back(fulfillment.number)
    if request is None or not asked:
        return None
    lines = [{"line_id": line_id, "quantity": quantity} for line_id, quantity in asked.items()]
    return {"lines": lines, "reason": request.reason, "until": time(request.until)}


def package(package: Package) -> dict[str, Any]:
    return {
        "package_id": package.package_id,
        "carrier": package.carrier,
        "service": package.service,
        "tracking_number": package.tracking_number,
        "weight_g": package.weight_g,
        "carton_id": package.carton or None,
        "dims_mm": None if package.dims_mm is None else list(package.dims_mm),
        "sscc": package.sscc or None,
        "parent_id": package.parent or None,
        "contents": [{"line_id": line_id, "quantity": quantity} for line_id, quantity in package.contents],
        "delivered_at": time(package.delivered_at),
        "lost_at": time(package.lost_at),
    }


def _loss(loss: Loss, fulfillment: Fulfillment, order_id: str) -> dict[str, Any]:
    """Return units that a carrier lost. `answer` is what a person decided."""
    return {
        "item_id": f"{order_id}.{loss.item}",
        "fulfillment_id": ids.fulfillment(order_id, fulfillment.number),
        "lines": [{"line_id": line_id, "quantity": quantity} for line_id, quantity in loss.units],
        "reason": loss.reason,
        "at": time(loss.at),
        "answer": loss.answer or None,
        "replacement_order_id": loss.replacement or None,
        "found_at": time(loss.found_at),
    }


def _provision(order: Order, provision: Provision) -> dict[str, Any]:
    """Return what was provided. The text of its proof is read with the contact."""
    return {
        "number": provision.number,
        "line_id": provision.line_id,
        "quantity": provision.quantity,
        "proof": provision.proof,
        "by": provision.by,
        "at": time(provision.at),
        "gift_cards": _cards(order, provision),
        "invoice_id": None if provision.invoice is None else ids.invoice(order.order_id, provision.invoice),
    }


def _cards(order: Order, provision: Provision) -> dict[str, Any] | None:
    """Return the gift cards of a provision, without their codes."""
    cards = provision.cards
    if cards is None:
        return None
    return {
        "value": money(cards.value, order.currency),
        "active": cards.active,
        "taken_back": len(cards.voided),
        "account_ids": list(cards.accounts),
    }


def _tender(tender: Tender, order: Order) -> dict[str, Any]:
    amounts = ("authorized", "asked", "captured", "refunded", "released", "failed", "written_off")
    return {
        "method": tender.method,
        "reference": tender.reference or None,
        "last4": tender.last4 or None,
        "provider": tender.provider,
        "state": tender.state.value,
        "renews": None if tender.renews is None else order.payments[tender.renews].reference,
        **{name: money(getattr(tender, name), order.currency) for name in amounts},
        "expires_at": time(tender.expires_at),
        "pay": _pay(tender),
        "payment_days": tender.payment_days,
    }


def _pay(tender: Tender) -> dict[str, Any] | None:
    """Return what the customer pays with, None if nothing is asked for, or the provider has not answered."""
    if not tender.pay_with:
        return None
    name = "code" if tender.method == PIX else "url"
    return {"url": None, "code": None, name: tender.pay_with, "until": time(tender.pay_until)}


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "hold_id": hold.hold_id,
        "type": hold.type,
        "queue": hold.queue or None,
        "blocks": list(hold.blocks),
        "reason": hold.reason,
        "line_ids": list(hold.lines),
        "by": hold.by,
        "at": time(hold.at),
        "expires": time(hold.expires),
        "on_expiry": hold.on_expiry or None,
        "expired_at": time(hold.expired_at),
        "score": sum(points for _, points in hold.contributions) if hold.contributions else None,
        "contributions": [{"rule": rule, "points": points} for rule, points in hold.contributions],
        "active": hold.active,
        "resolved_at": time(hold.resolved_at),
        "resolved_by": hold.resolved_by,
        "resolution": hold.resolution,
    }
