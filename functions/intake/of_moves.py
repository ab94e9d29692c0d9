"""
Read the changes of a request that move units, for the version of the order that they are decided on.

Called by   functions/intake/order_changes.py
Returns     changes as the domain knows them, and the rules of holds about their addresses
Raises      Invalid with a problem for each wrong field
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from comanda.domain.lifecycle.moving.wanted import Move
from comanda.domain.orders.holds import RuleResult
from comanda.domain.orders.order import Order
from functions.intake.change_contract import ChangeIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """The changes that move units, by their place. `rules_of_holds` judges the address of the change at a place."""

    wanted: Mapping[int, Move]
    rules_of_holds: Callable[[Order, int], Sequence[RuleResult]]


_NONE = Moves(wanted={}, rules_of_holds=lambda _, __: ())


def read(order: Order, changes: Sequence[ChangeIn]) -> Moves:
    """Return the changes that move units. Their fields were checked."""
    if all(one.ship_to is None for one in changes):
        return _NONE
    from comanda.aws.orders import customers
    from functions.intake import new_addresses  # few changes have an address

    contact = customers.load(order.order_id, order.contact)
    made = new_addresses.located(order, changes, contact)

    def rules_of_holds(after: Order, i: int) -> Sequence[RuleResult]:
        return new_addresses.rules_about(after, changes[i], made[i].to, contact)

    return Moves(wanted=made, rules_of_holds=rules_of_holds)
