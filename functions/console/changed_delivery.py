"""
Read where and how an order is to go from now on. Pure.

Called by   functions/console/change_form.py, functions/console/pages/change.py
Returns     the changes
"""

from collections.abc import Iterator, Mapping
from typing import Any

from functions.console.typed_fields import CHOOSE, TypedChange, TypedFields

PARTS = ("name", "line1", "line2", "city", "region", "postal_code", "country")  # of an address
_ADDRESS = tuple(f"to_{part}" for part in PARTS)
_FIELDS_OF_ADDRESS = {f"ship_to/{part}": f"to_{part}" for part in PARTS}
_DAYS = {"deliver_by": "want_by", "not_before": "want_not_before"}  # of the API, and of the form
_OF_ADDRESS = ("to_lines", *_ADDRESS, *(f"was_{name}" for name in _ADDRESS))
FIELDS = (
    *_OF_ADDRESS,
    *(name for day in _DAYS.values() for name in (day, f"was_{day}")),
    "service_lines",
    "service",
    "way_line",
    "way",
    "from_line",
    "from_node",
)
SHIP, PICKUP = "SHIP", "PICKUP"


def ship_to(form: TypedFields) -> Iterator[TypedChange]:
    """Yield another address, of the order or of one line. A chosen line alone is sent to the address that is shown."""
    line_id = form.text("to_lines")
    if _is_of_way(form) or not (line_id or any(form.differs(name) for name in _ADDRESS)):
        return
    address = _typed_address(form)
    yield TypedChange(
        body={"modification": "ship_to", "ship_to": address, **({"line_id": line_id} if line_id else {})},
        fields={"ship_to": "to_line1", "line_id": "to_lines", **_FIELDS_OF_ADDRESS},
        of=form.names.get(line_id, line_id),
        after=", ".join(value for value in address.values() if value),
    )


def _typed_address(form: TypedFields) -> dict[str, str]:
    typed = {part: form.text(f"to_{part}") for part in PARTS}
    return {part: value for part, value in typed.items() if value or part in ("name", "line1", "city", "country")}


def _is_of_way(form: TypedFields) -> bool:
    """Return True if the typed address is that of a line which is sent instead of collected: its order has none."""
    return form.text("way") == SHIP and not form.text("was_to_line1") and bool(form.text("to_line1"))


def requested(form: TypedFields) -> Iterator[TypedChange]:
    """Yield the days for which the customer wants the order. Without both it is any day."""
    if not any(form.differs(field) for field in _DAYS.values()):
        return
    wanted = {name: form.text(field) for name, field in _DAYS.items() if form.text(field)}
    yield TypedChange(
        body={"modification": "requested", "requested": wanted},
        fields={"requested": "want_by", **{f"requested/{name}": field for name, field in _DAYS.items()}},
        kind="days",
        before=[form.order["requested"][name] for name in reversed(_DAYS)],
        after=[form.text(field) for field in reversed(_DAYS.values())],
    )


def service(form: TypedFields) -> Iterator[TypedChange]:
    """Yield another service, of all shipped lines or of one."""
    wanted, line_id = form.text("service"), form.text("service_lines")
    if wanted:
        yield TypedChange(
            body={"modification": "service", "service": wanted, **({"line_id": line_id} if line_id else {})},
            fields={"service": "service", "line_id": "service_lines"},
            of=form.names.get(line_id, line_id),
            kind="ServiceLevel",
            after=wanted,
        )


def way(form: TypedFields) -> Iterator[TypedChange]:
    """Yield another way for a line: sent, collected, or collected elsewhere. A way that is no method names the counter's node."""
    line_id, wanted = form.text("way_line"), form.text("way")
    if not line_id and not wanted:
        return
    if not (line_id and wanted):
        form.wrong["way" if line_id else "way_line"] = CHOOSE
        return
    collected = _method_of(form, line_id) == PICKUP
    body: dict[str, Any] = {"line_id": line_id}
    if wanted == SHIP:
        body |= {"modification": "method", "method": SHIP}
        body |= {"ship_to": _typed_address(form)} if _is_of_way(form) else {}
    elif collected:
        body |= {"modification": "store", "node_id": wanted}
    else:
        body |= {"modification": "method", "method": PICKUP, "node_id": wanted}
    yield TypedChange(
        body=body,
        fields={"node_id": "way", "line_id": "way_line", "method": "way", "ship_to": "to_line1", **_FIELDS_OF_ADDRESS},
        of=form.names.get(line_id, line_id),
        kind="way",
        after=wanted,
    )


def node(form: TypedFields) -> Iterator[TypedChange]:
    """Yield the node that sends a line, as the office chooses it."""
    line_id, wanted = form.text("from_line"), form.text("from_node")
    if not line_id and not wanted:
        return
    if not (line_id and wanted):
        form.wrong["from_node" if line_id else "from_line"] = CHOOSE
        return
    yield TypedChange(
        body={"modification": "node", "line_id": line_id, "node_id": wanted},
        fields={"node_id": "from_node", "line_id": "from_line"},
        of=form.names.get(line_id, line_id),
        kind="node",
        after=wanted,
    )


def _method_of(form: TypedFields, line_id: str) -> str:
    methods = {line["line_id"]: line["fulfillment"]["method"] for line in form.order["lines"]}
    return str(methods.get(line_id, ""))


def address_of(contact: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the order's own address, part by part."""
    known = (contact or {}).get("ship_to") or {}
    return {part: known.get(part) or "" for part in PARTS}
