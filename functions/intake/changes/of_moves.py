"""
Read the changes of a request that move units, for the version of the order that they are decided on.

Called by   functions/intake/changes/asked_changes.py
Returns     changes as the domain knows them, and the rules of holds about their addresses
Raises      Invalid with a problem for each wrong field
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from comanda.domain import wanted_days
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.lifecycle.moving.wanted import Move, NewMethod, NewNode, NewRequested, NewService, NewStore
from comanda.domain.orders.order import Order
from comanda.domain.orders.rule_holds import RuleResult
from functions.intake.changes.change_contract import ChangeIn
from functions.intake.contract import Requested


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """The changes that move units, by their place. `rules_of_holds` judges the address of the change at a place."""

    wanted: Mapping[int, Move]
    rules_of_holds: Callable[[Order, int], Sequence[RuleResult]]


def read(order: Order, changes: Sequence[ChangeIn], by: str, now: datetime) -> Moves:
    """Return the changes that move units. Their fields were checked. `by` is the caller's id."""
    made = dict(_plain_moves(changes, by, now))
    if any(one.node_id is not None or one.method is not None for one in changes):
        from functions.intake.changes import new_counters  # few changes name a node

        if wrong := new_counters.problems(order, changes, now):
            raise Invalid(*wrong)
    if all(one.ship_to is None for one in changes):
        return Moves(wanted=made, rules_of_holds=lambda _, __: ())
    from comanda.aws.customers import customers
    from functions.intake.changes import new_addresses  # few changes have an address

    contact = customers.load(order.order_id, order.contact)
    located = new_addresses.located(order, changes, contact)

    def rules_of_holds(after: Order, i: int) -> Sequence[RuleResult]:
        return new_addresses.rules_about_change(after, changes[i], located[i].to, contact, now)

    for i, found in located.items():
        one = made.get(i)
        made[i] = (
            replace(one, to=found.to, number=found.number, same_as=found.same_as)
            if isinstance(one, NewMethod)
            else found
        )
    return Moves(wanted=made, rules_of_holds=rules_of_holds)


def _plain_moves(changes: Sequence[ChangeIn], by: str, now: datetime) -> Iterator[tuple[int, Move]]:
    """Yield the changes that need nothing but their own fields, by their place. Raises Invalid for each wrong day."""
    wrong: list[Problem] = []
    for i, one in enumerate(changes):
        line_id = one.line_id or ""
        match one.modification:
            case Modification.REQUESTED if one.requested:
                wrong += _problems_of_days(one.requested, now, f"/changes/{i}/requested")
                days = one.requested
                yield i, NewRequested(deliver_by=days.deliver_by, not_before=days.not_before)
            case Modification.SERVICE:
                yield i, NewService(service=one.service or "", line_id=line_id)
            case Modification.METHOD:
                yield i, NewMethod(line_id=line_id, method=one.method or "", node_id=one.node_id or "")
            case Modification.STORE:
                yield i, NewStore(line_id=line_id, node_id=one.node_id or "")
            case Modification.NODE:
                yield i, NewNode(line_id=line_id, node_id=one.node_id or "", by=by)
    if wrong:
        raise Invalid(*wrong)


def _problems_of_days(days: Requested, now: datetime, at: str) -> Iterator[Problem]:
    """Yield a problem for each wrong day. A new order may be old; a change wants what is still to come."""
    yesterday = (now - timedelta(days=1)).date().isoformat()  # in some time zones it is still the day before
    if days.not_before and days.not_before < yesterday:
        message = f"{days.not_before} has passed"
        yield Problem(pointer=f"{at}/not_before", code="in-the-past", message=message)
    yield from wanted_days.problems(days.deliver_by, days.not_before, now, at)
