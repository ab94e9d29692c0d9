"""
Place a new order: check its totals, spread its header amounts over its lines, and add the holds of the rules.

Called by   functions/intake, comanda.domain.lifecycle.parcels.resend
Returns     a decision with the event `placed` and the tasks of the holds
Raises      Invalid when the totals do not add up, or when the payments do not cover the total
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from comanda.domain.billing import header_amounts
from comanda.domain.errors import Invalid, Problem
from comanda.domain.orders import holds, rule_holds
from comanda.domain.orders.decision import Decision, Event, EventType, MoneyOperation, Task
from comanda.domain.orders.hold_rules import NO_FACTS, Facts
from comanda.domain.orders.line import Allocation
from comanda.domain.orders.order import Order, Totals
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status


def check_totals(order: Order) -> None:
    """Raise Invalid for totals that do not add up, discounts that exceed their goods, and payments below the total.

    Each wrong total is named, with its difference in minor units.
    """
    right = _sums(order)
    problems = [*_wrong_totals(order.totals, right), *_excessive_discounts(order, right)]
    asked = sum(tender.asked for tender in order.payments)
    paid = sum(tender.authorized for tender in order.payments) + asked
    if right.total < 0 or (right.total and paid < right.total and not problems):
        message = f"authorised {paid} of a total of {right.total} minor units"
        problems.append(Problem(pointer="/payments", code="does-not-cover", message=message))
    if asked and paid > right.total and not problems:
        message = f"links ask for {paid - right.total} minor units more than the order needs"
        problems.append(Problem(pointer="/payments", code="too-large", message=message))
    if problems:
        raise Invalid(*problems)


def _sums(order: Order) -> Totals:
    """Return the totals to which the order adds up: total = goods - discounts + charges + tax, without the tax if the prices
    include it."""
    priced = order.as_sent()
    goods = sum(line.quantity * line.unit_price for line in priced)
    discounts = sum(line.discount for line in priced) + sum(d.amount for d in order.discounts)
    charges = sum(c.amount for c in order.charges)
    tax = sum(line.tax for line in priced) + sum(c.tax for c in order.charges)
    total = goods - discounts + charges + (0 if order.prices_include_tax else tax)
    return Totals(goods=goods, discounts=discounts, charges=charges, tax=tax, total=total)


def _wrong_totals(given: Totals, right: Totals) -> Iterator[Problem]:
    if given == right:
        return
    for name in Totals.__slots__:
        says, adds_up = getattr(given, name), getattr(right, name)
        if says != adds_up:
            message = f"is {says}, the order adds up to {adds_up}: {says - adds_up:+d} minor units off"
            yield Problem(pointer=f"/totals/{name}", code="does-not-add-up", message=message)


def _excessive_discounts(order: Order, right: Totals) -> Iterator[Problem]:
    of_order = sum(d.amount for d in order.discounts)
    of_lines = right.discounts - of_order
    for i, line in enumerate(order.as_sent()):
        if line.discount > line.quantity * line.unit_price:
            message = "discounts exceed the line's goods"
            yield Problem(pointer=f"/lines/{i}/discounts", code="too-large", message=message)
    if of_order > right.goods - of_lines + right.charges:
        yield Problem(pointer="/discounts", code="too-large", message="discounts exceed the order's goods and charges")


def place_order(
    order: Order,
    kinds: Iterable[rule_holds.HoldType],
    actor: str,
    now: datetime,
    *,
    discount_after_cancel: str = header_amounts.SHARE,
    facts: Facts = NO_FACTS,
) -> Decision:
    """Place a new order: spread its header amounts over its lines, and add the holds whose rules apply.

    With `discount_after_cancel` SHARE each unit carries its share of the order's discount; with KEEP the discount stays whole
    for the units that are left. Raises Invalid when the order's totals do not add up.
    """
    check_totals(order)
    if order.bundles:
        from comanda.domain.billing import bundle_prices  # few orders have bundles

        order = bundle_prices.with_shared_prices(order)
    share = bool(order.discounts) and discount_after_cancel == header_amounts.SHARE
    status = Status.DRAFT if order.draft else Status.CREATED
    lines = tuple(
        replace(line, allocations=(Allocation(quantity=line.quantity, status=status),), **part)
        for line, part in zip(
            order.lines, header_amounts.header_parts(order, new=True, share_discount=share), strict=True
        )
    )
    order = replace(order, lines=lines)
    kinds = tuple(kinds)
    found = [one for kind in kinds if kind.active and (one := rule_holds.judged(kind, order, facts))]
    order = rule_holds.with_rule_holds(order, found, "rules", now)
    tasks = [holds.hold_task(order, hold, hold.queue) for hold in order.holds if hold.queue]
    order, of_payments = _with_holds_of_payments(order, now)
    tasks += of_payments
    money: tuple[MoneyOperation, ...] = ()
    if any(tender.asked for tender in order.payments):
        from comanda.domain.lifecycle import payment_links  # few orders are paid by a link

        payment = next((kind for kind in kinds if kind.id == holds.PAYMENT), None)
        order, money = payment_links.begun(order, now, payment)
    if order.draft:
        tasks.append(Task(queue=Queue.DRAFTS, item="draft", due=now, reason="draft"))
    return Decision(order=order, event=_placed(order, actor, now), tasks=tuple(tasks), money=money)


def _with_holds_of_payments(order: Order, now: datetime) -> tuple[Order, Sequence[Task]]:
    """Return the order with the holds that its payments place, and the tasks of those holds."""
    tasks: Sequence[Task] = ()
    if any(tender.ended(now) for tender in order.payments):  # what a link asks for is held below
        from comanda.domain.lifecycle.holds import authorisations

        order, tasks = authorisations.with_payment_hold(order, now)
    if any(not tender.checked for tender in order.payments):
        from comanda.domain.lifecycle.holds import payment_checks

        order = payment_checks.with_check_hold(order, now)
    return order, tasks


def _placed(order: Order, actor: str, now: datetime) -> Event:
    return Event(
        type=EventType.PLACED,
        actor=actor,
        at=now,
        data={
            "channel": order.channel,
            "lines": len(order.lines) + len(order.bundles),
            "units": sum(line.quantity for line in order.lines),
            "total": order.totals.total,
            "currency": order.currency,
            "holds": [hold.hold_id for hold in order.holds],
            **({"kind": order.kind, "replaces": order.replaces[0].order_id} if order.replaces else {}),
        },
    )
