"""
Check a draft as it would be after a change: lines, bundles, groups and amounts must fit together.

A draft may lack what an order needs: a customer, an address, lines. What it has must be right.

Called by   comanda.domain.drafts.steps
Returns     a problem for each wrong field; lines are named by their places in the draft
"""

from collections.abc import Iterator, Mapping

from comanda.domain.drafts.draft import MOST_LINES, Delivery, Draft, DraftLine
from comanda.domain.errors import Problem
from comanda.domain.money import MOST
from comanda.domain.orders import bundle_lines
from comanda.domain.orders.bundle_lines import BUNDLE, COMPONENT
from comanda.domain.orders.line import PROVIDED_KINDS
from comanda.domain.orders.methods import PICKUP

_MOST_PICKUP_NODES = 20
_GOODS = ("method", "service", "node_id")


def problems(draft: Draft) -> Iterator[Problem]:
    """Yield everything that is wrong with the draft."""
    if len(draft.lines) > MOST_LINES:
        yield _problem(
            "/lines", "too-many-lines", f"a draft has at most {MOST_LINES} lines, this one {len(draft.lines)}"
        )
        return
    seen: set[str] = set()
    for i, line in enumerate(draft.lines):
        yield from _line_problems(f"/lines/{i}", line)
        if line.line_id in seen:
            yield _problem(f"/lines/{i}/line_id", "duplicate", f"{line.line_id} stands twice")
        seen.add(line.line_id)
    deliveries = draft.deliveries()
    for i, line in enumerate(draft.lines):
        if (
            line.destination is not None
            and line.kind not in PROVIDED_KINDS
            and deliveries[line.line_id].method == PICKUP
        ):
            yield _problem(
                f"/lines/{i}/ship_to", "picked-up", "a pickup line goes to its counter: null takes its own address away"
            )
    if any(bundle_lines.is_bundled(line) for line in draft.lines):
        yield from bundle_lines.problems(draft.lines, lambda at, line, bundle: _misfits(at, line, bundle, deliveries))
    yield from _delivery_problems("/fulfillment", draft.delivery)
    bundled = [line for line in draft.lines if line.kind in (BUNDLE, COMPONENT) and line.delivery is None]
    if any(deliveries[line.line_id].group is not None for line in bundled):
        message = "a bundle is a group by itself: let its line have a fulfillment of its own, without a group"
        yield _problem("/fulfillment/group", "grouped-by-its-bundle", message)
    yield from _group_problems(draft, deliveries)
    nodes = {delivery.node_id for delivery in deliveries.values() if delivery.node_id}
    if len(nodes) > _MOST_PICKUP_NODES:
        yield _problem("/lines", "too-many-pickup-nodes", f"at most {_MOST_PICKUP_NODES} in one draft")
    yield from _header_problems(draft)


def amount_problems(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for each amount that no order can have: what a line comes to, and the totals, which are computed."""
    for i, line in enumerate(draft.lines):
        if line.goods > MOST:
            yield _too_much(f"/lines/{i}/quantity", "the line comes", line.goods)
    totals = draft.totals
    if totals.charges > MOST:
        yield _too_much("/charges", "the charges come", totals.charges)
    largest = max(totals.goods, totals.discounts, totals.tax, totals.total)
    if largest > MOST and all(line.goods <= MOST for line in draft.lines):
        yield _too_much("/charges" if totals.charges > totals.goods else "/lines", "the draft comes", largest)


def _too_much(at: str, comes: str, amount: int) -> Problem:
    return _problem(at, "too-large", f"{comes} to {amount} minor units, and an order has at most {MOST}")


def _header_problems(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for discounts of the draft that exceed its goods and charges, and for an option of no promise."""
    worth = sum(max(0, line.goods - line.discount) for line in draft.lines) + sum(c.amount for c in draft.charges)
    if sum(d.amount for d in draft.discounts) > worth:
        yield _problem(
            "/discounts", "too-large", f"discounts exceed the draft's goods and charges of {worth} minor units"
        )
    if draft.option_id is not None and draft.promise_id is None:
        yield _problem("/option_id", "without-promise", "an option is of a promise: send its promise_id too")


def _line_problems(at: str, line: DraftLine) -> Iterator[Problem]:
    if line.discount > line.goods and line.kind != COMPONENT:
        yield _problem(f"{at}/discounts", "too-large", f"discounts exceed the line's goods of {line.goods} minor units")
    if line.kind == COMPONENT:
        yield from _priced_component(at, line)
    if line.kind == COMPONENT and line.gift:
        message = f"the bundle, line {line.parent_line_id}, is the gift: write the message there"
        yield _problem(f"{at}/gift", "gift-of-its-bundle", message)
    if line.kind in PROVIDED_KINDS:
        for name, there in (("ship_to", line.destination is not None), ("gift", line.gift)):
            if there:
                yield _not_for(f"{at}/{name}", line)
    if line.delivery is not None:
        yield from _own_delivery_problems(f"{at}/fulfillment", line, line.delivery)


def _own_delivery_problems(at: str, line: DraftLine, delivery: Delivery) -> Iterator[Problem]:
    if line.kind in PROVIDED_KINDS:
        yield _not_for(at, line)
        return
    yield from _delivery_problems(at, delivery)
    if line.kind in (BUNDLE, COMPONENT) and delivery.group is not None:
        yield _problem(f"{at}/group", "grouped-by-its-bundle", "a bundle is a group by itself: name none")


def _not_for(at: str, line: DraftLine) -> Problem:
    return _problem(at, "not-for-this-kind", f"a {line.kind} line is provided: nothing is sent or collected")


def _priced_component(at: str, line: DraftLine) -> Iterator[Problem]:
    message = "the bundle has it, and price_share says how much of it is the component's: send none"
    if line.price.amount:
        yield _problem(f"{at}/unit_price", "priced-by-its-bundle", message)
    if line.discounts:
        yield _problem(f"{at}/discounts", "priced-by-its-bundle", message)
    if line.tax_rate.strip("0."):
        yield _problem(f"{at}/tax_rate", "priced-by-its-bundle", message)


def _delivery_problems(at: str, delivery: Delivery) -> Iterator[Problem]:
    if delivery.method == PICKUP and delivery.node_id is None:
        yield _problem(f"{at}/node_id", "missing", "a pickup names its node")
    elif delivery.method != PICKUP and delivery.node_id is not None:
        yield _problem(f"{at}/node_id", "not-yours-to-choose", "the router chooses where it ships from")


def _misfits(at: str, line: DraftLine, bundle: DraftLine, deliveries: Mapping[str, Delivery]) -> Iterator[Problem]:
    """Yield a problem for each field in which a component goes otherwise than its bundle."""
    mine, its = deliveries[line.line_id], deliveries[bundle.line_id]
    for name in _GOODS:
        if getattr(mine, name) != getattr(its, name):
            message = f"differs from that of its bundle, line {bundle.line_id}"
            yield _problem(f"{at}/fulfillment/{name}", "mixed-bundle", message)


def _group_problems(draft: Draft, deliveries: Mapping[str, Delivery]) -> Iterator[Problem]:
    """Yield a problem for each line of a group that goes otherwise than the first line of the group."""
    firsts: dict[str, DraftLine] = {}
    for i, line in enumerate(draft.lines):
        delivery = deliveries[line.line_id]
        if delivery.group is None or line.kind in PROVIDED_KINDS or line.kind in (BUNDLE, COMPONENT):
            continue
        first = firsts.setdefault(delivery.group, line)
        for name in _GOODS:
            if getattr(delivery, name) != getattr(deliveries[first.line_id], name):
                message = f"differs from that of line {first.line_id}, which is of the same group"
                yield _problem(f"/lines/{i}/fulfillment/{name}", "mixed-group", message)


def _problem(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)
