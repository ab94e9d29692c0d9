"""
Describe holds, and what a trial of a hold type's rule answers.

Called by   openapi/operations.py; openapi/answers/orders.py
Returns     pydantic models
"""

from typing import Literal

from openapi.answers.base import Answer, Blocked, QueueName, Time


class Contribution(Answer):
    """The points that a rule of a score gave an order."""

    rule: str
    points: int


class Hold(Answer):
    """A hold: the reason why the steps in `blocks` may not happen, to `line_ids` or, where there are none, to the whole
    order. A resolved hold stays, with the caller that resolved it and the time."""

    hold_id: str
    type: str
    queue: QueueName | None
    blocks: list[Blocked]
    reason: str
    line_ids: list[str]
    by: str
    at: Time
    expires: Time | None
    on_expiry: Literal["RESOLVE", "CANCEL", "ASK"] | None
    expired_at: Time | None
    score: int | None
    contributions: list[Contribution]
    active: bool
    resolved_at: Time | None
    resolved_by: str | None
    resolution: str | None


class WouldHold(Answer):
    """An order that a rule would hold: its lines, or the whole order where `line_ids` is empty."""

    order_id: str
    line_ids: list[str]
    score: int | None
    contributions: list[Contribution]


class HoldTrialResult(Answer):
    """A dry run of a hold type's rule. `held_now` counts the tried orders that have a hold of the type."""

    type: str
    tried: int
    without_time: int
    held_now: int
    would_hold: list[WouldHold]
