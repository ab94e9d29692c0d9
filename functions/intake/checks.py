"""
Check an order as a channel sent it, beyond the shape of single fields.

Called by   functions/intake/orders.py for a new order, functions/intake/changes for what changes add and pay
Returns     a problem for each wrong field
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from comanda.aws.api.contracts import Amount
from comanda.aws.api.sale_contracts import Address, Delivery
from comanda.domain import ids
from comanda.domain.errors import Problem
from comanda.domain.geography import postal_codes
from comanda.domain.orders.line import PROVIDED_KINDS
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Totals
from comanda.domain.orders.tender import OWN, PAID_AT_HAND_OVER, PAID_BY_LINK, Tender, misses_currency
from functions.intake.contract import LineIn, OrderIn, PaymentIn, Product

_CLOCK_TOLERANCE = timedelta(minutes=5)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LONGEST_AUTHORIZATION = timedelta(days=3650)
_LONGEST_ENDED = timedelta(days=366)  # between the end of an authorisation and the order: longer is a wrong date
_MOST_PICKUP_NODES = 20


def problems(
    given: OrderIn,
    products: Mapping[str, Any],
    nodes: Mapping[str, Any],
    channel: Mapping[str, Any] | None,
    now: datetime,
) -> list[Problem]:
    """Return a problem for each unknown name, mixed currency, missing part and wrong time of the order.

    `products` and `nodes` are the directory's entries by name, `channel` the channel's, None for an unknown channel.
    """
    placed, free = given.placed_at or now, not given.totals.total.amount
    found = [*_header_problems(given, channel, now), *problems_of_payments(given.payments, placed, now, free=free)]
    found += problems_of_references(given.payments, channel)
    found += same_payments((), given.payments, (channel or {}).get("payment_providers") or {})
    if any((products.get(line.sku) or {}).get("gift_card") for line in given.lines):
        from functions.intake import gift_card_lines  # few orders sell gift cards

        found += gift_card_lines.problems_of_payments(given.payments, channel)
    if given.prices_include_tax:
        from functions.intake import included_taxes  # US shops, say, send none of these

        found += included_taxes.problems(given)
    found += problems_of_lines(given, products, nodes, channel)
    found += [
        _problem(pointer, "mixed-currencies", f"{amount.currency}, the order is in {given.currency}")
        for pointer, amount in _amounts(given)
        if amount.currency != given.currency
    ]
    return found


def problems_of_name(given: OrderIn, order_id: str) -> Iterator[Problem]:
    """Yield a problem for an external id that only the order of a draft may have: its name if its shop gives it none."""
    if ids.is_draft(given.external_id) and ids.order_of_draft(given.external_id) != order_id:
        message = "is the id of a draft, which is kept for the order of that draft"
        yield _problem("/external_id", "id-of-a-draft", message)


def problems_of_lines(
    given: OrderIn, products: Mapping[str, Any], nodes: Mapping[str, Any], channel: Mapping[str, Any] | None
) -> list[Problem]:
    """Return a problem for each unknown name and each part that does not fit in the lines of a new order, or of a change."""
    found: list[Problem] = []
    seen: set[str] = set()
    for i, line in enumerate(given.lines):
        found += _line_problems(f"/lines/{i}", line, products)
        if line.kind not in PROVIDED_KINDS:
            found += _pickup_problems(f"/lines/{i}/fulfillment/node_id", line, nodes, channel)
        if line.line_id in seen:
            found.append(_problem(f"/lines/{i}/line_id", "duplicate", f"{line.line_id} stands twice"))
        seen.add(line.line_id)
    found += _group_problems(given)
    if any(line.ship_to is not None for line in given.lines):
        found += _problems_of_line_addresses(given, channel)
    if any(line.gift is not None for line in given.lines):
        from functions.intake import line_gifts  # few orders have gifts

        found += line_gifts.problems(given.lines)
    found += _bundle_problems(given)
    return found


def _header_problems(given: OrderIn, channel: Mapping[str, Any] | None, now: datetime) -> Iterator[Problem]:
    if channel is None:
        yield _problem("/channel", "unknown-channel", f"there is no channel {given.channel}")
    else:
        if given.currency not in channel["currencies"]:
            yield _problem("/currency", "not-sold-in", f"{given.channel} does not sell in {given.currency}")
        if given.ship_to and given.ship_to.country not in channel["countries"]:
            yield _problem("/ship_to/country", "not-shipped-to", f"{given.channel} does not ship there")
    yield from _time_problems("/placed_at", given.placed_at, now + _CLOCK_TOLERANCE)
    if given.option_id and not given.promise_id:
        yield _problem("/option_id", "without-promise", "an option is of a promise: send its promise_id too")
    if given.requested:
        from comanda.domain import wanted_days  # with the code of stock: few orders name a day

        wanted = given.requested
        yield from wanted_days.problems(wanted.deliver_by, wanted.not_before, now, "/requested")
    if given.ship_to is None and any(line.ship_to is None and is_shipped(line) for line in given.lines):
        yield _problem("/ship_to", "missing", "lines that are shipped need an address")
    yield from _problems_of_buyer(given)
    pickup_nodes = {line.fulfillment.node_id for line in given.lines if line.fulfillment.method == PICKUP}
    if len(pickup_nodes) > _MOST_PICKUP_NODES:
        yield _problem("/lines", "too-many-pickup-nodes", f"at most {_MOST_PICKUP_NODES} in one order")


def _problems_of_buyer(given: OrderIn) -> Iterator[Problem]:
    """Yield a problem for each wrong address, also for that of the network of electronic invoices."""
    for pointer, address in (("/ship_to", given.ship_to), ("/bill_to", given.bill_to)):
        yield from problems_of_address(pointer, address) if address else ()
    if given.bill_to:
        from comanda.domain.geography import countries  # few orders have an address for the bill

        wrong_country = countries.problem(given.bill_to.country, "/bill_to/country")
        yield from (wrong_country,) if wrong_country else ()
    if given.attributes:
        from comanda.domain.documents import electronic_ids  # few orders have attributes

        yield from electronic_ids.problems_of_attributes(given.attributes)


def is_shipped(line: LineIn) -> bool:
    """Return True if the line goes to an address."""
    return line.fulfillment.method != PICKUP and line.kind not in PROVIDED_KINDS


def problems_of_address(at: str, address: Address) -> Iterator[Problem]:
    """Yield a problem for half a coordinate, and for a postal code that its country does not have."""
    if (address.latitude is None) != (address.longitude is None):
        yield _problem(at, "half-a-coordinate", "latitude and longitude come together")
    wrong = postal_codes.problem(address.country, address.postal_code, f"{at}/postal_code")
    yield from (wrong,) if wrong else ()


def problems_of_payments(
    payments: Iterable[PaymentIn], placed: datetime, now: datetime, *, free: bool = False
) -> Iterator[Problem]:
    """Yield a problem for each payment with a wrong time, of nothing, or of which more is captured than was authorised.

    A payment of nothing fits an order that costs nothing (`free`): shops send one for it.
    """
    for i, payment in enumerate(payments):
        at = f"/payments/{i}/expires_at"
        earliest = max(_EARLIEST, max(placed, _EARLIEST) - _LONGEST_ENDED)
        yield from _time_problems(at, payment.expires_at, now + _LONGEST_AUTHORIZATION, earliest)
        if not payment.authorized.amount and not free:
            yield _problem(f"/payments/{i}/authorized", "too-small", "a payment of 0 pays for nothing: leave it out")
        if payment.captured and payment.captured.amount > payment.authorized.amount:
            yield _problem(f"/payments/{i}/captured", "more-than-authorized", "more is captured than was authorised")


def problems_of_references(payments: Iterable[PaymentIn], channel: Mapping[str, Any] | None) -> Iterator[Problem]:
    """Yield a problem for each field that a payment must have, or must not have, because of who moves its money."""
    providers = (channel or {}).get("payment_providers") or {}
    for i, payment in enumerate(payments):
        own = providers.get(payment.method) == OWN
        later = payment.method in PAID_AT_HAND_OVER and payment.method not in providers
        by_link = is_by_link(payment, providers)
        unnamed = own or later or by_link
        if by_link and (message := misses_currency(payment.method, payment.authorized.currency)):
            yield _problem(f"/payments/{i}/method", "another-currency", message)
        needs = ("code",) if own and payment.method == "GIFT_CARD" else () if unnamed else ("reference",)
        for name in ("reference", "code", "captured", "expires_at"):
            given = getattr(payment, name) is not None
            if name in needs and not given:
                yield _problem(f"/payments/{i}/{name}", "missing", f"{payment.method} needs a {name} in this channel")
            elif given and name not in needs and (own or name == "code" or by_link or (later and name != "reference")):
                message = f"{payment.method} takes no {name} in this channel"
                yield _problem(f"/payments/{i}/{name}", "not-taken", message)


def same_payments(
    known: Iterable[Tender], payments: Iterable[PaymentIn], providers: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield a problem for each payment that is another one's, or one of those before: the same money would cover two amounts.

    A provider knows a payment by its reference alone, whatever method the shop calls it. An account of ours may pay several times,
    and so may cash.
    """
    taken = {(name, tender.reference) for tender in known for name in (tender.method, tender.provider)}
    for i, payment in enumerate(payments):
        if payment.reference is None:
            continue
        names = {(payment.method, payment.reference)}
        if payment.method in providers:
            names.add((providers[payment.method], payment.reference))
        if taken & names:
            message = f"the order has the {payment.method} {payment.reference} already"
            yield _problem(f"/payments/{i}/reference", "duplicate", message)
        taken |= names


def is_by_link(payment: PaymentIn, providers: Mapping[str, str]) -> bool:
    """Return True for a payment that the customer is to pay by a link or a code, which the channel's provider makes."""
    outside = providers.get(payment.method, OWN) != OWN
    return payment.method in PAID_BY_LINK and outside and payment.reference is None


def _time_problems(
    pointer: str, at: datetime | None, latest: datetime, earliest: datetime = _EARLIEST
) -> Iterator[Problem]:
    if at is None:
        return
    if at < earliest:
        yield _problem(pointer, "too-long-ago", f"lies before {earliest:%Y-%m-%d}")
    elif at > latest:
        yield _problem(pointer, "in-the-future", f"lies after {latest:%Y-%m-%d %H:%M} UTC")


def _line_problems(at: str, line: LineIn, products: Mapping[str, Any]) -> Iterator[Problem]:
    if line.kind in PROVIDED_KINDS:
        yield from _provided_problems(at, line)
    elif line.ship_to is not None:
        yield from problems_of_address(f"{at}/ship_to", line.ship_to)
    if line.sku not in products:
        yield _problem(f"{at}/sku", "unknown-sku", f"there is no product {line.sku}")
    product = products.get(line.sku) or {}
    yield from _product_problems(f"{at}/product", line.product, product)
    if product.get("gift_card"):
        from functions.intake import gift_card_lines  # few orders sell gift cards

        yield from gift_card_lines.problems(at, line)


def _provided_problems(at: str, line: LineIn) -> Iterator[Problem]:
    """Yield a problem for each field that says how goods travel: a digital line or a service is provided, and does not."""
    plain, given = Delivery(), line.fulfillment
    fields = [f"fulfillment/{name}" for name in Delivery.model_fields if getattr(given, name) != getattr(plain, name)]
    fields += [name for name in ("ship_to", "gift") if getattr(line, name) is not None]
    if line.product is not None:
        fields += [f"product/{name}" for name in ("weight_g", "dims_mm") if getattr(line.product, name)]
    for name in fields:
        yield _problem(
            f"{at}/{name}", "not-for-this-kind", f"a {line.kind} line is provided: nothing is sent or collected"
        )


def _product_problems(at: str, described: Product | None, product: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each fact that the channel states of a product and that differs from the directory's."""
    for name, value in (("gtin", described.gtin), ("class", described.class_)) if described else ():
        listed = product.get(name)
        if value and listed and value != listed:
            yield _problem(f"{at}/{name}", f"another-{name}", f"the directory says {listed}")


def _pickup_problems(
    at: str, line: LineIn, nodes: Mapping[str, Any], channel: Mapping[str, Any] | None
) -> Iterator[Problem]:
    """Yield a problem for a wrong node of a line. A pickup line names the counter of a node in a country where the channel
    sells; a shipped line names no node."""
    name = line.fulfillment.node_id
    if line.fulfillment.method != PICKUP:
        if name is not None:
            yield _problem(at, "not-yours-to-choose", "the router chooses where it ships from")
    elif name is None:
        yield _problem(at, "missing", "a pickup line names its node")
    else:
        from comanda.aws.directory import counters  # most lines are sent

        if wrong := counters.problem(at, name, nodes.get(name), channel["countries"] if channel is not None else None):
            yield wrong


def _group_problems(given: OrderIn) -> Iterator[Problem]:
    """Yield a problem for each line of a kit whose method, service or node differs from those of the kit's first line."""
    firsts: dict[str, LineIn] = {}
    for i, line in enumerate(given.lines):
        if line.fulfillment.group is None:
            continue
        first = firsts.setdefault(line.fulfillment.group, line)
        for name in ("method", "service", "node_id"):
            if getattr(line.fulfillment, name) != getattr(first.fulfillment, name):
                message = f"differs from that of line {first.line_id}, which is of the same group"
                yield _problem(f"/lines/{i}/fulfillment/{name}", "mixed-group", message)


def _bundle_problems(given: OrderIn) -> Iterable[Problem]:
    if not any(line.bundled for line in given.lines):
        return ()
    from functions.intake import bundle_lines  # few orders have bundles

    return bundle_lines.problems(given.lines)


def _problems_of_line_addresses(given: OrderIn, channel: Mapping[str, Any] | None) -> Iterable[Problem]:
    from functions.intake import line_addresses  # few orders have lines with an address of their own

    return line_addresses.problems(given, channel)


def _problem(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)


def _amounts(given: OrderIn) -> Iterator[tuple[str, Amount]]:
    """Yield every amount of money in the order with its JSON pointer."""
    yield from amounts_of_lines(given.lines)
    for i, charge in enumerate(given.charges):
        yield f"/charges/{i}/amount", charge.amount
        if charge.tax:
            yield f"/charges/{i}/tax", charge.tax
    for i, discount in enumerate(given.discounts):
        yield f"/discounts/{i}/amount", discount.amount
    for i, payment in enumerate(given.payments):
        yield f"/payments/{i}/authorized", payment.authorized
        if payment.captured:
            yield f"/payments/{i}/captured", payment.captured
    for name in Totals.__slots__:
        yield f"/totals/{name}", getattr(given.totals, name)


def amounts_of_lines(lines: Iterable[LineIn]) -> Iterator[tuple[str, Amount]]:
    """Yield every amount of money in the lines with its JSON pointer."""
    for i, line in enumerate(lines):
        yield f"/lines/{i}/unit_price", line.unit_price
        if line.tax:
            yield f"/lines/{i}/tax/amount", line.tax.amount
        for n, discount in enumerate(line.discounts):
            yield f"/lines/{i}/discounts/{n}/amount", discount.amount
