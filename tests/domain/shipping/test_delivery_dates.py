"""Work leaves and arrives on computed days, and an order keeps its dates until a last moment, also when clocks change."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.nodes.calendars import Calendar, finish_time, latest_start, local_day, slots
from comanda.domain.shipping.carriers import Collection
from comanda.domain.shipping.delivery_dates import Load, ShipTo, begin_time, order_by, pick_up, ship
from tests.domain.models.journeys import (
    EVERY_DAY,
    a_calendar,
    a_carrier,
    a_service,
    a_shop,
    daily,
    standard_and_express,
)

TEA = Load(weights=((2, 500),))
SECOND = timedelta(seconds=1)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def to(**changes):
    fields = {"country": "US", "region": "NY", "postal_prefix": "100", "zone": "America/New_York", "zone_by": "region"}
    return ShipTo(**(fields | {"km": 1140.0} | changes))


def sent(now, node=None, carrier=None, load=TEA, service="STANDARD", taken=None, **where):
    return ship(node or a_shop(), (carrier or a_carrier(),), service, load, to(**where), utc(now), taken or {})


# The dates of a shipment. Chicago is UTC-6 in November: 9:00 there is 15:00 here


@pytest.mark.parametrize(
    ("now", "ship_at", "deliver_on", "order_until"),
    [
        # Thursday morning before opening: packed at ten, collected at five, three working days
        ("2026-11-19T12:00", "2026-11-19T23:00", "2026-11-24", "2026-11-19T20:00"),
        # the last minute before the cut-off, and the first after it: the order waits for Friday
        ("2026-11-19T20:00", "2026-11-19T23:00", "2026-11-24", "2026-11-19T20:00"),
        ("2026-11-19T20:01", "2026-11-20T23:00", "2026-11-25", "2026-11-20T20:00"),
        # Friday after the cut-off: Monday, although the weekend is between
        ("2026-11-20T21:00", "2026-11-23T23:00", "2026-11-26", "2026-11-23T20:00"),
    ],
)
def test_an_order_leaves_with_the_next_collection_and_arrives_working_days_later(now, ship_at, deliver_on, order_until):
    leg = sent(now)

    assert leg.ship_at == utc(ship_at)
    assert leg.ship_on == ship_at[:10]
    assert (leg.deliver_on, leg.zone) == (deliver_on, "America/New_York")
    assert leg.order_by == utc(order_until)


def test_goods_that_are_ready_after_the_carriers_cut_off_go_with_the_next_collection():
    carrier = a_carrier(dc_1=daily(time(12), cut_off_minutes=30))

    in_time = sent("2026-11-19T16:30", carrier=carrier)  # 10:30, packed at 11:30
    late = sent("2026-11-19T16:31", carrier=carrier)

    assert (in_time.ship_on, in_time.order_by) == ("2026-11-19", utc("2026-11-19T16:30"))
    assert (late.ship_on, late.order_by) == ("2026-11-20", utc("2026-11-20T16:30"))


def test_a_service_may_have_collections_of_its_own():
    rows = (*daily(time(16), 0, "STANDARD"), *daily(time(11), 0, "EXPRESS"))
    carrier = a_carrier(*standard_and_express(), dc_1=rows)

    assert sent("2026-11-19T17:00", carrier=carrier).ship_on == "2026-11-19"
    assert sent("2026-11-19T17:00", carrier=carrier, service="EXPRESS").ship_on == "2026-11-20"


def test_holidays_of_the_node_and_of_the_carrier_add_their_days():
    thanksgiving = "2026-11-26"

    node_rests = sent("2026-11-26T16:00", a_shop(calendar=a_calendar("America/Chicago", EVERY_DAY, thanksgiving)))
    carrier_rests = sent(
        "2026-11-25T16:00", carrier=a_carrier(calendar=a_calendar("America/Chicago", EVERY_DAY, thanksgiving))
    )

    assert node_rests.ship_on == "2026-11-27"
    assert (carrier_rests.ship_on, carrier_rests.deliver_on) == ("2026-11-25", "2026-11-29")  # 27, 28, 29


def test_work_that_does_not_fit_before_closing_is_finished_the_next_morning():
    long = a_shop(processing_minutes=300, cut_off=None)

    leg = sent("2026-11-19T20:00", long)  # 14:00: three hours today, two tomorrow

    assert leg.ship_on == "2026-11-20"
    assert leg.order_by == utc("2026-11-20T18:00")


def test_a_full_day_pushes_work_to_the_next_with_room():
    small = a_shop(units_per_day=10)
    taken = {("dc-1", "2026-11-19"): 9, ("dc-1", "2026-11-20"): 12}

    assert sent("2026-11-19T16:00", small, load=Load(weights=((1, 0),)), taken=taken).ship_on == "2026-11-19"
    assert (
        sent("2026-11-19T16:00", small, taken=taken).ship_on == "2026-11-23"
    )  # one today, Friday is full, the weekend
    assert sent("2026-11-19T16:00", small, load=Load(weights=((25, 0),))).ship_on == "2026-11-23"  # 10 + 10 + 5


def test_the_hour_until_which_a_postponed_order_keeps_its_date_is_the_cut_off_of_its_own_day():
    leg = sent("2026-11-19T16:00", a_shop(units_per_day=10), taken={("dc-1", "2026-11-19"): 10})

    assert leg.ship_on == "2026-11-20"
    assert leg.order_by == utc("2026-11-20T20:00")  # Friday's own orders leave on Friday, too


def test_units_that_wait_for_a_supply_are_begun_on_its_day_and_have_no_hour_to_order_by():
    leg = sent("2026-11-19T16:00", load=Load(weights=((1, 500),), due="2026-12-01"))

    assert (leg.ship_on, leg.deliver_on, leg.order_by) == ("2026-12-01", "2026-12-04", None)


def test_a_supply_of_a_day_that_has_begun_is_there():
    leg = sent("2026-11-19T16:00", load=Load(weights=((1, 500),), due="2026-11-10"))

    assert leg.ship_on == "2026-11-19"


# Who carries it


def test_standard_goes_by_the_cheapest_and_express_by_the_soonest():
    slow = a_carrier(*standard_and_express(), carrier_id="slow")
    fast = a_carrier(
        a_service(base=6_000_000, bands=((None, 2),)),
        a_service("EXPRESS", base=20_000_000, bands=((None, 0),)),
        carrier_id="fast",
    )

    standard = ship(a_shop(), (fast, slow), "STANDARD", TEA, to(), utc("2026-11-19T16:00"))
    express = ship(a_shop(), (slow, fast), "EXPRESS", TEA, to(), utc("2026-11-19T16:00"))

    assert (standard.carrier, express.carrier, express.deliver_on) == ("slow", "fast", "2026-11-19")


def test_a_carrier_of_another_country_carries_nothing():
    assert sent("2026-11-19T16:00", carrier=a_carrier(country="BR")) is None
    assert sent("2026-11-19T16:00", service="EXPRESS") is None  # nobody offers it


def test_a_node_that_never_works_and_a_carrier_that_never_comes_have_no_date():
    never = a_calendar("America/Chicago", ())

    assert sent("2026-11-19T16:00", a_shop(calendar=never)) is None
    assert sent("2026-11-19T16:00", carrier=a_carrier(calendar=never)) is None
    assert sent("2026-11-19T16:00", a_shop(units_per_day=0)) is None
    assert pick_up(a_shop(calendar=never), TEA, 0, utc("2026-11-19T16:00")) is None


def test_a_leg_has_its_cost_its_emissions_and_its_guesses():
    offer = a_service(base=5_000_000, per_km=1_000, per_kg=200_000, max_package_g=600)

    leg = sent("2026-11-19T16:00", carrier=a_carrier(offer), km=1000.0, zone_by="nearest-node")

    assert leg.packages == 2  # two of 500 g, 600 g each at most
    assert leg.cost_micros == 2 * 5_000_000 + 1_000 * 1_000 + 200_000
    assert leg.carbon_g == 100  # 1 kg x 1,000 km x 100 g per tonne-km
    assert leg.guesses == ("collected-at-closing", "transit-by-distance", "zone-of-nearest-node")


def test_a_pickup_is_ready_in_opening_hours_and_keeps_its_date_until_the_store_could_not_finish_it():
    store = a_shop("store-1", type="STORE", cut_off=None, processing_minutes=120)

    leg = pick_up(store, TEA, 2_000_000, utc("2026-11-19T16:00"))

    assert (leg.ship_at, leg.deliver_on, leg.zone) == (utc("2026-11-19T18:00"), "2026-11-19", "America/Chicago")
    assert leg.order_by == utc("2026-11-19T21:00")  # two hours before closing
    assert (leg.cost_micros, leg.carbon_g, leg.carrier) == (2_000_000, 0, "")


# Whatever the hour: three zones, both changes of the clock and none at all

ZONES = {
    "America/New_York": ("2026-03-04", "2026-10-28"),  # changes on 8 March and 1 November
    "America/Sao_Paulo": ("2018-10-31", "2019-02-13"),  # changed on 4 November 2018 and 17 February 2019, never since
    "Europe/Lisbon": ("2026-03-25", "2026-10-21"),  # changes on 29 March and 25 October
}
HOURS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 22), st.integers(1, 23)).filter(lambda row: row[1] < row[2]),
    min_size=3,
    max_size=12,
).map(lambda rows: tuple((day, time(opens), time(closes)) for day, opens, closes in rows))
CALENDARS = st.builds(
    lambda zone, hours: (zone, Calendar(timezone=zone, hours=hours)), st.sampled_from(sorted(ZONES)), HOURS
)
MOMENTS = st.tuples(st.integers(0, 1), st.integers(0, 12 * 24 * 60))


def around_a_change(zone, when):
    which, minutes = when
    return utc(ZONES[zone][which]) + timedelta(minutes=minutes)


@given(CALENDARS, MOMENTS, st.integers(0, 1_500))
def test_open_minutes_are_counted_exactly_and_the_latest_start_is_the_inverse(zoned, when, minutes):
    zone, calendar = zoned
    start = around_a_change(zone, when)

    done = finish_time(calendar, start, minutes)
    last = latest_start(calendar, done, minutes)

    days = [local_day(calendar, start) + timedelta(days=ahead) for ahead in range((done - start).days + 3)]
    worked = sum(
        (
            max(timedelta(), min(closes, done) - max(opens, start))
            for day in days
            for opens, closes in slots(calendar, day)
        ),
        timedelta(),
    )
    assert worked == timedelta(minutes=minutes)
    assert last >= start
    assert finish_time(calendar, last, minutes) == done
    assert finish_time(calendar, last + SECOND, minutes) > done


@given(
    CALENDARS,
    MOMENTS,
    st.integers(0, 600),
    st.none() | st.integers(6, 20),
    st.none() | st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 23), st.integers(0, 240)), max_size=5),
    st.lists(st.integers(0, 5), max_size=12),
)
def test_an_order_has_the_same_dates_until_its_last_moment_and_not_a_second_later(
    zoned, when, minutes, cut_off, per_day, collections, work
):
    zone, calendar = zoned
    now = around_a_change(zone, when)
    node = a_shop(
        calendar=calendar,
        processing_minutes=minutes,
        cut_off=None if cut_off is None else time(cut_off),
        units_per_day=per_day,
    )
    first = local_day(calendar, now)
    taken = {("dc-1", (first + timedelta(days=n)).isoformat()): units for n, units in enumerate(work)}
    rows = tuple(Collection(weekday=day, at=time(hour), cut_off_minutes=before) for day, hour, before in collections)
    carrier = a_carrier(calendar=a_calendar(zone, EVERY_DAY), **({"dc_1": rows} if rows else {}))

    def at(moment):
        return ship(node, (carrier,), "STANDARD", TEA, to(), moment, taken)

    leg = at(now)
    if leg is None:
        return
    assert now < leg.ship_at or leg.ship_at == now
    assert leg.order_by >= now
    assert replace(at(leg.order_by), order_by=None) == replace(leg, order_by=None)
    after = at(leg.order_by + SECOND)
    assert after is None or after.ship_at > leg.ship_at


@given(CALENDARS, MOMENTS, st.integers(0, 600), st.integers(0, 3_000))
def test_a_later_order_never_arrives_sooner(zoned, when, minutes, wait):
    zone, calendar = zoned
    now = around_a_change(zone, when)
    node = a_shop(calendar=calendar, processing_minutes=minutes, cut_off=time(12), units_per_day=3)

    one = begin_time(node, now, 2)
    other = begin_time(node, now + timedelta(minutes=wait), 2)

    assert one is None or now <= one
    assert other is None or (one is not None and one <= other)


def test_work_that_cannot_be_ready_in_time_has_no_last_moment():
    assert order_by(a_shop(), utc("2026-11-19T16:00"), utc("2026-11-18T16:00"), 1) is None
    assert order_by(a_shop(calendar=a_calendar("UTC", ())), utc("2026-11-19T16:00"), utc("2026-11-20T16:00"), 1) is None
