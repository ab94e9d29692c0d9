"""
Read which legal entity is the seller on the invoices of a channel.

Called by   functions/invoice, documents, credit, inbox, sweep and books
Returns     the entry of the entity with its `id`, and the prefixes of all entities, at most a minute old
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.directory.directory import CHANNEL, LEGAL_ENTITY, entries, find, names
from comanda.domain.documents.nfe import registrations


def seller(channel: str) -> dict[str, Any] | None:
    """Return the legal entity of a channel, None if the channel names none."""
    name = (find(CHANNEL, channel) or {}).get("legal_entity")
    return entity(name) if name else None


def entity(name: str) -> dict[str, Any] | None:
    """Return a legal entity, None if there is none of this id."""
    found = find(LEGAL_ENTITY, name)
    return None if found is None else {"id": name, **found}


def channels(name: str) -> list[str]:
    """Return the channels that sell for a legal entity now."""
    found = entries(CHANNEL, names(CHANNEL))
    return sorted(channel for channel, doc in found.items() if doc.get("legal_entity") == name)


def number_prefixes() -> list[str]:
    """Return the prefixes that the numbers of legal entities begin with."""
    found = entries(LEGAL_ENTITY, names(LEGAL_ENTITY)).values()
    return sorted(prefix for doc in found if (prefix := doc.get("number_prefix")))


def of_invoice(channel: str, kept: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the seller of an invoice with its data of today. `kept` is its entry in the copy of the invoice, if it has one.

    An entry that is of another company by now is not its seller's: then it is the seller as it was.
    """
    if kept is None:
        return seller(channel) or {}
    found = entity(kept["id"]) if "id" in kept else seller(channel)
    return found if found is not None and _company(found) == _company(kept) else kept


def _company(entry: Mapping[str, Any]) -> str:
    return registrations.plain(entry.get("tax_id") or "")
