"""
Read where and how an order is to go from now on. Pure.

Called by   functions/console/change_form.py, functions/console/pages/change.py
Returns     the changes
"""

from collections.abc import Iterator, Mapping
from typing import Any

from functions.console.typed_fields import Change, TypedFields

PARTS = ("name", "line1", "line2", "city", "region", "postal_code", "country")  # of an address
_ADDRESS = tuple(f"to_{part}" for part in PARTS)
FIELDS = ("to_lines", *_ADDRESS, *(f"was_{name}" for name in _ADDRESS))


def ship_to(form: TypedFields) -> Iterator[Change]:
    """Yield another address, of the order or of one line. A chosen line alone is sent to the address that is shown."""
    line_id = form.text("to_lines")
    if not line_id and not any(form.differs(name) for name in _ADDRESS):
        return
    typed = {part: form.text(f"to_{part}") for part in PARTS}
    address = {part: value for part, value in typed.items() if value or part in ("name", "line1", "city", "country")}
    yield Change(
        body={"modification": "ship_to", "ship_to": address, **({"line_id": line_id} if line_id else {})},
        fields={"ship_to": "to_line1", "line_id": "to_lines", **{f"ship_to/{part}": f"to_{part}" for part in PARTS}},
        of=form.names.get(line_id, line_id),
        after=", ".join(value for value in typed.values() if value),
    )


def address_of(contact: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the order's own address, part by part."""
    known = (contact or {}).get("ship_to") or {}
    return {part: known.get(part) or "" for part in PARTS}
