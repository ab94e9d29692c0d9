"""
Decide which entries of the directory a caller sees, and how much of them.

Called by   functions/directory/handler.py, functions/directory/listing.py
Returns     True or False, and documents without what belongs to another channel
Raises      nothing
"""

from typing import Any

from comanda.aws.api.callers import Caller
from comanda.aws.api.routes import PARTNER


def is_visible(who: Caller, path: str, name: str) -> bool:
    """Return True if the caller may see the entry. Channels and partners see their own entry only; other kinds are open."""
    match path:
        case "channels":
            return who.sees_channel(name)
        case "partners":
            return who.office or (PARTNER in who.kinds and who.partner == name)
    return True


def shown(who: Caller, path: str, doc: dict[str, Any]) -> dict[str, Any]:
    """Return the document as the caller sees it: a product has the prices of the caller's own channels only."""
    if path != "products" or who.office or "prices" not in doc:
        return doc
    own = {channel: price for channel, price in doc["prices"].items() if who.sees_channel(channel)}
    return {name: value for name, value in {**doc, "prices": own}.items() if name != "prices" or own}
