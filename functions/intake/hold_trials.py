"""
Try the rule of a hold type on the last orders of a channel, before or while it is active. Nothing is changed.

Called by   functions/intake/handler.py: POST /v1/hold-types/{id}/dry-run
Returns     the orders that the rule would hold, and why
Raises      NotFound for an unknown type, Invalid for a type without a rule and for an unknown channel
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory, hold_types
from comanda.aws.dynamodb import keys, list_pages, reads
from comanda.aws.dynamodb.items import unpack
from comanda.aws.orders import orders
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.orders import holds, rule_holds
from comanda.domain.orders.order import REPLACEMENT, Order
from comanda.domain.orders.rule_holds import HoldType, RuleResult
from functions.intake import contract, hold_facts

SECONDS = 15.0  # the API has twenty
_PAGE = 100
_MOST_DAYS = 30  # back from today


def try_hold_type(event: dict[str, Any], name: str) -> Response[str]:
    """Judge the rule of a stored type on the newest orders of a channel."""
    caller(event)
    asked, now = http.read(event, contract.HoldTrial), clock.now()
    kind = hold_types.find_hold_type(name)
    if kind is None:
        raise NotFound("hold type", name)
    if not kind.has_rule:
        message = f"{name} has no rule to try: it needs applies_when or score"
        raise Invalid(Problem(pointer="/", code="no-rule", message=message))
    if directory.find(directory.CHANNEL, asked.channel) is None:
        message = f"there is no channel {asked.channel}"
        raise Invalid(Problem(pointer="/channel", code="unknown-channel", message=message))
    return http.respond(Answer(status=200, body=_tried(kind, _newest(asked.channel, asked.last, now))))


def _newest(channel: str, most: int, now: datetime) -> list[Order]:
    """Return the newest orders of a channel, of this month at most, without those that no rule holds."""
    found: list[Order] = []
    for back in range(_MOST_DAYS):
        pages, after = list_pages.days(channel, f"{now - timedelta(days=back):%Y%m%d}"), ""
        while after is not None and len(found) < most:
            rows, more = list_pages.page("GSI2", pages, after, min(_PAGE, most - len(found)), newest=True)
            found += [order for order in map(orders.order_of_item, rows) if order.kind != REPLACEMENT]
            if more is None:
                break
            after = more
        if len(found) >= most:
            break
    return found


def _tried(kind: HoldType, chosen: list[Order]) -> dict[str, Any]:
    """Return the answer for as many of the orders as there is time for before the API must answer; one at least."""
    late = clock.time_limit(SECONDS)
    contacts, products = _contacts(chosen), _products(chosen)
    rows, tried = [], 0
    for order in chosen:
        if tried and late():
            break
        tried += 1
        contact = contacts.get(order.order_id, {})
        hashes = hold_facts.identities(order, contact, [kind])
        known = {line.sku: products[line.sku] for line in order.as_sent() if line.sku in products}
        found = rule_holds.judged(kind, order, hold_facts.facts(order, contact, [kind], hashes, known))
        if found is not None:
            rows.append(_row(order, found))
    held_now = sum(any(hold.type == kind.id for hold in order.holds) for order in chosen[:tried])
    return {
        "type": kind.id,
        "tried": tried,
        "without_time": len(chosen) - tried,
        "held_now": held_now,
        "would_hold": rows,
    }


def _row(order: Order, found: RuleResult) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "line_ids": list(holds.with_sets(order, found.lines)),
        "score": sum(points for _, points in found.contributions) if found.contributions else None,
        "contributions": [{"rule": rule, "points": points} for rule, points in found.contributions],
    }


def _contacts(chosen: Iterable[Order]) -> dict[str, dict[str, Any]]:
    """Return the contacts of orders as they are now, by order."""
    wanted = {order.order_id: keys.contact(order.order_id, order.contact) for order in chosen}
    by_page = {key["pk"]: order_id for order_id, key in wanted.items()}
    rows = reads.batch(settings.customers_table, wanted.values(), consistent=False)
    return {by_page[row["pk"]]: unpack(row["doc"]) for row in rows if "doc" in row}  # others were erased


def _products(chosen: Iterable[Order]) -> dict[str, Any]:
    return directory.entries(directory.PRODUCT, {line.sku for order in chosen for line in order.as_sent()})
