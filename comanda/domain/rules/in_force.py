"""
When which version of a rule set holds: spans of time, of which no two overlap.

What has begun is history: it can only end earlier than it was meant to. What has not begun may still be replaced or
withdrawn.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

DRAFT = "draft"  # never in force, and not meant to be
SCHEDULED = "scheduled"
ACTIVE = "active"
ENDED = "ended"
SHADOW = "shadow"  # evaluated beside what is in force, without effect
KEPT = timedelta(days=90)  # after its end a span is not told any more
MOST_ENDED = 100  # that are told
MOST_TO_COME = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A version holds from `starts` until `ends`, which is not included; None is for good. `by`: who said so."""

    version: int
    starts: datetime
    ends: datetime | None = None
    by: str = ""

    def holds(self, now: datetime) -> bool:
        return self.starts <= now and (self.ends is None or now < self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """A version is evaluated without effect, until then."""

    version: int
    until: datetime


def with_span(spans: Iterable[Span], new: Span) -> tuple[Span, ...]:
    """With one more: the later start ends the earlier, and of two that start at once the new one replaces the other."""
    others = [span for span in spans if span.starts != new.starts]
    before = [_until(span, new.starts) for span in others if span.starts < new.starts]
    after = [span for span in others if span.starts > new.starts]
    following = min((span.starts for span in after), default=None)
    return tuple(sorted([*before, _until(new, following), *after], key=lambda span: span.starts))


def without_old_spans(spans: Iterable[Span], now: datetime) -> tuple[Span, ...]:
    """Without those that ended long ago, and but the last of many: a set is one item. Their versions stay, and read as drafts."""
    recent = [span for span in spans if span.ends is None or now < span.ends + KEPT]
    ended = sum(span.ends is not None and span.ends <= now for span in recent)
    return tuple(recent[max(0, ended - MOST_ENDED) :])  # by their starts: what has ended comes first


def ended_at(spans: Iterable[Span], at: datetime) -> tuple[Span, ...]:
    """Without any from `at` on: what holds then ends, what would begin later is withdrawn."""
    return tuple(_until(span, at) for span in spans if span.starts < at)


def span_in_force(spans: Iterable[Span], now: datetime) -> Span | None:
    return next((span for span in spans if span.holds(now)), None)


def current_and_future(spans: Iterable[Span], now: datetime) -> tuple[Span, ...]:
    """Those that hold or will."""
    return tuple(span for span in spans if span.ends is None or now < span.ends)


def state(version: int | None, spans: Iterable[Span], shadow: Shadow | None, now: datetime) -> str:
    """Of one version, or of all of a set together."""
    mine = [span for span in spans if version in (None, span.version)]
    if span_in_force(mine, now):
        return ACTIVE
    if shadow and version in (None, shadow.version) and now < shadow.until:
        return SHADOW
    if current_and_future(mine, now):
        return SCHEDULED
    return ENDED if mine else DRAFT


def _until(span: Span, end: datetime | None) -> Span:
    if end is None or (span.ends is not None and span.ends <= end):
        return span
    return replace(span, ends=end)
