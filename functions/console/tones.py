"""
Give each status the tone of its pill: a colour and a shape, so that neither says it alone. Pure.

Called by   functions/console/render.py, as the filter `tone`
Returns     a key of BY_TONE

    idle   not begun, or over as planned     wait   waits for a thing outside
    busy   a person or a node works on it    warn   needs a look, or is late
    good   done as it should be              bad    failed, or ended against the plan
"""

# Statuses of units, orders, work, supplies, rows, reservations, rule sets, payments and alerts (comanda/domain/labels).
BY_TONE = {
    "idle": ("DRAFT", "CREATED", "REQUESTED", "CLOSED", "EXPIRED", "DUPLICATE", "ENDED", "LABEL_CREATED"),
    "wait": ("BACKORDERED", "SCHEDULED", "RELEASED", "OFFERED", "PENDING", "HELD", "APPROVED", "AUTHORIZED", "SHADOW", "AVAILABLE_FOR_PICKUP", "WAITING"),
    "busy": ("ACCEPTED", "PICKING", "PICKED", "PACKED", "READY_FOR_PICKUP", "CONFIRMED", "PARTLY_RECEIVED", "IN_TRANSIT", "OUT_FOR_DELIVERY", "CHECKING", "AUTHORIZING"),
    "good": (
        "SHIPPED", "DELIVERED", "PICKED_UP", "PROVIDED", "COMPLETED", "RECEIVED", "APPLIED", "COMMITTED", "ACTIVE",
        "CAPTURED", "MATCHED",
    ),
    "warn": (
        "UNSCHEDULED", "SHORTED", "DECLINED", "CONFLICT", "LOW", "OVER_RESERVED", "STALE_SNAPSHOT", "LATE_SUPPLY",
        "VARIANCE", "REFUNDED", "ATTEMPTED", "RETURNED", "HANDED_BACK", "FAILED",
    ),
    "bad": (
        "LOST", "CANCELLED", "RECALLED", "NO_SHOW", "REFUSED", "REJECTED", "OUT", "EXCEPTION", "DIFFERS", "NOT_AUTHORIZED",
        "MISSING", "EXTRA", "AMOUNT_DIFFERS", "CURRENCY_DIFFERS", "DISPUTED",
    ),
}  # fmt: skip
_TONES = {status: tone for tone, statuses in BY_TONE.items() for status in statuses}
_PARTLY = "PARTIALLY_"


def tone(status: str) -> str:
    """Return the tone of a status. One that is not listed is idle, and work that is partly done is busy."""
    name = status.upper()
    found = _TONES.get(name.removeprefix(_PARTLY), "idle")
    return "busy" if name.startswith(_PARTLY) and found == "good" else found
