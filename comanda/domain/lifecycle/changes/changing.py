"""
Add changes to an order one by one, and decide on all of them together: money, units that move, units that are cancelled.

Called by   comanda.domain.lifecycle.changes.change; functions/intake, which makes the terms of a request
Returns     a decision with the event `changed`
Raises      Invalid with the pointer of a field that does not fit the order
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comanda.domain import money
from comanda.domain.billing import header_amounts, invoices
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle import told_payments
from comanda.domain.lifecycle.cancels import cancel
from comanda.domain.lifecycle.changes import added_holds, changed_taxes
from comanda.domain.lifecycle.changes.added_holds import NO_RULES, HoldRules
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.changed_amounts import (
    NewAppeasement,
    NewCharge,
    NewDiscount,
    uncarried_charges,
)
from comanda.domain.lifecycle.changes.wanted_changes import Wanted, WantedChange
from comanda.domain.lifecycle.holds import authorisations, payment_checks
from comanda.domain.lifecycle.modifications.modification_matrix import Level, Matrix, Modification
from comanda.domain.lifecycle.moving.wanted import Move, NewAddress, NewMethod, NewShipTo, Touched
from comanda.domain.orders import capacity, holds, rule_holds
from comanda.domain.orders.cancel_reasons import CancelReason
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.order import Hold, Order, Totals
from comanda.domain.orders.rule_holds import RuleResult
from comanda.domain.orders.tender import Tender

if TYPE_CHECKING:  # few channels have a tax table
    from comanda.domain.taxes.quotes import Knowledge

# What the event says of units that are cancelled, as `cancelled` does.
_OF_CANCELLED = ("lines", "bundles", "along", "quarantined")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTerms:
    """Say what holds for all changes of a request. `payments` pay for what they add, and `payer` told of them, "" for the actor.
    `rules` may hold what they add. `judge` asks the rules of holds about the order and the address of the change at a place."""

    reason: str
    actor: str
    now: datetime
    payments: tuple[Tender, ...] = ()
    payer: str = ""
    why: CancelReason | None = None  # of the retailer's list; it stays with the units that are cancelled
    rules: HoldRules = NO_RULES
    taxes: "Knowledge | None" = None  # what the rates of taxes depend on; None: the channel has no tax table
    judge: Callable[[Order, int], Iterable[RuleResult]] = lambda _, __: ()


class ChangeBuilder:
    """The order while changes are added to it, and what follows from them together."""

    def __init__(self, order: Order, terms: ChangeTerms) -> None:
        self.before = self.after = order
        self.terms = terms
        self.fewer: dict[str, int] = {}
        self.rows: list[dict[str, Any]] = []
        self.touched: Touched = ()
        self.addresses: dict[int, NewAddress] = {}
        self.destinations: dict[int, Destination] = {}
        self.asked: Mapping[int, Mapping[str, int]] = {}
        self.tasks: tuple[Task, ...] = ()
        self.data: dict[str, Any] = {}
        self.same: list[Problem] = []  # the fields that are as the order has them already
        self.sums: list[tuple[str, Order]] = []  # the order after each change of sums, with its pointer
        self.valued = True  # False: changes have touched the sums since the totals were made
        self.discounts: list[str] = []  # the pointers of the changes that give discounts on the order
        self.untaxed: dict[str, str] = {}  # the pointers of further lines by their ids, and of charges by their numbers
        self.charges: list[str] = []  # the pointers of the charges, but for those of nothing

    def add(self, i: int, one: Wanted, less: int) -> None:
        """Add the change of this place. `less` are the units that it cancels."""
        if less:
            self.fewer[one.line_id] = less
        if not isinstance(one, WantedChange):
            self._move(i, one)
            return
        if isinstance(one, NewDiscount | NewAppeasement):
            self.discounts.append(f"/changes/{i}")
        elif isinstance(one, NewCharge) and one.amount + one.tax:
            self.charges.append(f"/changes/{i}")
        if name := one.same(self.after):
            self._keep(i, name)
            return
        if isinstance(one, NewLines):
            self.untaxed |= dict.fromkeys(one.line_ids, f"/changes/{i}/lines")
        elif isinstance(one, NewCharge):
            self.untaxed[changed_taxes.key_of_charge(len(self.after.charges))] = f"/changes/{i}/tax"
        line = {"line_id": one.line_id} if one.line_id else {}
        self.rows.append({"modification": one.modification.value, **line, **one.fact(self.after)})
        changed = one.applied(self.after, self.terms.actor, f"/changes/{i}")
        if one.raises and changed is not self.after:
            self.valued = False
            self.sums.append((f"/changes/{i}/{one.raises}", changed))
        self.after = changed
        if isinstance(one, NewLines) and one.destinations:
            self._ask_about_address(i)

    def _move(self, i: int, one: Move) -> None:
        from comanda.domain.lifecycle.moving import apply  # few changes move units

        one = self._with_number(one)
        if name := apply.same(self.after, one):
            self._keep(i, name)
            return
        self.rows.append({"modification": one.modification.value, **apply.fact(self.after, one)})
        made = apply.moved(self.after, one, f"/changes/{i}")
        self.after, self.touched = made.order, (*self.touched, *made.touched)
        if isinstance(one, NewShipTo | NewMethod) and one.to is not None:
            self.destinations[i] = one.to
        if made.address:
            self.addresses[i] = made.address
            self._ask_about_address(i)

    def _keep(self, i: int, name: str) -> None:
        """Note that a change changes nothing. Such a request is refused, so that each version of an order differs from the one before."""
        message = f"{name} has this value already: leave the change out"
        self.same.append(Problem(pointer=f"/changes/{i}/{name}", code="the-same", message=message))

    def _with_number(self, one: Move) -> Move:
        """Return a change with the destination that an earlier change of the request made of the same address."""
        if not isinstance(one, NewShipTo | NewMethod) or one.same_as not in self.addresses:
            return one
        return replace(one, number=self.addresses[one.same_as].number)

    def _ask_about_address(self, i: int) -> None:
        """Hold the order as the rules say that are about addresses."""
        self._value()
        found = self.terms.judge(self.after, i)
        had = len(self.after.holds)
        self.after = rule_holds.with_rule_holds(self.after, found, "rules", self.terms.now)
        made = self.after.holds[had:]
        self.tasks += tuple(holds.hold_task(self.after, hold, hold.queue) for hold in made if hold.queue)
        if made:
            self._tell_holds(made)

    def _tell_holds(self, made: Iterable[Hold]) -> None:
        self.data["holds"] = [*self.data.get("holds", ()), *(hold.hold_id for hold in made)]

    def _value(self) -> None:
        """Spread the header amounts over all that the changes made of the lines, and make the totals: once for many changes."""
        if not self.valued:
            self.after, self.valued = invoices.revalued(self.after), True

    def decision(self, matrix: Matrix) -> Decision:
        """Return the decision: units that move are taken back first, units that are cancelled go last."""
        terms, order = self.terms, self.before
        if self.after.contact > order.contact or self.addresses:
            self.after = replace(self.after, contact=order.contact + 1)
        self._tax()
        after, tasks = _paid(self.after, terms)
        event = Event(type=EventType.CHANGED, actor=terms.actor, at=terms.now, data={"changes": [*self.rows]})
        made = Decision(order=after, event=event, tasks=(*self.tasks, *tasks))
        if self.touched:
            made = self._with_units_back(made)
        if self.fewer:
            made = _with_units_cancelled(made, self.fewer, matrix, terms)
        self._require_discounts(made.order)
        self._require_charges(made.order)
        if wrong := list(_too_large(made.order)):
            self._refuse(wrong)
        held, of_holds = added_holds.with_holds(order, made.order, terms.rules, terms.now, self.addresses)
        if len(held.holds) > len(made.order.holds):
            self._tell_holds(held.holds[len(made.order.holds) :])
        made = replace(made, order=held, tasks=(*made.tasks, *of_holds))
        data = {**event.data, **self.data, **made.event.data, **(terms.why.facts() if terms.why else {})}
        data |= told_payments.facts(terms.payments, terms.payer or terms.actor)
        data["reason"] = terms.reason
        data |= {"was": order.totals.total, "total": made.order.totals.total, "currency": order.currency}
        return replace(made, event=replace(event, data=data))

    def _tax(self) -> None:
        """Tax again what the changes touch."""
        self._value()
        self.after = changed_taxes.taxed(self.before, self.after, self.terms.taxes, self.untaxed)
        self.sums.append(("/changes", self.after))
        new = self.after.charges[len(self.before.charges) :]
        rows = (row for row in self.rows if row["modification"] == Modification.CHARGE)
        for row, charge in zip(rows, new, strict=True):
            if charge.tax:
                row["tax"] = charge.tax

    def _refuse(self, too_large: Sequence[str]) -> None:
        """Raise Invalid with these sums, at the change that first made one too large."""
        at = next((at for at, order in self.sums if any(_too_large(invoices.revalued(order)))), None)
        if at is not None:
            raise Invalid(*(Problem(pointer=at, code="too-large", message=message) for message in too_large))

    def _require_discounts(self, after: Order) -> None:
        """Raise Invalid when the units that the same request cancels leave less than the discounts that it gives."""
        if not self.discounts or not self.fewer:
            return
        lost = header_amounts.uncarried_discount(after) - header_amounts.uncarried_discount(self.before)
        if lost > 0:
            message = f"what is left is worth {money.shown(lost, after.currency)} less than the order's discounts"
            raise Invalid(Problem(pointer=f"{self.discounts[-1]}/amount", code="too-large", message=message))

    def _require_charges(self, after: Order) -> None:
        """Raise Invalid when the units that the same request cancels leave none that carries the charges that it adds."""
        if self.charges and self.fewer and uncarried_charges(after) > 0:
            message = "no unit is left whose invoice would have the charge"
            raise Invalid(Problem(pointer=f"{self.charges[0]}/amount", code="nothing-left", message=message))

    def _with_units_back(self, made: Decision) -> Decision:
        from comanda.domain.lifecycle.moving.take_back import take_back
        from comanda.domain.stock.changes import sum_changes

        back = take_back(made.order, self.touched, self.terms.reason, self.terms.now)
        self.asked = back.asked
        return replace(
            made,
            order=back.order,
            stock=sum_changes(back.stock),
            tasks=(*made.tasks, *back.tasks),
            done=back.done,
            capacity=back.capacity,
            event=replace(made.event, data={**made.event.data, **back.data}),
        )


def _with_units_cancelled(made: Decision, fewer: Mapping[str, int], matrix: Matrix, terms: ChangeTerms) -> Decision:
    from comanda.domain.stock.changes import sum_changes

    may = matrix.cancels(Level.LINE, made.order.channel)
    # Each change was decided on the holds before the request: one that its new address places stops the next request.
    gone = cancel.cancel(made.order, fewer, terms.reason, terms.actor, terms.now, may, terms.why, steps=())
    told: dict[str, Any] = {name: gone.event.data[name] for name in _OF_CANCELLED if name in gone.event.data}
    return replace(
        gone,
        stock=sum_changes((*made.stock, *gone.stock)),
        tasks=(*made.tasks, *gone.tasks),
        done=(*made.done, *gone.done),
        capacity=capacity.summed((*made.capacity, *gone.capacity)),
        event=replace(made.event, data={**made.event.data, **told}),
    )


def _too_large(order: Order) -> Iterator[str]:
    """Yield what is wrong with each sum of the order above the highest amount: no invoice could show it."""
    for name in Totals.__slots__:
        if (amount := getattr(order.totals, name)) > money.MOST:
            yield f"{name} of the order would be {amount} minor units, and an amount is at most {money.MOST}"


def _paid(order: Order, terms: ChangeTerms) -> tuple[Order, tuple[Task, ...]]:
    if not terms.payments:
        return order, ()
    paid = replace(order, payments=(*order.payments, *terms.payments))
    return authorisations.with_payment_hold(payment_checks.with_check_hold(paid, terms.now), terms.now)
