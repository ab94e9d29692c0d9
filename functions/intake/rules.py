"""Make an order and its contact out of what a channel sent, and say what is wrong with it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from comanda.aws.api.contracts import Amount
from comanda.aws.geography import destinations
from comanda.domain.billing.invoices import SHARE
from comanda.domain.errors import Invalid, Problem
from comanda.domain.geography import postal_codes
from comanda.domain.orders.line import PICKUP, Discount, Line
from comanda.domain.orders.order import Charge, Destination, Order, Tender, Totals
from functions.intake.contract import Address, LineIn, OrderIn, Product

_CLOCK_TOLERANCE = timedelta(minutes=5)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LONGEST_AUTHORIZATION = timedelta(days=3650)
_LONGEST_ENDED = timedelta(days=366)  # before the order was placed: such an authorisation never was one for it
_MOST_PICKUP_NODES = 20


def problems(
    given: OrderIn,
    products: Mapping[str, Any],
    nodes: Mapping[str, Any],
    channel: Mapping[str, Any] | None,
    now: datetime,
) -> list[Problem]:
    """Everything that is wrong beyond the shape of single fields: unknown names, mixed currencies, missing parts."""
    found = [*_of_header(given, channel, now), *_of_payments(given, now)]
    seen: set[str] = set()
    for i, line in enumerate(given.lines):
        found += _of_line(f"/lines/{i}", line, products)
        found += _of_counter(f"/lines/{i}/fulfillment/node_id", line, nodes, channel)
        if line.line_id in seen:
            found.append(_problem(f"/lines/{i}/line_id", "duplicate", f"{line.line_id} stands twice"))
        seen.add(line.line_id)
    found += _of_groups(given)
    found += [
        _problem(pointer, "mixed-currencies", f"{amount.currency}, the order is in {given.currency}")
        for pointer, amount in _amounts(given)
        if amount.currency != given.currency
    ]
    return found


def _of_header(given: OrderIn, channel: Mapping[str, Any] | None, now: datetime) -> Iterator[Problem]:
    if channel is None:
        yield _problem("/channel", "unknown-channel", f"there is no channel {given.channel}")
    else:
        if given.currency not in channel["currencies"]:
            yield _problem("/currency", "not-sold-in", f"{given.channel} does not sell in {given.currency}")
        if given.ship_to and given.ship_to.country not in channel["countries"]:
            yield _problem("/ship_to/country", "not-shipped-to", f"{given.channel} does not ship there")
    yield from _of_time("/placed_at", given.placed_at, now + _CLOCK_TOLERANCE)
    if given.option_id and not given.promise_id:
        yield _problem("/option_id", "without-promise", "an option is of a promise: send its promise_id too")
    if given.requested:
        from comanda.domain import wanted_days  # which knows stock: few orders are wanted on a day

        wanted = given.requested
        yield from wanted_days.problems(wanted.deliver_by, wanted.not_before, now, "/requested")
    if given.ship_to is None and any(line.fulfillment.method != PICKUP for line in given.lines):
        yield _problem("/ship_to", "missing", "lines that are shipped need an address")
    for pointer, address in (("/ship_to", given.ship_to), ("/bill_to", given.bill_to)):
        yield from _of_address(pointer, address) if address else ()
    if given.bill_to:
        from comanda.domain.geography import countries  # few orders have an address for the bill

        wrong_country = countries.problem(given.bill_to.country, "/bill_to/country")
        yield from (wrong_country,) if wrong_country else ()
    pickup_nodes = {line.fulfillment.node_id for line in given.lines if line.fulfillment.method == PICKUP}
    if len(pickup_nodes) > _MOST_PICKUP_NODES:
        yield _problem("/lines", "too-many-pickup-nodes", f"at most {_MOST_PICKUP_NODES} in one order")


def _of_address(at: str, address: Address) -> Iterator[Problem]:
    if (address.latitude is None) != (address.longitude is None):
        yield _problem(at, "half-a-coordinate", "latitude and longitude come together")
    wrong = postal_codes.problem(address.country, address.postal_code, f"{at}/postal_code")
    yield from (wrong,) if wrong else ()


def _of_payments(given: OrderIn, now: datetime) -> Iterator[Problem]:
    for i, payment in enumerate(given.payments):
        at = f"/payments/{i}/expires_at"
        earliest = max(_EARLIEST, max(given.placed_at or now, _EARLIEST) - _LONGEST_ENDED)
        yield from _of_time(at, payment.expires_at, now + _LONGEST_AUTHORIZATION, earliest)
        if payment.captured and payment.captured.amount > payment.authorized.amount:
            yield _problem(f"/payments/{i}/captured", "more-than-authorized", "more is captured than was authorised")


def _of_time(pointer: str, at: datetime | None, latest: datetime, earliest: datetime = _EARLIEST) -> Iterator[Problem]:
    if at is None:
        return
    if at < earliest:
        yield _problem(pointer, "too-long-ago", f"lies before {earliest:%Y-%m-%d}")
    elif at > latest:
        yield _problem(pointer, "in-the-future", f"lies after {latest:%Y-%m-%d %H:%M} UTC")


def _of_line(at: str, line: LineIn, products: Mapping[str, Any]) -> Iterator[Problem]:
    if line.kind != "PRODUCT":
        yield _problem(f"{at}/kind", "not-supported", f"{line.kind} lines are not taken yet")
    if line.parent_line_id or line.ratio or line.price_share:
        yield _problem(at, "not-supported", "bundles are not taken yet")
    if line.ship_to is not None:
        yield _problem(f"{at}/ship_to", "not-supported", "one address for each order")
    if line.sku not in products:
        yield _problem(f"{at}/sku", "unknown-sku", f"there is no product {line.sku}")
    yield from _of_product(f"{at}/product", line.product, products.get(line.sku) or {})


def _of_product(at: str, said: Product | None, product: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each fact that the channel states of a product and that differs from the directory's."""
    for name, value in (("gtin", said.gtin), ("class", said.class_)) if said else ():
        known = product.get(name)
        if value and known and value != known:
            yield _problem(f"{at}/{name}", f"another-{name}", f"the directory says {known}")


def _of_counter(
    at: str, line: LineIn, nodes: Mapping[str, Any], channel: Mapping[str, Any] | None
) -> Iterator[Problem]:
    """Yield what is wrong with the node of a line. A line may name the counter of any node in a country where the
    channel sells."""
    name = line.fulfillment.node_id
    if line.fulfillment.method != PICKUP:
        if name is not None:
            yield _problem(at, "not-yours-to-choose", "the router chooses where it ships from")
    elif name is None:
        yield _problem(at, "missing", "a pickup line names its node")
    elif name not in nodes:
        yield _problem(at, "unknown-node", f"there is no node {name}")
    elif not nodes[name]["pickup"]:
        yield _problem(at, "no-pickup", f"{name} has no counter")
    elif channel is not None and nodes[name]["country"] not in channel["countries"]:
        yield _problem(at, "other-country", f"{name} is in {nodes[name]['country']}, where this channel does not sell")


def _of_groups(given: OrderIn) -> Iterator[Problem]:
    """The lines of a kit go one way: that of its first line."""
    firsts: dict[str, LineIn] = {}
    for i, line in enumerate(given.lines):
        if line.fulfillment.group is None:
            continue
        first = firsts.setdefault(line.fulfillment.group, line)
        for name in ("method", "service", "node_id"):
            if getattr(line.fulfillment, name) != getattr(first.fulfillment, name):
                message = f"differs from that of line {first.line_id}, which is of the same group"
                yield _problem(f"/lines/{i}/fulfillment/{name}", "mixed-group", message)


def _problem(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)


def _amounts(given: OrderIn) -> Iterator[tuple[str, Amount]]:
    """Every amount of money in the order, and where it stands."""
    for i, line in enumerate(given.lines):
        yield f"/lines/{i}/unit_price", line.unit_price
        if line.tax:
            yield f"/lines/{i}/tax/amount", line.tax.amount
        for n, discount in enumerate(line.discounts):
            yield f"/lines/{i}/discounts/{n}/amount", discount.amount
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


def to_order(
    given: OrderIn,
    order_id: str,
    customer_id: str,
    products: Mapping[str, Any],
    nodes: Mapping[str, Any],
    now: datetime,
    to: Destination | None = None,
) -> Order:
    """Return the order before any decision on it: no allocation, no hold. `to` is the destination of a shipped order,
    None for one that is only picked up."""
    return Order(
        order_id=order_id,
        channel=given.channel,
        external_id=given.external_id,
        currency=given.currency,
        locale=given.locale,
        customer_id=customer_id,
        placed_at=given.placed_at or now,
        prices_include_tax=given.prices_include_tax,
        draft=given.draft,
        priority=given.priority,
        destination=to or destinations.at_store(nodes[given.lines[0].fulfillment.node_id or ""]),
        lines=tuple(_line(line, products[line.sku]) for line in given.lines),
        charges=tuple(
            Charge(kind=c.kind, amount=c.amount.amount, tax=c.tax.amount if c.tax else 0) for c in given.charges
        ),
        discounts=tuple(Discount(code=d.code, amount=d.amount.amount) for d in given.discounts),
        payments=tuple(
            Tender(
                method=p.method,
                reference=p.reference,
                authorized=p.authorized.amount,
                captured=p.captured.amount if p.captured else 0,
                expires_at=p.expires_at,
            )
            for p in given.payments
        ),
        totals=Totals(**{name: getattr(given.totals, name).amount for name in Totals.__slots__}),
        requested=tuple((k, v) for k, v in given.requested.model_dump(exclude_none=True).items())
        if given.requested
        else (),
        tags=tuple(given.tags),
        sourcing_class=given.sourcing_class or "",
    )


def discount_policy(channel: Mapping[str, Any] | None) -> str:
    """Return what becomes of the order's discount when units are cancelled."""
    return (channel or {}).get("discount_after_cancel") or SHARE


def _line(line: LineIn, product: Mapping[str, Any]) -> Line:
    said = line.product
    return Line(
        line_id=line.line_id,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=line.unit_price.amount,
        tax_rate=line.tax.rate if line.tax else "0",
        tax=line.tax.amount.amount if line.tax else 0,
        discounts=tuple(Discount(code=d.code, amount=d.amount.amount) for d in line.discounts),
        kind=line.kind,
        method=line.fulfillment.method,
        node_id=line.fulfillment.node_id,
        service=line.fulfillment.service,
        group=line.fulfillment.group,
        weight_g=product.get("weight_g") or (said.weight_g if said else None) or 0,
        dims_mm=(said.dims_mm[0], said.dims_mm[1], said.dims_mm[2]) if said and said.dims_mm else None,
        title=(said.title if said else None) or product["title"],
        gtin=product.get("gtin") or (said.gtin if said else None) or "",
    )


def contact(given: OrderIn) -> dict[str, Any]:
    """What is kept in Customers and nowhere else."""
    people = given.model_dump(
        mode="json", include={"customer", "ship_to", "bill_to", "note", "gift", "attributes"}, exclude_none=True
    )
    return {name: value for name, value in people.items() if value}


def quantities(order: Order, wanted: list[tuple[str, int]]) -> dict[str, int]:
    """(line id: units) of a cancel. Raises Invalid naming lines that are unknown or stand twice."""
    known = {line.line_id for line in order.lines}
    found: dict[str, int] = {}
    wrong = []
    for i, (line_id, quantity) in enumerate(wanted):
        if line_id not in known:
            wrong.append(_problem(f"/lines/{i}/line_id", "unknown-line", f"{line_id} is not a line of this order"))
        if line_id in found:
            wrong.append(_problem(f"/lines/{i}/line_id", "duplicate", f"{line_id} stands twice"))
        found[line_id] = quantity
    if wrong:
        raise Invalid(*wrong)
    return found
