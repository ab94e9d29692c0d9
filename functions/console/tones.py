"""
Give each status the tone of its pill: a colour and a shape, so that neither says it alone. Pure.

Called by   functions/console/render.py, as the filter `tone`
Returns     one of TONES

    idle   not begun, no action expected     wait   waits for a thing outside
    busy   a person or node works on it      warn   needs a look, or is late
    good   done as it should be              bad    failed, or ended against the plan
"""

TONES = ("idle", "wait", "busy", "warn", "good", "bad")

_BY_STATUS = {
    "idle": ("DRAFT", "CREATED", "UNSCHEDULED", "RETIRED", "EXPIRED"),
    "wait": ("BACKORDERED", "SCHEDULED", "RELEASED", "HELD", "AWAITING_CONFIRMATION", "WAITING", "PENDING"),
    "busy": ("ACCEPTED", "PICKING", "PICKED", "PACKED", "READY_FOR_PICKUP", "IN_TRANSIT", "OUT_FOR_DELIVERY", "SENT"),
    "good": ("SHIPPED", "DELIVERED", "PICKED_UP", "PROVIDED", "COMPLETED", "CONFIRMED", "PAID", "DONE", "ACTIVE"),
    "warn": ("LATE", "SHORT", "DECLINED", "PARTLY", "RETURN_TO_SENDER"),
    "bad": ("LOST", "CANCELLED", "REJECTED", "FAILED", "FAILURE"),
}
_TONES = {status: tone for tone, statuses in _BY_STATUS.items() for status in statuses}


def tone(status: str) -> str:
    """Return the tone of a status; one that is not listed is idle."""
    return _TONES.get(status.upper(), "idle")
