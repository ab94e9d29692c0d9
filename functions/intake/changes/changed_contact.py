"""
Read the notes and tax ids of a change, write the next version of an order's contact with them, with gifts and addresses, and count a dearer order.

Called by   functions/intake/changes/asked_changes.py
Returns     changes of note and tax id as the domain knows them; writes
Raises      NotFound without a contact; Invalid for a tax id that no NF-e could have
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comanda.aws.customers import customers
from comanda.aws.directory import hold_types
from comanda.aws.dynamodb.transaction import Write
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.changes.change import ChangeOutcome
from comanda.domain.lifecycle.changes.wanted_changes import NewNote, NewTaxId
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.lifecycle.moving.wanted import NewAddress
from comanda.domain.orders import hold_rules
from comanda.domain.orders.order import Order
from functions.intake.changes.change_contract import ChangeIn

if TYPE_CHECKING:
    from functions.intake.changes.change_lines import AddedLines


def notes(order: Order, changes: Sequence[ChangeIn]) -> dict[int, NewNote]:
    """Return the changes of the note, by their place. Raises NotFound without a contact."""
    places = [i for i, one in enumerate(changes) if one.modification == Modification.NOTE]
    now = customers.load(order.order_id, order.contact).get("note") if places else None
    return {i: NewNote(kept=(changes[i].note or None) == (now or None)) for i in places}


def tax_ids(order: Order, changes: Sequence[ChangeIn]) -> dict[int, NewTaxId]:
    """Return the changes of the tax id, by their place. Raises NotFound without a contact, and Invalid for a number that no
    invoice of the seller could have."""
    found = {i: one.tax_id or "" for i, one in enumerate(changes) if one.modification == Modification.TAX_ID}
    if not found:
        return {}
    from comanda.aws.directory import legal_entities
    from comanda.domain.documents.nfe import registrations

    entity = legal_entities.seller(order.channel)
    if entity is not None and entity.get("nfe"):
        message = "is a CPF or a CNPJ with its check digits, because invoices of the seller are NF-e"
        wrong = [
            Problem(pointer=f"/changes/{i}/tax_id", code="malformed", message=message)
            for i, number in found.items()
            if not registrations.is_of_a_buyer(number)
        ]
        if wrong:
            raise Invalid(*wrong)
    now = (customers.load(order.order_id, order.contact).get("customer") or {}).get("tax_id")
    return {i: NewTaxId(kept=number == now) for i, number in found.items()}


def writes(
    before: Order, outcome: ChangeOutcome, changes: Sequence[ChangeIn], lines: "AddedLines | None", now: datetime
) -> list[Write]:
    """Return the writes of the contact, if a change needs another one, and those by which rules of holds count the order.

    `lines` are what the changes add.
    """
    after = outcome.decision.order if outcome.decision else before
    dearer = after.totals.total > before.totals.total and _is_counted()
    if after.contact == before.contact and not dearer:
        return []
    stored = customers.load(before.order_id, before.contact)
    contact = changed(stored, changes, lines, outcome.addresses)
    counted = list[Write]()
    if dearer or _delivered_to(contact) != _delivered_to(stored):
        from functions.intake import hold_facts  # most changes of a contact change no address

        counted = hold_facts.counted_again(after, stored, contact, dearer=dearer)
    if after.contact == before.contact:
        return counted
    return [customers.write(after.order_id, after.contact, contact, now, field="changes"), *counted]


def _is_counted() -> bool:
    """Return True if a rule of holds counts the orders of customers."""
    kinds = hold_types.hold_types()
    return bool(hold_rules.needed(one for kind in kinds for one in kind.conditions()).velocity)


def changed(
    stored: dict[str, Any],
    changes: Sequence[ChangeIn],
    lines: "AddedLines | None",
    addresses: Mapping[int, NewAddress],
) -> dict[str, Any]:
    """Return a contact with the notes, tax ids, gifts and addresses of changes. `addresses` are new ones by the place of their change."""
    contact = stored
    for i, one in enumerate(changes):
        if one.modification == Modification.NOTE:
            contact = {name: value for name, value in contact.items() if name != "note"}
            contact |= {"note": one.note} if one.note else {}
        if one.modification == Modification.TAX_ID:
            contact = contact | {"customer": {**(contact.get("customer") or {}), "tax_id": one.tax_id}}
        if lines and i in lines.added:
            contact = lines.added[i].joined(contact)
        if i in addresses:
            from functions.intake.changes import new_addresses  # few changes have an address

            contact = new_addresses.changed(contact, changes, {i: addresses[i]})
    return contact


def _delivered_to(contact: Mapping[str, Any]) -> tuple[Any, Any]:
    return contact.get("ship_to"), contact.get("ship_tos")
