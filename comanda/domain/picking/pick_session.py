"""
Count the scans of the people who pick a fulfillment, and say who picks which of its lines.

Whoever scans first picks the whole work. Another person joins by taking a line. A claim ends some minutes after the last scan of
its picker, so nobody has to end it. The order knows nothing of a session: its units move once, when the work is picked.

Called by   functions/fulfill; comanda.aws.orders.pick_sessions, which stores sessions
Returns     sessions
Raises      Claimed while another person picks the line; NotAllowed
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from comanda.domain.errors import Claimed, NotAllowed

LEASE = timedelta(minutes=10)  # of a claim, after the last scan of its picker
MAY_UNDO = timedelta(minutes=10)  # after a scan
MOST_STEPS = 20  # scans that can be undone

_ALL = ""  # in the place of a line: whoever picks all that nobody else has taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The person who picks, and until when nobody else may without taking it."""

    by: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A scan that can be undone: so many units of a line, by a person."""

    line_id: str
    quantity: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PickSession:
    """
    The scans of a fulfillment that is being picked.

    units    scanned units by line
    steps    the last scans, the oldest first
    claims   by line; "" for all other lines
    """

    units: Mapping[str, int] = field(default_factory=dict)
    steps: tuple[Scanned, ...] = ()
    claims: Mapping[str, Claim] = field(default_factory=dict)

    def picker_of(self, line_id: str, now: datetime) -> Claim | None:
        """Return the claim of a line that lives, None if nobody picks it."""
        claim = self.claims.get(line_id) or self.claims.get(_ALL)
        return claim if claim is not None and claim.until > now else None


def scan(
    session: PickSession,
    line_id: str,
    quantity: int,
    left: int,
    by: str,
    now: datetime,
    *,
    takes: bool = False,
    names: bool = True,
) -> PickSession:
    """Count units of a line, of which `left` are not scanned yet. `takes`: the person takes the line from whoever picks it.
    With `names`, a refusal says who that is.

    Raises Claimed, and NotAllowed for more units than are left.
    """
    claim = session.picker_of(line_id, now)
    if claim is not None and claim.by != by and not takes:
        raise Claimed(claim.until, claim.by if names else None, f"line {line_id}")
    if quantity > left:
        raise NotAllowed(f"line {line_id}: {left} units are left to scan", pointer="/quantity", line=line_id)
    step = Scanned(line_id=line_id, quantity=quantity, by=by, at=now)
    return PickSession(
        units={**session.units, line_id: session.units.get(line_id, 0) + quantity},
        steps=(*session.steps, step)[-MOST_STEPS:],
        claims=_renewed(session, line_id, by, now),
    )


def _renewed(session: PickSession, line_id: str, by: str, now: datetime) -> dict[str, Claim]:
    """Return the claims that live, those of this person with more time, and theirs of the line."""
    mine = Claim(by=by, until=now + LEASE)
    living = {line: mine if claim.by == by else claim for line, claim in session.claims.items() if claim.until > now}
    if _ALL not in living:
        living[_ALL] = mine
    held = living.get(line_id) or living[_ALL]
    return living if held.by == by else {**living, line_id: mine}


def undo(session: PickSession, by: str, now: datetime) -> tuple[PickSession, Scanned]:
    """Take back the last scan of a person. Raises NotAllowed when there is none, or too long ago."""
    last = next((step for step in reversed(session.steps) if step.by == by), None)
    if last is None or now - last.at > MAY_UNDO:
        minutes = int(MAY_UNDO.total_seconds() // 60)
        raise NotAllowed(f"you have scanned nothing in the last {minutes} minutes that could be undone")
    at = max(i for i, step in enumerate(session.steps) if step is last)
    units = {**session.units, last.line_id: session.units[last.line_id] - last.quantity}
    after = replace(
        session,
        units={line: count for line, count in units.items() if count},
        steps=session.steps[:at] + session.steps[at + 1 :],
    )
    return after, last


def left(session: PickSession, line_id: str, to_pick: int) -> int:
    """Return how many of the units of a line that are to be picked are not scanned. Some may have been cancelled since."""
    return max(0, to_pick - session.units.get(line_id, 0))


def after_change(
    session: PickSession, picking: Mapping[str, int], advanced: Mapping[str, int]
) -> tuple[PickSession, dict[str, int]]:
    """Return the session after units of its work left their status, and the scanned units that are not to be picked any more.

    `picking` are the units (line id: units) that are still to be picked, `advanced` those that were picked or have left. Scanned
    units are picked before others, and they cannot be undone then.
    """
    units: dict[str, int] = {}
    over: dict[str, int] = {}
    for line_id, count in session.units.items():
        in_hand = max(0, count - advanced.get(line_id, 0))
        if stays := min(in_hand, picking.get(line_id, 0)):
            units[line_id] = stays
        if in_hand > stays:
            over[line_id] = in_hand - stays
    return replace(session, units=units, steps=_standing(session.steps, units)), over


def _standing(steps: tuple[Scanned, ...], units: Mapping[str, int]) -> tuple[Scanned, ...]:
    """Return the last steps whose units are still among these."""
    left, found = dict(units), list[Scanned]()
    for step in reversed(steps):
        left[step.line_id] = left.get(step.line_id, 0) - step.quantity
        if left[step.line_id] >= 0:
            found.append(step)
    return tuple(reversed(found))
