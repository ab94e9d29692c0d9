"""
Compute the days on which a node's work is shipped and delivered, its cost, and the last moment of an order for them.

    begun      = now, or the next opening before the cut-off; work beyond a day's limit goes on to the next day with room
    ready      = begun + processing, in open time of the node
    shipped    = the next collection of the carrier that takes goods that are ready then
    delivered  = + days in transit, on the carrier's calendar; a local date of the destination

The dates are a step function of the time of the order that never falls, so the last moment of a step is found backwards.
"""

from collections.abc import Collection as Several
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

from comanda.domain.geography.regions import is_military_region
from comanda.domain.geography.time_zones import BY_NODE
from comanda.domain.nodes.calendars import (
    LOOK_AHEAD,
    Calendar,
    Slot,
    finish_time,
    latest_start,
    local_day,
    slots,
    utc_moment,
)
from comanda.domain.nodes.node import Node
from comanda.domain.shipping import cartons
from comanda.domain.shipping.carriers import EXPRESS, UNPLACED, Carrier
from comanda.domain.shipping.cartons import Dims, Kind

ZONE_OF_NODE = "zone-of-nearest-node"  # the guess for a destination whose region is not in the table of time zones

BookedUnits = Mapping[tuple[str, str], int]  # (node, its local ISO day) -> units that it has to do on that day already
NOTHING: BookedUnits = {}

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The goods of a fulfillment: (units, grams of one) of each kind, and in the same order the size of one, if known.

    With `due` they are not there before this UTC day.
    """

    weights: tuple[tuple[int, int], ...]
    due: str | None = None
    dims: tuple[Dims | None, ...] = ()

    @property
    def units(self) -> int:
        return sum(units for units, _ in self.weights)

    @property
    def grams(self) -> int:
        return sum(units * grams for units, grams in self.weights)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(
            (units, grams, dims) for (units, grams), dims in zip_longest(self.weights, self.dims[: len(self.weights)])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipTo:
    """A destination, as coarse as dates need it. `km` is its distance from the node, unknown if it is not `placed`.

    `zone_by` is the source of its time zone: BY_REGION or BY_NODE.
    """

    country: str
    region: str
    postal_prefix: str
    zone: str
    zone_by: str
    km: float
    placed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """The dates, carrier and cost of one fulfillment.

    `ship_at` is the collection, or the time at which a pickup is ready. `order_by` is the last moment of an order with these
    dates, None if they depend on a supply. `billable_g` are the grams that the carrier charges for. `card` is the rate card
    and its version, "" without one. `guesses` name the facts for which no file has a row.
    """

    ship_at: datetime
    ship_on: str
    deliver_on: str
    zone: str
    order_by: datetime | None = None
    carrier: str = ""
    cost_micros: int = 0
    currency: str = ""
    carbon_g: int = 0
    packages: int = 1
    billable_g: int = 0
    card: str = ""
    km: float = 0.0
    guesses: tuple[str, ...] = ()


def ship(
    node: Node,
    carriers: Iterable[Carrier],
    service: str,
    load: Load,
    to: ShipTo,
    now: datetime,
    booked: BookedUnits = NOTHING,
    by: str | None = None,
) -> Leg | None:
    """Choose the carrier: the cheapest one, for EXPRESS the soonest one, and among equals the first id.

    A carrier that delivers `by` the local date comes before one that does not. None: no carrier goes there, or no day is
    found.
    """
    ready = _ready(node, now, load, booked)
    if ready is None:
        return None
    legs = [
        leg
        for carrier in carriers
        if carrier.country == to.country == node.country and service in carrier.services
        if carrier.services[service].serves(to.country, to.region)
        for leg in (_leg(node, carrier, service, load, to, now, ready, booked),)
        if leg
    ]
    soonest_first = service == EXPRESS
    return min(
        legs,
        default=None,
        key=lambda leg: (
            by is not None and leg.deliver_on > by,
            (leg.deliver_on, leg.cost_micros) if soonest_first else (leg.cost_micros, leg.deliver_on),
            leg.carrier,
        ),
    )


def _leg(
    node: Node,
    carrier: Carrier,
    service: str,
    load: Load,
    to: ShipTo,
    now: datetime,
    ready: datetime,
    booked: BookedUnits,
) -> Leg | None:
    collected = carrier.collected(node, service, ready)
    if collected is None:
        return None
    at, until, guess = collected
    offer = carrier.services[service]
    days, also = offer.days(node.region, to.region, to.postal_prefix, to.km, placed=to.placed)
    ship_on = local_day(node.calendar, at)
    deliver_on = carrier.delivered(ship_on, days)
    if deliver_on is None:
        return None
    parcels = offer.parcels(load.kinds)
    return Leg(
        ship_at=at,
        ship_on=ship_on.isoformat(),
        deliver_on=deliver_on.isoformat(),
        zone=to.zone,
        order_by=None if load.due else order_by(node, now, until, load.units, booked),
        carrier=carrier.carrier_id,
        cost_micros=offer.quote(parcels, node.region, to.region, to.postal_prefix, to.km, placed=to.placed),
        currency=offer.currency,
        carbon_g=offer.carbon_g(load.grams, to.km),
        packages=cartons.packages(parcels),
        billable_g=offer.billable_g(parcels),
        card=offer.card.key if offer.card else "",
        km=round(to.km, 1),
        guesses=_guesses(to, guess, also),
    )


def _guesses(to: ShipTo, *of_carrier: str | None) -> tuple[str, ...]:
    """Return the guesses behind a leg, each once: those of the carrier, and those about the destination."""
    of_zone = ZONE_OF_NODE if to.zone_by == BY_NODE else None
    of_place = None if to.placed or is_military_region(to.country, to.region) else UNPLACED
    return tuple(dict.fromkeys(guess for guess in (*of_carrier, of_zone, of_place) if guess))


def pick_up(node: Node, load: Load, cost_micros: int, now: datetime, booked: BookedUnits = NOTHING) -> Leg | None:
    """Return the leg of a pickup: the goods are ready at the counter. The day is the date of the store's own clock."""
    ready = _ready(node, now, load, booked)
    if ready is None:
        return None
    on = local_day(node.calendar, ready)
    closing = slots(node.calendar, on)[-1][1]
    return Leg(
        ship_at=ready,
        ship_on=on.isoformat(),
        deliver_on=on.isoformat(),
        zone=node.calendar.timezone,
        order_by=None if load.due else order_by(node, now, closing, load.units, booked),
        cost_micros=cost_micros,
    )


def _ready(node: Node, now: datetime, load: Load, booked: BookedUnits) -> datetime | None:
    if load.due:  # a supply is there when its day begins at the node
        now = max(now, datetime.combine(date.fromisoformat(load.due), time(), ZoneInfo(node.calendar.timezone)))
    begun = begin_time(node, now.astimezone(UTC), load.units, booked)
    return begun and finish_time(node.calendar, begun, node.processing_minutes)


def begin_time(node: Node, now: datetime, units: int, booked: BookedUnits = NOTHING) -> datetime | None:
    """Return the moment at which the node can begin the last of so many units. None: it never can."""
    taking = next_intake(node.calendar, node.cut_off, now)
    on = _with_room(node, taking[0], units, booked) if taking else None
    if taking is None or on is None:
        return None
    return max(taking[1], now) if on == taking[0] else slots(node.calendar, on)[0][0]


def next_intake(calendar: Calendar, cut_off: time | None, now: datetime) -> tuple[date, datetime] | None:
    """Return the local day on which an order of now is begun, if there is room, and the moment from which that day takes it.

    None: the node takes no orders in the next 400 days.
    """
    for day in _days(local_day(calendar, now)):
        for opens, last in _intake(calendar, cut_off, day):
            if last >= now:
                return day, opens
    return None


def order_by(node: Node, now: datetime, until: datetime, units: int, booked: BookedUnits = NOTHING) -> datetime | None:
    """Return the last moment, `now` or later, of an order that is ready at `until`. None: that moment has passed."""
    start = latest_start(node.calendar, until, node.processing_minutes)
    last: datetime | None = None
    if start is None:
        return None
    for day in _days(local_day(node.calendar, now)):
        if day > local_day(node.calendar, start):
            break
        taking = _intake(node.calendar, node.cut_off, day)
        on = _with_room(node, day, units, booked) if taking else None
        if on is None:
            continue
        for opens, closes in taking:
            if on == day and opens <= start:
                last = min(closes, start)
            elif on != day and slots(node.calendar, on)[0][0] <= start:
                last = closes
    return last if last and last >= now else None


def _days(first: date) -> Iterator[date]:
    return (first + ahead * _DAY for ahead in range(LOOK_AHEAD))


def _intake(calendar: Calendar, cut_off: time | None, day: date) -> tuple[Slot, ...]:
    """Return the times of a day at which a new order is begun on this day. Both ends are included."""
    open_times = slots(calendar, day)
    if cut_off is None or not open_times:
        return open_times
    cut = utc_moment(calendar, day, cut_off)
    return tuple((opens, min(closes, cut)) for opens, closes in open_times if opens <= cut)


def _with_room(node: Node, day: date, units: int, booked: BookedUnits) -> date | None:
    """Return the day, `day` or later, on which the last of so many units is begun. None: not in the next 400 days."""
    if node.units_per_day is None:
        return day
    left = units
    for on in _days(day):
        if slots(node.calendar, on):
            name = on.isoformat()
            left -= max(0, (node.units_on(name) or 0) - booked.get((node.node_id, name), 0))
            if left <= 0:
                return on
    return None


def last_day(dates: Several[str | None]) -> str | None:
    """Return the day on which all parts have arrived. None: a part has no date."""
    return max((day for day in dates if day), default=None) if all(dates) else None
