"""
Read the rules of holds that a change of an order may ask again, and what they must know of the changed order.

Called by   functions/intake/changes: asked_changes.py, pending_changes.py
Returns     rules with a reader of their facts; none where no type has a rule
Raises      nothing
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comanda.aws.customers import customers
from comanda.aws.directory import directory, hold_types
from comanda.domain.lifecycle.changes.added_holds import NO_RULES, HoldRules
from comanda.domain.lifecycle.moving.wanted import NewAddress
from comanda.domain.orders import hold_rules
from comanda.domain.orders.hold_rules import Facts
from comanda.domain.orders.order import Order
from comanda.domain.orders.rule_holds import HoldType
from functions.intake.changes import changed_contact
from functions.intake.changes.change_contract import ChangeIn

if TYPE_CHECKING:
    from functions.intake.changes.change_lines import AddedLines


def rules_about(order: Order, changes: Sequence[ChangeIn], lines: "AddedLines | None", now: datetime) -> HoldRules:
    """Return the rules of holds that changes may ask. `lines` are what the changes add, None if they add no line."""
    kinds = hold_types.hold_types()
    if not any(kind.has_rule for kind in kinds):
        return NO_RULES

    def facts(asked: Sequence[HoldType], after: Order, addresses: Mapping[int, NewAddress]) -> Facts:
        from functions.intake import hold_facts  # most changes ask no rule

        contact: dict[str, Any] = {}
        if any(hold_rules.needs_contact(one) for kind in asked for one in kind.conditions()):
            stored = customers.load(order.order_id, order.contact)
            contact = changed_contact.changed(stored, changes, lines, addresses)
        hashes = hold_facts.identities(after, contact, asked)
        named = any(one.classes for kind in asked for one in kind.conditions())
        products = directory.entries(directory.PRODUCT, {line.sku for line in after.as_sent()} if named else ())
        return hold_facts.facts(after, contact, asked, hashes, products, now)

    return HoldRules(kinds=tuple(kinds), facts=facts)
