"""
Make an order and its contact of the body that a channel sent.

Called by   functions/intake/orders.py, order_steps.py and recalls.py, functions/intake/changes
Returns     values of the domain
Raises      Invalid for the lines of a cancel or a recall that the order does not have, or that are named twice
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from comanda.aws.geography import destinations
from comanda.domain.billing.header_amounts import SHARE
from comanda.domain.errors import Invalid, Problem
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Discount, Line
from comanda.domain.orders.order import Charge, Order, Totals
from comanda.domain.orders.tender import AT_HAND_OVER, OWN, PAID_AT_HAND_OVER, PAID_BY_LINK, REFERENCE, Tender
from functions.intake.contract import ChargeIn, LineIn, OrderIn, PaymentIn

NO_PROVIDERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class PayingAccount:
    """An account of ours that pays, and of a credit account the days that the customer has to pay an invoice."""

    account_id: str
    payment_days: int | None = None


NO_ACCOUNTS: Mapping[int, PayingAccount] = MappingProxyType({})


def to_order(
    given: OrderIn,
    order_id: str,
    customer_id: str,
    products: Mapping[str, Any],
    nodes: Mapping[str, Any],
    now: datetime,
    to: Destination | None = None,
    *,
    breakable: bool = False,
    providers: Mapping[str, str] = NO_PROVIDERS,
    accounts: Mapping[int, PayingAccount] = NO_ACCOUNTS,
) -> Order:
    """Return the order before any decision on it: no allocation, no hold.

    `to` is its destination, None for an order that goes to no address, and of which something is picked up. `breakable`: the
    channel sells the components of bundles singly. `providers` move the money of payments, by their methods. `accounts` are those
    of ours that pay, by the places of their payments.
    """
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
        destination=to or _at_first_store(given, nodes),
        lines=tuple(_line(one, products[one.sku], breakable=breakable) for one in given.lines if one.kind != "BUNDLE"),
        bundles=_bundles(given, products),
        charges=tuple(map(_charge, given.charges)),
        discounts=tuple(Discount(code=d.code, amount=d.amount.amount) for d in given.discounts),
        payments=tuple(tender(payment, providers, accounts.get(i)) for i, payment in enumerate(given.payments)),
        totals=Totals(**{name: getattr(given.totals, name).amount for name in Totals.__slots__}),
        requested=tuple(given.requested.model_dump(exclude_none=True).items()) if given.requested else (),
        tags=tuple(given.tags),
        sourcing_class=given.sourcing_class or "",
    )


def _at_first_store(given: OrderIn, nodes: Mapping[str, Any]) -> Destination:
    """Return where the node lies at which the first line is picked up."""
    return destinations.at_store(nodes[next(filter(None, (line.fulfillment.node_id for line in given.lines)))])


def _charge(charge: ChargeIn) -> Charge:
    return Charge(
        kind=charge.kind,
        amount=charge.amount.amount,
        tax=charge.tax.amount if charge.tax else 0,
        zero_rate_reason=charge.zero_rate_reason or "",
    )


def tender(payment: PaymentIn, providers: Mapping[str, str], account: PayingAccount | None = None) -> Tender:
    """Return a payment as orders keep it, with its provider among those of the channel. `account` is that of ours which pays.
    A code is not kept."""
    captured = payment.captured.amount if payment.captured else 0
    collected = payment.method in PAID_AT_HAND_OVER
    provider = providers.get(payment.method, AT_HAND_OVER if collected else REFERENCE)
    own = account if provider == OWN else None
    reference = own.account_id if own else None if provider == OWN else payment.reference
    if provider == AT_HAND_OVER:
        reference = payment.reference or ""
    if reference is None and payment.method in PAID_BY_LINK:
        amount = payment.authorized.amount
        return Tender(
            method=payment.method, reference="", authorized=0, provider=provider, asked=amount, requested=amount
        )
    if reference is None:
        raise RuntimeError(f"a payment by {payment.method} was not checked")
    return Tender(
        method=payment.method,
        reference=reference,
        last4=_last4(payment.code) if payment.code else "",
        payment_days=own.payment_days if own else None,
        authorized=payment.authorized.amount,
        captured=captured,
        captured_before=captured,
        expires_at=payment.expires_at,
        provider=provider,
        checked=provider in (REFERENCE, OWN, AT_HAND_OVER),
    )


def _last4(typed: str) -> str:
    from comanda.domain.gift_cards import codes  # few orders are paid by gift card

    return codes.last4(codes.read(typed) or "")


def payment_providers(channel: Mapping[str, Any] | None) -> Mapping[str, str]:
    """Return the providers that move money for the channel, by methods of payment. The shop moves that of other methods."""
    return (channel or {}).get("payment_providers") or NO_PROVIDERS


def papers(channel: Mapping[str, Any] | None) -> str:
    """Return the papers without which the goods of the channel's seller do not leave (`comanda.domain.orders.papers`)."""
    name = (channel or {}).get("legal_entity")
    if not name:
        return ""
    from comanda.aws.directory import legal_entities
    from comanda.domain.orders import papers

    return papers.of_seller(legal_entities.entity(name))


def discount_policy(channel: Mapping[str, Any] | None) -> str:
    """Return the channel's rule for the order's discount when units are cancelled: SHARE by default."""
    return (channel or {}).get("discount_after_cancel") or SHARE


def breakable(channel: Mapping[str, Any] | None) -> bool:
    """Return True if the channel sells the components of its bundles singly."""
    return bool((channel or {}).get("breakable"))


def _bundles(given: OrderIn, products: Mapping[str, Any]) -> tuple[Bundle, ...]:
    if not any(line.kind == "BUNDLE" for line in given.lines):
        return ()
    from functions.intake import bundle_lines  # few orders have bundles

    return bundle_lines.bundles(given, products)


def _line(line: LineIn, product: Mapping[str, Any], *, breakable: bool) -> Line:
    described, component, group = line.product, None, line.fulfillment.group
    if line.kind == "COMPONENT":
        from functions.intake import bundle_lines

        component, group = bundle_lines.place_in_bundle(line, breakable=breakable)
    return Line(
        line_id=line.line_id,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=line.unit_price.amount,
        tax_rate=line.tax.rate if line.tax else "0",
        tax=line.tax.amount.amount if line.tax else 0,
        zero_rate_reason=(line.tax.zero_rate_reason if line.tax else None) or "",
        discounts=tuple(Discount(code=d.code, amount=d.amount.amount) for d in line.discounts),
        kind=line.kind,
        gift_card=bool(product.get("gift_card")),
        method=line.fulfillment.method,
        node_id=line.fulfillment.node_id,
        service=line.fulfillment.service,
        group=group,
        component=component,
        weight_g=product.get("weight_g") or (described.weight_g if described else None) or 0,
        dims_mm=(described.dims_mm[0], described.dims_mm[1], described.dims_mm[2])
        if described and described.dims_mm
        else None,
        title=(described.title if described else None) or product["title"],
        gtin=product.get("gtin") or (described.gtin if described else None) or "",
    )


def contact(given: OrderIn) -> dict[str, Any]:
    """Return the contact of the order: the personal data, which is stored in the Customers table alone."""
    people = given.model_dump(
        mode="json", include={"customer", "ship_to", "bill_to", "note", "gift", "attributes"}, exclude_none=True
    )
    return {name: value for name, value in people.items() if value}


def quantities(order: Order, wanted: list[tuple[str, int]]) -> dict[str, int]:
    """Return the units of a cancel or a recall by line id. Raises Invalid for each line that is unknown or stands twice."""
    line_ids = {line.line_id for line in order.as_sent()}
    named = {line_id for line_id, _ in wanted}
    bundles = {line.line_id: line.component.bundle for line in order.lines if line.component}
    found: dict[str, int] = {}
    wrong = []
    for i, (line_id, quantity) in enumerate(wanted):
        if line_id not in line_ids:
            message = f"{line_id} is not a line of this order"
            wrong.append(Problem(pointer=f"/lines/{i}/line_id", code="unknown-line", message=message))
        elif bundles.get(line_id) in named:
            message = f"{line_id} is a part of the bundle {bundles[line_id]}, which stands here too"
            wrong.append(Problem(pointer=f"/lines/{i}/line_id", code="duplicate", message=message))
        if line_id in found:
            message = f"{line_id} stands twice"
            wrong.append(Problem(pointer=f"/lines/{i}/line_id", code="duplicate", message=message))
        found[line_id] = quantity
    if wrong:
        raise Invalid(*wrong)
    return found
