"""
Write the next version of an order's contact, with the note, the gifts and the addresses of a change.

Called by   functions/intake/changes/asked_changes.py
Returns     writes
Raises      NotFound without a contact
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comanda.aws.customers import customers
from comanda.aws.dynamodb.transaction import Write
from comanda.domain.lifecycle.changes.change import ChangeOutcome
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.orders.order import Order
from functions.intake.changes.change_contract import ChangeIn

if TYPE_CHECKING:
    from functions.intake.changes.change_lines import AddedLines


def writes(
    before: Order, outcome: ChangeOutcome, changes: Sequence[ChangeIn], lines: "AddedLines | None", now: datetime
) -> list[Write]:
    """Return the writes of the contact, if a change needs another one. `lines` are what the changes add."""
    after = outcome.decision.order if outcome.decision else before
    if after.contact == before.contact:
        return []
    stored = contact = customers.load(before.order_id, before.contact)
    counted = list[Write]()
    for i, one in enumerate(changes):
        if one.modification == Modification.NOTE:
            contact = {name: value for name, value in contact.items() if name != "note"}
            contact |= {"note": one.note} if one.note else {}
        if lines and i in lines.added:
            contact = lines.added[i].joined(contact)
        if i in outcome.addresses:
            from functions.intake.changes import new_addresses  # few changes have an address

            contact = new_addresses.changed(contact, changes, {i: outcome.addresses[i]})
    if _delivered_to(contact) != _delivered_to(stored):
        from functions.intake.changes import new_addresses

        counted = new_addresses.counted(after, stored, contact)
    return [customers.write(after.order_id, after.contact, contact, now, field="changes"), *counted]


def _delivered_to(contact: Mapping[str, Any]) -> tuple[Any, Any]:
    return contact.get("ship_to"), contact.get("ship_tos")
