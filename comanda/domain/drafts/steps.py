"""
Decide what happens to a draft: it is created, changed, claimed, released, given up, or expires.

Each step is decided whole and makes one event with the draft's next version. A claim keeps all other callers from changing
the draft. It is a lease of fifteen minutes that each change of its owner renews, and that ends by itself.

Called by   functions/drafts, functions/intake, comanda.domain.drafts.quotes, comanda.aws.drafts.draft_erasure
Returns     the draft after the step, with its event
Raises      Invalid with a problem for each wrong field; DraftEnded; Claimed; NotAllowed
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from comanda.domain.drafts import checks
from comanda.domain.drafts.draft import LIVE, Draft, DraftStatus
from comanda.domain.drafts.totals import totals
from comanda.domain.errors import Invalid, NotAllowed
from comanda.domain.orders.claims import Claim, require_free

LEASE = timedelta(minutes=15)
KEPT_DAYS = 30  # of a draft that nobody touches


class Step(StrEnum):
    """The steps of a draft. The values are stored and published, so they never change."""

    CREATED = "created"
    CHANGED = "changed"
    CLAIMED = "claimed"
    RELEASED = "released"
    QUOTED = "quoted"
    CONFIRMED = "confirmed"
    ABANDONED = "abandoned"
    EXPIRED = "expired"
    ERASED = "erased"  # its customer


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEvent:
    """A step of a draft. `data` holds ids, counts and names of fields, and no personal data."""

    step: Step
    actor: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDecision:
    """A draft as a step leaves it, and the event of the step."""

    draft: Draft
    event: DraftEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The caller of a step. `office` learns who has claimed a draft; a shop only learns until when."""

    id: str
    office: bool


class DraftEnded(NotAllowed):
    """Refuse a step of a draft that was confirmed or given up, or whose time is over."""

    code = "draft-ended"


def expiry_of_cart(now: datetime) -> datetime:
    """Return when a draft ends that nobody touches any more: at the end of the day, UTC, thirty days from now.

    The end moves once a day at most, so that most changes need not write anew what ends with the draft.
    """
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=KEPT_DAYS + 1)


def require_live(draft: Draft, now: datetime) -> None:
    """Raise DraftEnded for a draft that has ended."""
    status = draft.status_at(now)
    if status not in LIVE:
        raise DraftEnded(f"the draft is {status}: nothing of it can change any more")


def require_mine(draft: Draft, actor: Actor, now: datetime) -> None:
    """Raise DraftEnded for a draft that has ended, and Claimed while another caller's claim of it lives."""
    require_live(draft, now)
    require_free(draft.claim, actor.id, now, names=actor.office)


def create(draft: Draft, actor: Actor) -> DraftDecision:
    """Create a draft. Its version, its end and its totals are computed here."""
    now = draft.created_at
    made = _checked(replace(draft, version=0, status=DraftStatus.OPEN, expires_at=expiry_of_cart(now)))
    return _decided(made, Step.CREATED, actor.id, now, {"fields": _filled(made)}, change=True)


def change(before: Draft, after: Draft, actor: Actor, now: datetime, *, contact: tuple[str, ...] = ()) -> DraftDecision:
    """Change a draft. `after` has the new values; `contact` names the changed fields of its contact.

    A changed quote is open again, and its customer may not rely on it any more. A request that changes nothing leaves a quote
    as it is.
    """
    require_mine(before, actor, now)
    changed = tuple(name for name in _CONTENT if getattr(after, name) != getattr(before, name))
    if before.status is DraftStatus.QUOTED and not changed and not contact:
        kept = replace(before, claim=_renewed(before, now))
        return _decided(kept, Step.CHANGED, actor.id, now, {"fields": []})
    made = _checked(
        replace(after, status=DraftStatus.OPEN, expires_at=expiry_of_cart(now), claim=_renewed(before, now))
    )
    named = sorted({_SAID.get(name, name) for name in changed} | set(contact))
    return _decided(made, Step.CHANGED, actor.id, now, {"fields": named}, change=True)


def claim(draft: Draft, actor: Actor, now: datetime) -> DraftDecision:
    """Claim a draft for a whole lease from now. The owner of a claim renews it so."""
    require_mine(draft, actor, now)
    ends = draft.expires_at if draft.status is DraftStatus.QUOTED else expiry_of_cart(now)
    made = replace(draft, claim=Claim(by=actor.id, until=now + LEASE), expires_at=ends)
    return _decided(made, Step.CLAIMED, actor.id, now)


def release(draft: Draft, actor: Actor, now: datetime) -> DraftDecision:
    """Give a claim back before it ends."""
    require_mine(draft, actor, now)
    if draft.claim_at(now) is None:
        raise NotAllowed("you have no claim of this draft: it was never claimed, or the claim has ended")
    return _decided(replace(draft, claim=None), Step.RELEASED, actor.id, now)


def abandon(draft: Draft, actor: Actor, now: datetime) -> DraftDecision:
    """Give a draft up. Its contact ends with it."""
    require_mine(draft, actor, now)
    return _decided(replace(ended(draft, DraftStatus.ABANDONED), contact=0), Step.ABANDONED, actor.id, now)


def expire(draft: Draft, now: datetime, actor: str = "clock") -> DraftDecision | None:
    """Note the end of a draft whose time is over, and of its contact. None: it lives, or has ended otherwise."""
    if draft.status not in LIVE or draft.is_live(now):
        return None
    return _decided(replace(ended(draft, DraftStatus.EXPIRED), contact=0), Step.EXPIRED, actor, now)


def erase_customer(draft: Draft, actor: str, now: datetime) -> DraftDecision:
    """Take the customer from a draft, whoever has claimed it. A draft that lives is given up."""
    status = draft.status_at(now)
    made = ended(draft, DraftStatus.ABANDONED if status in LIVE else status)
    made = replace(made, customer_id=None, contact=0, cart=False, erased=True)
    return _decided(made, Step.ERASED, actor, now)


def ended(draft: Draft, status: DraftStatus) -> Draft:
    """Return a draft that has ended. Nobody works on it any more."""
    return replace(draft, status=status, claim=None)


def _renewed(draft: Draft, now: datetime) -> Claim | None:
    """Return the claim of the caller who changes the draft, renewed. Nobody else's lives."""
    found = draft.claim_at(now)
    return replace(found, until=now + LEASE) if found else None


def _checked(draft: Draft) -> Draft:
    """Return the draft with its totals. Raises Invalid."""
    if wrong := list(checks.problems(draft)):
        raise Invalid(*wrong)
    added_up = replace(draft, totals=totals(draft))
    if too_large := list(checks.amount_problems(added_up)):
        raise Invalid(*too_large)
    return added_up


def _decided(
    draft: Draft, step: Step, actor: str, now: datetime, data: Mapping[str, Any] | None = None, *, change: bool = False
) -> DraftDecision:
    version = draft.version + 1
    made = replace(draft, version=version)
    if change:
        made = replace(made, change_version=version, updated_at=now)
    return DraftDecision(draft=made, event=DraftEvent(step=step, actor=actor, at=now, data=data or {}))


# The fields that a caller can change.
_CONTENT = (
    *("cart", "customer_id", "destination", "delivery", "lines", "charges", "discounts", "tags"),
    *("promise_id", "option_id", "reservation_id", "prices_until"),
)
_SAID = {"delivery": "fulfillment", "customer_id": "customer", "destination": "ship_to", "cart": "open_cart"}


def _filled(draft: Draft) -> list[str]:
    """Return the names of the fields that a new draft has."""
    plain = {one.name: one.default for one in fields(Draft)}
    return sorted(_SAID.get(name, name) for name in _CONTENT if getattr(draft, name) != plain[name])
