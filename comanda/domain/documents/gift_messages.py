"""
Choose the messages of the gifts that stand on a packing slip. Pure.

Called by   comanda.domain.documents.packing_slip (the PDF), functions/console/node_rules.py (the page)
Returns     plain JSON
"""

from collections.abc import Mapping
from typing import Any


def gift_messages(contact: Mapping[str, Any], titles: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the messages of the gifts among lines: what each is about, its text, and who it is from, "" if unsaid.

    `titles` has the titles of the lines that are in the parcel, by line id.
    """
    return [
        {"of": titles[gift["line_id"]], "message": gift["message"], "from": gift.get("from") or ""}
        for gift in contact.get("gifts") or ()
        if gift["line_id"] in titles
    ]
