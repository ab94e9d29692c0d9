"""
Read the rules of holds that are asked about units which changes add, and what they must know of the order.

Called by   functions/intake/changes/asked_changes.py
Returns     rules with their facts; none where no rule is asked
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from comanda.aws.customers import customers
from comanda.aws.directory import directory, hold_types
from comanda.domain.lifecycle.changes.added_holds import NO_RULES, HoldRules
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.wanted_changes import UnitChange, Wanted
from comanda.domain.orders.order import Order
from functions.intake.changes.change_rules import new_skus

if TYPE_CHECKING:
    from functions.intake.changes.change_lines import AddedLines


def rules_about_units(order: Order, wanted: Sequence[Wanted], lines: "AddedLines | None") -> HoldRules:
    """Return the rules of holds that are asked about units that the changes add. `lines` has the contact with their addresses."""
    kinds = hold_types.hold_types()
    if not any(kind.has_rule for kind in kinds) or not any(isinstance(one, NewLines | UnitChange) for one in wanted):
        return NO_RULES
    from functions.intake import hold_facts  # a stage without rules needs none of it

    contact = lines.contact if lines else customers.load(order.order_id, order.contact)
    skus = {line.sku for line in order.lines} | {sku for one in wanted for sku in new_skus(one)}
    hashes = hold_facts.identities(order, contact, kinds)
    facts = hold_facts.facts(order, contact, kinds, hashes, directory.entries(directory.PRODUCT, skus))
    return HoldRules(kinds=tuple(kinds), facts=facts)
