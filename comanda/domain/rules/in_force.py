"""
Keep the spans of time in which each version of a rule set is in force. No two spans overlap.

A span that has begun is history: it can only end earlier than planned. A span that has not begun may be replaced or
withdrawn.

Called by   functions/planning; comanda.aws.directory stores the spans
Returns     spans, and the state of a version
Raises      nothing
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

DRAFT = "draft"  # not in force, and without a span
SCHEDULED = "scheduled"
ACTIVE = "active"
ENDED = "ended"
SHADOW = "shadow"  # evaluated beside the version in force, without effect
KEPT = timedelta(days=90)  # how long a span is kept after its end
MOST_ENDED = 100  # spans
MOST_TO_COME = 20  # spans
MOST_SHADOWS = 3  # of an order: each takes as much time as the live route


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A version is in force from `starts` until `ends`, which is not included; None means without an end.

    `by` is the id of the planner who activated it.
    """

    version: int
    starts: datetime
    ends: datetime | None = None
    by: str = ""

    def includes(self, now: datetime) -> bool:
        """Return True if this time lies in the span."""
        return self.starts <= now and (self.ends is None or now < self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """A version that is evaluated without effect, until a time."""

    version: int
    until: datetime


def with_span(spans: Iterable[Span], new: Span) -> tuple[Span, ...]:
    """Return the spans with a new one. A later start ends an earlier span; a new span replaces one with the same start."""
    others = [span for span in spans if span.starts != new.starts]
    before = [_end_by(span, new.starts) for span in others if span.starts < new.starts]
    after = [span for span in others if span.starts > new.starts]
    following = min((span.starts for span in after), default=None)
    return tuple(sorted([*before, _end_by(new, following), *after], key=lambda span: span.starts))


def without_old_spans(spans: Iterable[Span], now: datetime) -> tuple[Span, ...]:
    """Drop spans that ended more than KEPT ago, and keep at most MOST_ENDED ended spans, so that a rule set fits one DynamoDB
    item. The versions stay, and read as drafts."""
    recent = [span for span in spans if span.ends is None or now < span.ends + KEPT]
    ended = sum(span.ends is not None and span.ends <= now for span in recent)
    return tuple(recent[max(0, ended - MOST_ENDED) :])  # spans are in order of their starts: ended ones come first


def ended_at(spans: Iterable[Span], at: datetime) -> tuple[Span, ...]:
    """End the spans at a time: a span in force ends then, and a span that would begin later is withdrawn."""
    return tuple(_end_by(span, at) for span in spans if span.starts < at)


def span_in_force(spans: Iterable[Span], now: datetime) -> Span | None:
    """Return the span in force at this time. None when there is none."""
    return next((span for span in spans if span.includes(now)), None)


def current_and_future(spans: Iterable[Span], now: datetime) -> tuple[Span, ...]:
    """Return the spans that are in force, or will be."""
    return tuple(span for span in spans if span.ends is None or now < span.ends)


def state(version: int | None, spans: Iterable[Span], shadow: Shadow | None, now: datetime) -> str:
    """Return the state of a version. `version` None: the state of the set, of all its versions together."""
    of_version = [span for span in spans if version in (None, span.version)]
    if span_in_force(of_version, now):
        return ACTIVE
    if shadow and version in (None, shadow.version) and now < shadow.until:
        return SHADOW
    if current_and_future(of_version, now):
        return SCHEDULED
    return ENDED if of_version else DRAFT


def _end_by(span: Span, end: datetime | None) -> Span:
    if end is None or (span.ends is not None and span.ends <= end):
        return span
    return replace(span, ends=end)
