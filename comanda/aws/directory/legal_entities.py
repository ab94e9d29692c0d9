"""
Read which legal entity is the seller on the invoices of a channel.

Called by   functions/invoice, functions/documents
Returns     the entry of the entity, at most a minute old
"""

from typing import Any

from comanda.aws.directory.directory import CHANNEL, LEGAL_ENTITY, find


def seller(channel: str) -> dict[str, Any] | None:
    """Return the legal entity of a channel, None if the channel names none."""
    name = (find(CHANNEL, channel) or {}).get("legal_entity")
    return find(LEGAL_ENTITY, name) if name else None
