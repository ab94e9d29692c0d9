"""The scans of a parcel say the same together, in whatever order they come."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.aws.api.contracts import TrackingStatus as StatusOfTheDoors
from comanda.domain.shipping import tracking
from comanda.domain.shipping.tracking import Standing, TrackingEvent, TrackingStatus
from tests.builders import NOW

T = TrackingStatus


def scan(status: TrackingStatus | None, hours: int = 0, code: str = "") -> TrackingEvent:
    return TrackingEvent(occurred_at=NOW + timedelta(hours=hours), code=code or str(status), status=status)


def standing(*events: TrackingEvent) -> Standing:
    found = Standing()
    for event in events:
        found = found.with_event(event)
    return found


SCANS = st.builds(
    scan, st.sampled_from([None, *T]), st.integers(min_value=0, max_value=6), st.sampled_from(["A", "B", "C"])
)


@given(st.lists(SCANS, max_size=12, unique=True), st.randoms())
def test_the_order_of_arrival_changes_nothing(events, random):
    shuffled = list(events)
    random.shuffle(shuffled)

    assert standing(*shuffled) == standing(*events)


def test_the_latest_scan_is_the_one_that_happened_last():
    assert standing(scan(T.DELIVERED, 5), scan(T.IN_TRANSIT, 1)).latest.status is T.DELIVERED
    assert standing(scan(T.OUT_FOR_DELIVERY, 1), scan(T.DELIVERED, 1)).latest.status is T.DELIVERED  # within a minute
    assert standing(scan(T.IN_TRANSIT, 1), scan(None, 2, "X9")).latest.status is T.IN_TRANSIT  # says nothing
    assert standing(scan(T.IN_TRANSIT, 1), scan(None, 2, "X9")).scanned_at == NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    ("scans", "problem"),
    [
        ((scan(T.EXCEPTION, 1),), T.EXCEPTION),
        ((scan(T.EXCEPTION, 1), scan(T.RETURNED, 2)), T.RETURNED),
        ((scan(T.EXCEPTION, 1), scan(T.IN_TRANSIT, 2)), T.EXCEPTION),  # a person has to look all the same
        ((scan(T.EXCEPTION, 1), scan(T.DELIVERED, 2)), None),
        ((scan(T.DELIVERED, 1), scan(T.RETURNED, 2)), T.RETURNED),
        ((scan(T.ATTEMPTED, 1),), None),
    ],
)
def test_a_problem_asks_a_person_until_the_parcel_is_delivered(scans, problem):
    for some in permutations(scans):
        found = standing(*some).open_problem
        assert (found and found.status) is problem


def test_a_scan_after_a_person_was_asked_ends_the_question():
    late = Standing(events=1, scanned_at=NOW, overdue=True)

    assert not late.with_event(scan(T.IN_TRANSIT, 1)).overdue
    assert late.with_event(scan(T.IN_TRANSIT, -1)).overdue  # it came late, and says nothing of today
    assert not late.with_event(scan(T.DELIVERED, -1)).overdue
    assert not Standing(overdue=True).with_event(scan(T.IN_TRANSIT)).overdue  # the first scan of all


@given(st.lists(SCANS, max_size=5))
def test_a_standing_and_an_event_are_read_as_they_were_written(events):
    found = standing(*events)

    assert tracking.from_row(tracking.to_row(found)) == found
    assert [tracking.event_from(tracking.event_row(event)) for event in events] == events


def test_a_given_status_goes_before_the_codes_and_an_unknown_code_has_none():
    codes = {"OFD": "OUT_FOR_DELIVERY"}

    assert tracking.meaning(None, "OFD", codes) is T.OUT_FOR_DELIVERY
    assert tracking.meaning("DELIVERED", "OFD", codes) is T.DELIVERED
    assert tracking.meaning(None, "X9", codes) is None


@pytest.mark.parametrize(
    "note", ["DELIVERED, SIGNED BY: SMITH", "Recebido por Ana", "entregado, firmado por J. Ruiz", "signature: A B"]
)
def test_a_note_that_names_who_took_the_parcel_is_refused(note):
    with pytest.raises(ValueError, match="names who took the parcel"):
        tracking.require_no_signer(note)


@pytest.mark.parametrize("note", ["", "Left at front door", "Recebido na unidade", "Arrived at hub, Bay 4"])
def test_other_notes_are_kept(note):
    assert tracking.require_no_signer(note) == note


def test_there_are_eight_statuses_and_the_doors_take_each():
    assert len(T) == 8
    assert StatusOfTheDoors.__args__ == tuple(T)


def test_a_carrier_may_be_written_in_any_case():
    assert tracking.possible_ids(" Ups ") == ("Ups", "ups", "UPS")
    assert tracking.possible_ids("Parcel Post") == ()
