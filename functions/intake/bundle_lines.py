"""
Check the bundles of a new order and their components, and make values of the domain of them.

Called by   functions/intake/orders.py, checks.py and rules.py, for an order with such lines only
Returns     a problem for each wrong field; the order's lines as they go; bundles and components
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from comanda.domain.errors import Problem
from comanda.domain.orders import bundle_lines
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.bundle_lines import BUNDLE, COMPONENT, bundles_of, problem
from comanda.domain.orders.component import Component, kit_of
from comanda.domain.orders.line import Discount
from functions.intake.contract import LineIn, OrderIn


def as_they_go(given: OrderIn) -> OrderIn:
    """Return the order with the delivery, and the address, of its bundle for each component that states none."""
    bundles = bundles_of(given.lines)
    lines = [_as_it_goes(line, bundles.get(line.parent_line_id or "")) for line in given.lines]
    return given.model_copy(update={"lines": lines})


def _as_it_goes(line: LineIn, bundle: LineIn | None) -> LineIn:
    if line.kind != COMPONENT or bundle is None:
        return line
    named = ("fulfillment", "ship_to")
    return line.model_copy(update={x: getattr(bundle, x) for x in named if x not in line.model_fields_set})


def problems(lines: Sequence[LineIn]) -> Iterator[Problem]:
    """Yield a problem for each field that is wrong in a bundle, or that takes no place in one."""
    yield from bundle_lines.problems(lines, _misfits)
    for i, line in enumerate(lines):
        if line.kind == COMPONENT:
            yield from _problems_of_price(f"/lines/{i}", line)
        if line.kind in (BUNDLE, COMPONENT) and line.fulfillment.group is not None:
            message = "a bundle is a group by itself: name none"
            yield problem(f"/lines/{i}/fulfillment/group", "grouped-by-its-bundle", message)
        for name in ("weight_g", "dims_mm") if line.kind == BUNDLE and line.product else ():
            if getattr(line.product, name) is not None:
                yield problem(f"/lines/{i}/product/{name}", "not-taken", "its components are packed and weighed")


def _problems_of_price(at: str, line: LineIn) -> Iterator[Problem]:
    """Yield a problem for each amount of a component: its bundle has the price, the discounts and the tax."""
    message = "the bundle has it, and price_share says how much of it is the component's: send 0"
    if line.unit_price.amount:
        yield problem(f"{at}/unit_price/amount", "priced-by-its-bundle", message)
    if line.tax and line.tax.amount.amount:
        yield problem(f"{at}/tax/amount/amount", "priced-by-its-bundle", message)
    for n, discount in enumerate(line.discounts):
        if discount.amount.amount:
            yield problem(f"{at}/discounts/{n}/amount/amount", "priced-by-its-bundle", message)


def _misfits(at: str, line: LineIn, bundle: LineIn) -> Iterator[Problem]:
    """Yield a problem for each field in which a component goes otherwise than its bundle."""
    for name in ("method", "service", "node_id"):
        if getattr(line.fulfillment, name) != getattr(bundle.fulfillment, name):
            message = f"differs from that of its bundle, line {bundle.line_id}"
            yield problem(f"{at}/fulfillment/{name}", "mixed-bundle", message)


def bundles(given: OrderIn, products: Mapping[str, Any]) -> tuple[Bundle, ...]:
    """Return the bundles of the order, each with its place among the lines."""
    return tuple(
        Bundle(
            line_id=line.line_id,
            sku=line.sku,
            quantity=line.quantity,
            unit_price=line.unit_price.amount,
            place=place,
            tax_rate=line.tax.rate if line.tax else "0",
            tax=line.tax.amount.amount if line.tax else 0,
            zero_rate_reason=(line.tax.zero_rate_reason if line.tax else None) or "",
            discounts=tuple(Discount(code=d.code, amount=d.amount.amount) for d in line.discounts),
            title=(line.product.title if line.product else None) or products[line.sku]["title"],
            gtin=products[line.sku].get("gtin") or (line.product.gtin if line.product else None) or "",
        )
        for place, line in enumerate(given.lines)
        if line.kind == BUNDLE
    )


def place_in_bundle(line: LineIn, *, breakable: bool) -> tuple[Component, str | None]:
    """Return the place of a component in its bundle, and the group of lines with which it leaves a node.

    There is no such group if its channel sells components singly (`breakable`).
    """
    bundle = line.parent_line_id or ""
    place = Component(bundle=bundle, ratio=line.ratio or 1, price_share=line.price_share or 0)
    return place, None if breakable else kit_of(bundle)
