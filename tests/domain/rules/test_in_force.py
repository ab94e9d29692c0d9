"""Two versions of a rule set are never in force at once, and a span that has begun can only end earlier."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.rules.in_force import Shadow, Span, current_and_future, ended_at, span_in_force, state, with_span

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)


def day(n: int) -> datetime:
    return NOW + timedelta(days=n)


# What planners say, one after the other: days that pass, then an activation (start, length, version) or a retirement.
SAID = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.one_of(
            st.tuples(st.just("activate"), st.integers(0, 9), st.one_of(st.none(), st.integers(1, 9))),
            st.tuples(st.just("retire"), st.integers(0, 9), st.none()),
        ),
    ),
    max_size=12,
)


@given(SAID)
def test_two_versions_are_never_in_force_at_once_and_history_stays(
    said: list[tuple[int, tuple[str, int, int | None]]],
) -> None:
    spans: tuple[Span, ...] = ()
    now = 0
    for version, (passed, (verb, after, length)) in enumerate(said, 1):
        now += passed
        before = spans
        starts = day(now + after)
        if verb == "activate":
            ends = None if length is None else day(now + after + length)
            spans = with_span(spans, Span(version=version, starts=starts, ends=ends))
        else:
            spans = ended_at(spans, starts)

        for first, second in pairwise(spans):
            assert first.ends is not None
            assert first.starts < first.ends <= second.starts
        for n in range(now):
            assert _version(before, n) == _version(spans, n)
        if verb == "activate":
            assert _version(spans, now + after) == version
        else:
            assert all(_version(spans, now + after + more) is None for more in range(25))


def _version(spans: tuple[Span, ...], n: int) -> int | None:
    found = span_in_force(spans, day(n))
    return found.version if found else None


def test_the_state_of_a_version_follows_from_its_spans() -> None:
    spans = (Span(version=1, starts=day(-9), ends=day(-5)), Span(version=2, starts=day(-5), ends=day(5)))
    shadow = Shadow(version=3, until=day(2))
    later = (*spans, Span(version=4, starts=day(5)))

    assert [state(n, later, shadow, NOW) for n in range(1, 6)] == ["ended", "active", "shadow", "scheduled", "draft"]
    assert [state(None, of, shadow, day(n)) for of, n in ((later, 0), (spans, 9), (later, 9))] == [
        "active",
        "ended",
        "active",
    ]
    assert state(None, (), shadow, NOW) == "shadow"
    assert state(None, (), shadow, day(2)) == "draft"
    assert [span.version for span in current_and_future(later, NOW)] == [2, 4]
