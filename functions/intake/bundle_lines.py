"""
Check the bundles of a new order and their components, and make values of the domain of them.

Called by   functions/intake/orders.py, checks.py and rules.py, for an order with such lines only
Returns     a problem for each wrong field; the order's lines as they go; bundles and components
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from comanda.domain.errors import Problem
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.component import Component, kit_of
from comanda.domain.orders.line import Discount
from functions.intake.contract import LineIn, OrderIn

WHOLE = 1_000_000  # the price shares of a bundle add up to it


def as_they_go(given: OrderIn) -> OrderIn:
    """Return the order with the delivery of its bundle for each component that states none."""
    bundles = _bundles(given.lines)
    lines = [
        line.model_copy(update={"fulfillment": bundles[line.parent_line_id].fulfillment})
        if line.kind == "COMPONENT" and line.parent_line_id in bundles and "fulfillment" not in line.model_fields_set
        else line
        for line in given.lines
    ]
    return given.model_copy(update={"lines": lines})


def problems(lines: Sequence[LineIn]) -> Iterator[Problem]:
    """Yield a problem for each field of a bundle, a component, or another line that takes no place in a bundle."""
    bundles = _bundles(lines)
    shares: dict[str, list[int]] = {line_id: [] for line_id in bundles}
    kinds = {line.line_id: line.kind for line in lines}
    for i, line in enumerate(lines):
        at = f"/lines/{i}"
        if line.kind != "COMPONENT":
            yield from _problems_outside(at, line)
            continue
        yield from _missing(at, line)
        yield from _problems_of_price(at, line)
        bundle = bundles.get(line.parent_line_id or "")
        if bundle is not None:
            shares[bundle.line_id].append(line.price_share or 0)
            yield from _misfits(at, line, bundle)
        elif line.parent_line_id in kinds:
            message = f"line {line.parent_line_id} is a {kinds[line.parent_line_id]}: only a BUNDLE has components"
            yield _problem(f"{at}/parent_line_id", "not-a-bundle", message)
        elif line.parent_line_id is not None:
            message = f"{line.parent_line_id} is not a line of this order"
            yield _problem(f"{at}/parent_line_id", "unknown-line", message)
    for i, line in enumerate(lines):
        if line.kind == "BUNDLE":
            yield from _problems_of_shares(f"/lines/{i}", shares[line.line_id])


def _bundles(lines: Sequence[LineIn]) -> dict[str, LineIn]:
    return {line.line_id: line for line in lines if line.kind == "BUNDLE"}


def _problems_outside(at: str, line: LineIn) -> Iterator[Problem]:
    """Yield a problem for each field that only components have."""
    for name in ("parent_line_id", "ratio", "price_share"):
        if getattr(line, name) is not None:
            what = "a bundle is in no other bundle" if line.kind == "BUNDLE" else f"this line is a {line.kind}"
            yield _problem(f"{at}/{name}", "not-a-component", f"only a COMPONENT has it, and {what}")
    if line.kind == "BUNDLE" and line.fulfillment.group is not None:
        yield _grouped(at)


def _missing(at: str, line: LineIn) -> Iterator[Problem]:
    for name, what in (
        ("parent_line_id", "the line of its bundle"),
        ("ratio", "its units in one set"),
        ("price_share", "its part of the bundle's price, in parts per million"),
    ):
        if getattr(line, name) is None:
            yield _problem(f"{at}/{name}", "missing", f"a component has {what}")


def _problems_of_price(at: str, line: LineIn) -> Iterator[Problem]:
    """Yield a problem for each amount of a component: its bundle has the price, the discounts and the tax."""
    message = "the bundle has it, and price_share says how much of it is the component's: send 0"
    if line.unit_price.amount:
        yield _problem(f"{at}/unit_price/amount", "priced-by-its-bundle", message)
    if line.tax and line.tax.amount.amount:
        yield _problem(f"{at}/tax/amount/amount", "priced-by-its-bundle", message)
    for n, discount in enumerate(line.discounts):
        if discount.amount.amount:
            yield _problem(f"{at}/discounts/{n}/amount/amount", "priced-by-its-bundle", message)


def _misfits(at: str, line: LineIn, bundle: LineIn) -> Iterator[Problem]:
    """Yield a problem for each field of a component that does not fit its bundle."""
    if line.ratio is not None and line.quantity != line.ratio * bundle.quantity:
        message = f"is {line.quantity}: {bundle.quantity} sets of {line.ratio} are {line.ratio * bundle.quantity}"
        yield _problem(f"{at}/quantity", "does-not-fit-its-bundle", message)
    for name in ("method", "service", "node_id"):
        if getattr(line.fulfillment, name) != getattr(bundle.fulfillment, name):
            message = f"differs from that of its bundle, line {bundle.line_id}"
            yield _problem(f"{at}/fulfillment/{name}", "mixed-bundle", message)
    if line.fulfillment.group is not None:
        yield _grouped(at)


def _grouped(at: str) -> Problem:
    message = "a bundle is a group by itself: name none"
    return _problem(f"{at}/fulfillment/group", "grouped-by-its-bundle", message)


def _problems_of_shares(at: str, shares: Sequence[int]) -> Iterator[Problem]:
    if not shares:
        yield _problem(at, "no-components", "no COMPONENT line names this bundle in parent_line_id")
    elif sum(shares) != WHOLE:
        message = f"the price_share of its components add up to {sum(shares)}, not to {WHOLE}"
        yield _problem(at, "shares-do-not-add-up", message)


def _problem(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)


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
            discounts=tuple(Discount(code=d.code, amount=d.amount.amount) for d in line.discounts),
            title=(line.product.title if line.product else None) or products[line.sku]["title"],
        )
        for place, line in enumerate(given.lines)
        if line.kind == "BUNDLE"
    )


def place_in_bundle(line: LineIn, *, breakable: bool) -> tuple[Component, str | None]:
    """Return the place of a component in its bundle, and the group of lines with which it leaves a node.

    There is no such group if its channel sells components singly (`breakable`).
    """
    bundle = line.parent_line_id or ""
    place = Component(bundle=bundle, ratio=line.ratio or 1, price_share=line.price_share or 0)
    return place, None if breakable else kit_of(bundle)
