"""
Place an order, and show orders and their contacts.

Called by   functions/intake/handler.py: /v1/orders, GET /v1/orders/{order_id} and its contact; the other modules of this room
Returns     responses of the API
Raises      Invalid with a problem for each wrong field; NotFound for an order that is not the caller's; AlreadyExists
"""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.query_dates import utc_day
from comanda.aws.api.resolver import Response
from comanda.aws.customers import customers
from comanda.aws.directory import directory, hold_types
from comanda.aws.dynamodb import keys, list_pages, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.geography import destinations
from comanda.aws.orders import orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.aws.runtime import secret as signing
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.billing.header_amounts import SHARE
from comanda.domain.errors import AlreadyExists, Invalid, NotFound, OrderBeside, Problem, Rejected, StockConflict
from comanda.domain.lifecycle import place
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.hold_rules import NO_FACTS, Facts
from comanda.domain.orders.order import Order
from comanda.domain.orders.rule_holds import HoldType
from comanda.domain.orders.tender import OWN
from functions.intake import checks, contract, promise_and_reservation, rules

if TYPE_CHECKING:
    from comanda.domain.drafts.draft import Draft

logger = Logger()
metrics = Metrics()
_GUARDED = 4  # tries to store an order beside others of its customer


def place_order(event: dict[str, Any]) -> Response[str]:
    """Check the order, decide on it, and save it with its contact and its natural key in one transaction."""
    who = caller(event)
    with idempotency.begin(event, who, settings.orders_table, clock.now()) as request:
        given = http.read(event, contract.OrderIn)
        note_placed(_placed(given, who, request))
    return request.response()


def _placed(given: contract.OrderIn, who: Caller, request: IdempotentRequest) -> Order:
    """Save a new order. After four tries it is not guarded against orders that are stored beside it."""
    for _ in range(_GUARDED):
        with suppress(OrderBeside, StockConflict):
            return _saved(given, who, request, guarded=True)
    return _saved(given, who, request, guarded=False)


def _saved(given: contract.OrderIn, who: Caller, request: IdempotentRequest, *, guarded: bool) -> Order:
    now = clock.now()
    order_id = ids.order(settings.cell, ids.ulid(int(now.timestamp() * 1000), secrets.randbits(80)))
    decision, also = decide_new(given, order_id, who, now, request, guarded=guarded)
    order = decision.saved
    save_new(order, Saving(decision=decision, first=[request.record(created(order)), natural_key(order)], also=also))
    return order


def decide_new(
    given: contract.OrderIn,
    order_id: str,
    who: Caller,
    now: datetime,
    request: IdempotentRequest,
    draft: "Draft | None" = None,
    *,
    guarded: bool = True,
) -> tuple[Decision, list[Write]]:
    """Return the decision that places the order, and the writes of its customer, its reservation and its count.

    The order may name promises and reservations of its caller alone. Its `draft`, if it has one, has checked whose they are,
    and what a person gives. When `guarded`, one of the writes raises OrderBeside if an order that rules of holds count was stored
    meanwhile. Raises Invalid with everything that is wrong with the order.
    """
    owner = None if draft else who.id
    decision, counted = _decide(given, order_id, who, now, request, draft, guarded=guarded)
    decision, reservation = promise_and_reservation.keep_reservation(decision, owner, now)
    order = decision.order
    from comanda.aws.customers import customer_rows  # no other request needs it

    return decision, [*customer_rows.of_new(order, _contact(given, order), now), *counted, *reservation]


def note_placed(order: Order) -> None:
    """Log and count a new order."""
    logger.info("placed", extra={"order_id": order.order_id, "lines": len(order.lines), "channel": order.channel})
    metrics.add_metric("OrdersPlaced", MetricUnit.Count, 1)


def _decide(
    given: contract.OrderIn,
    order_id: str,
    who: Caller,
    now: datetime,
    request: IdempotentRequest,
    draft: "Draft | None",
    *,
    guarded: bool,
) -> tuple[Decision, list[Write]]:
    """Return the decision that places the order, and the writes that count it. Raises Invalid with all that is wrong with it."""
    if any(line.kind == "COMPONENT" for line in given.lines):
        from functions.intake import bundle_lines  # few orders have bundles

        given = bundle_lines.as_they_go(given)
    products = directory.entries(directory.PRODUCT, {line.sku for line in given.lines})
    pickup_nodes = {line.fulfillment.node_id for line in given.lines if line.fulfillment.node_id}
    nodes = directory.entries(directory.NODE, pickup_nodes)
    # Another caller's channel counts as unknown, whatever else is wrong with the order.
    channel = directory.find(directory.CHANNEL, given.channel) if who.sees_channel(given.channel) else None
    wrong = [*checks.problems_of_name(given, order_id), *checks.problems(given, products, nodes, channel, now)]
    if wrong:
        raise Invalid(*wrong)
    if given.bill_to:
        destinations.check(given.bill_to, pointer="/bill_to")
    customer = given.customer.id or signing.guest_id(given.customer.email)
    to = _destination(given, channel)
    breakable = rules.breakable(channel)
    providers = rules.payment_providers(channel)
    accounts = rules.NO_ACCOUNTS
    if any(providers.get(payment.method) == OWN for payment in given.payments):
        from functions.intake import own_payments  # few orders are paid from an account of ours

        accounts = own_payments.of_new(given, customer, providers, who, now, request, draft.draft_id if draft else None)
    order = rules.to_order(
        given, order_id, customer, products, nodes, now, to,
        breakable=breakable, providers=providers, accounts=accounts,
    )  # fmt: skip
    order = _with_gifts(_with_line_addresses(order, given, channel), given)
    order = replace(order, papers=rules.papers(channel))
    owner = None if draft else who.id
    order = promise_and_reservation.add_to(order, given.reservation_id, given.promise_id, given.option_id, owner, now)
    order = _with_usual(order, given, who, now, draft)
    # What a person gives is a part of the goods, and stays that part of what is left of them.
    policy = SHARE if order.given_before else rules.discount_policy(channel)
    kinds = hold_types.hold_types()
    ruled = any(one.has_rule for one in kinds)
    facts, counted = _facts(order, given, kinds, products, guarded=guarded) if ruled else (NO_FACTS, [])
    decision = place.place_order(order, kinds, who.id, now, discount_after_cancel=policy, facts=facts)
    return decision, counted


def _with_usual(order: Order, given: contract.OrderIn, who: Caller, now: datetime, draft: "Draft | None") -> Order:
    """Return an order of a person with what its goods usually cost. Raises Forbidden for more than the person may give."""
    if draft is None and not who.person:
        return order
    from functions.intake import persons_giving  # applications place most orders, without a draft

    return persons_giving.of_draft(order, draft) if draft else persons_giving.of_new(order, given, who.limits, now)


def _facts(
    order: Order, given: contract.OrderIn, kinds: Sequence[HoldType], products: Mapping[str, Any], *, guarded: bool
) -> tuple[Facts, list[Write]]:
    """Return what the rules of holds must know of the order, and the writes that count it."""
    from functions.intake import hold_facts  # a stage without rules needs none of it

    return hold_facts.of_new(order, _contact(given, order), kinds, products, guarded=guarded)


def _destination(given: contract.OrderIn, channel: Mapping[str, Any] | None) -> Destination | None:
    """Return the destination of an order. None: it has no address, and the store where it is picked up counts.

    Without an address of its own it belongs to the country of its first line's, else of its bill, else to the channel's first.
    """
    known = channel or {}
    if given.ship_to is not None:
        return destinations.locate(given.ship_to, pointer="/ship_to", unknown_places=known.get("unknown_places"))
    if any(line.fulfillment.node_id for line in given.lines):
        return None
    places = (*(line.ship_to for line in given.lines), given.bill_to)
    country = next((place.country for place in places if place is not None), known["countries"][0])
    return Destination(country=country, address=False)


def _with_line_addresses(order: Order, given: contract.OrderIn, channel: Mapping[str, Any] | None) -> Order:
    """Return the order with the further destinations of lines with an address of their own. Raises Invalid."""
    if all(line.ship_to is None for line in given.lines):
        return order
    from functions.intake import line_addresses  # few orders have such lines

    numbers = line_addresses.numbers_of_lines(given)
    lines = tuple(replace(line, destination=numbers.get(line.line_id, 0)) for line in order.lines)
    places = line_addresses.locate(given, (channel or {}).get("unknown_places"))
    return replace(order, lines=lines, destinations=places)


def _contact(given: contract.OrderIn, order: Order) -> dict[str, Any]:
    """Return the contact of a new order, with the addresses of its further destinations and the messages of its gifts."""
    contact = rules.contact(given)
    if order.destinations:
        from functions.intake import line_addresses

        contact["ship_tos"] = line_addresses.of_contact(given)
    if any(line.gift for line in order.lines):
        from functions.intake import line_gifts

        contact["gifts"] = line_gifts.of_contact(given)
    return contact


def _with_gifts(order: Order, given: contract.OrderIn) -> Order:
    if all(line.gift is None for line in given.lines):
        return order
    from functions.intake import line_gifts  # few orders have gifts

    return line_gifts.with_gifts(order, given)


class _NaturalKeyUsed(Rejected):
    """The channel has an order with this external id."""


def natural_key(order: Order) -> Write:
    """Return the write by which no other order of the channel has this external id."""
    values = {**keys.natural(order.channel, order.external_id), "order_id": order.order_id}
    return transaction.put_once(settings.orders_table, values, _NaturalKeyUsed())


def save_new(order: Order, saving: Saving) -> None:
    """Save a new order. Raises AlreadyExists with the id of the order that has the channel's external id."""
    try:
        orders.save(None, saving)
    except _NaturalKeyUsed as error:
        existing = orders.id_of_natural_key(order.channel, order.external_id)
        raise AlreadyExists(existing or "") from error


def created(order: Order) -> Answer:
    """Return the answer that shows a new order."""
    headers = {**http.order_headers(order), "Location": f"/v1/orders/{order.order_id}"}
    return Answer(status=201, body=views.order(order), headers=headers)


def list_orders(event: dict[str, Any]) -> Response[str]:
    """Return a page of the caller's orders: one external id, one customer, or one day of a channel."""
    who, query = caller(event), http.query(event)
    newest = list_pages.newest_first(query)
    match sorted(set(query) - {"limit", "cursor", "newest"}):
        case ["channel", "external_id"]:
            return _by_external_id(who, query["channel"], query["external_id"])
        case ["customer_id"]:
            partitions, index = [keys.customer_page(query["customer_id"])], "GSI1"
        case ["channel", "day"]:
            if not who.sees_channel(query["channel"]):
                raise NotFound("channel", query["channel"])
            partitions, index = list_pages.days(query["channel"], f"{utc_day(query['day']):%Y%m%d}"), "GSI2"
        case _:
            raise Invalid(
                Problem(
                    pointer="/",
                    code="unknown-filter",
                    message="filter by channel and external_id, by customer_id, or by channel and day",
                )
            )
    bound = f"{who.id} {index} {' '.join(partitions)}{' newest' if newest else ''}"
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    own: list[dict[str, Any]] = []
    while not own:  # the cursor is made of the caller's own row: a row of another channel would name its order
        rows, more = list_pages.page(index, partitions, after, limit, newest=newest)
        own = [row for row in rows if who.sees_channel(row["channel"])]
        if more is None:
            break
        after = more
    following = list_pages.cursor(own[-1][f"{index.lower()}sk"], bound) if more else None
    return http.page(event, [shown(orders.order_of_item(row)) for row in own], following)


def _by_external_id(who: Caller, channel: str, external_id: str) -> Response[str]:
    if not who.sees_channel(channel):
        raise NotFound("order", external_id)
    order_id = orders.id_of_natural_key(channel, external_id)
    found = [orders.load(order_id)] if order_id else []
    return http.respond(Answer(status=200, body={"items": [shown(order) for order in found], "next": None}))


def get_order(event: dict[str, Any], order_id: str) -> Response[str]:
    return http.respond(answer(own_order(caller(event), order_id)))


def answer(order: Order) -> Answer:
    """Return the answer that shows the order."""
    return Answer(status=200, body=shown(order), headers=http.order_headers(order))


def shown(order: Order) -> dict[str, Any]:
    """Return an order as answers show it."""
    if order.pending is None:
        return views.order(order)
    from functions.intake.changes import pending_outcomes  # few orders have a change that waits for money

    return pending_outcomes.shown(order)


def own_order(who: Caller, order_id: str) -> Order:
    """Return the caller's order. Raises NotFound for an order that is not the caller's, too."""
    return who.require_order(orders.load(ids.parse("ord", order_id, settings.cell)[0]))


def get_contact(event: dict[str, Any], order_id: str) -> Response[str]:
    """Return the contact of an order, to its channel and to a node or partner that still has to ship a part of it."""
    who = caller(event)
    plain, _ = ids.parse("ord", order_id, settings.cell)
    order = orders.load(plain)
    ships = any(who.sees_fulfillment(f) and not f.ended for f in order.fulfillments)
    if not who.sees_channel(order.channel) and not ships:
        raise NotFound("order", order_id)
    if who.person:
        from comanda.aws.customers import contact_audit  # applications read contacts all day, and write nothing

        contact_audit.note_read(who.id, order.order_id, clock.now(), customers.customer_of(order.order_id))
    return http.respond(Answer(status=200, body=_shown_contact(order, who)))


def _shown_contact(order: Order, who: Caller) -> dict[str, Any]:
    """Return the contact. Those who only ship a part of the order see its address and gifts alone, and no codes and links."""
    contact = customers.load(order.order_id, order.contact)
    whole = who.sees_channel(order.channel)
    if order.destinations or not whole:
        own = [f for f in order.fulfillments if not f.ended and who.sees_fulfillment(f)]
        contact = customers.shown(contact, order, None if whole else own)
    if whole and (customer_id := customers.customer_of(order.order_id)):
        contact["customer_id"] = customer_id
    if order.provisions and whole:
        contact["proofs"] = customers.load_proofs(order)
    return contact
