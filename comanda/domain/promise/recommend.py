"""
Recommend an option, and say why: a reason's code, and the numbers that it rests on.

Called by   comanda.domain.promise.promise
Returns     the id of an option, and the reason
Raises      nothing

If a day is wanted, the cheapest option that keeps it is recommended; else the one with the least sum of cost, days times the
worth of a day, and carbon times its price. The customer's first method comes first: another is recommended only if the first
cannot bring everything.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from comanda.domain.routing.costs import Costs

NOTHING = "NOTHING"  # no option has a unit
MOST_UNITS = "MOST_UNITS"  # none has everything: this one has the most
ONLY_ONE = "ONLY_ONE"
CHEAPEST_IN_TIME = "CHEAPEST_IN_TIME"
SOONEST_BUT_LATE = "SOONEST_BUT_LATE"  # none keeps the wanted day
CHEAPEST_AND_SOONEST = "CHEAPEST_AND_SOONEST"
CHEAPEST = "CHEAPEST"  # sooner would cost more than the days are worth
SOONEST = "SOONEST"  # the days are worth more than it costs
BALANCED = "BALANCED"  # neither, and better than both

REASONS = (
    NOTHING,
    MOST_UNITS,
    ONLY_ONE,
    CHEAPEST_IN_TIME,
    SOONEST_BUT_LATE,
    CHEAPEST_AND_SOONEST,
    CHEAPEST,
    SOONEST,
    BALANCED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedOption:
    """The figures of an option that are weighed."""

    option_id: str
    method: str
    units: int
    complete: bool
    deliver_on: str | None
    cost_micros: int
    carbon_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    code: str
    numbers: Mapping[str, int | str] = field(default_factory=dict)


def recommend(
    options: Sequence[WeighedOption], deliver_by: str | None, costs: Costs, now: datetime
) -> tuple[str | None, Reason]:
    """Return the id of the best option and the reason. `options` are in the order of preference; ties go to the
    first."""
    some = [o for o in options if o.units]
    if not some:
        return None, Reason(code=NOTHING)
    full = [o for o in some if o.complete]
    if not full:
        best = max(some, key=lambda o: o.units)
        return best.option_id, Reason(code=MOST_UNITS, numbers={"units": best.units})
    full = [o for o in full if o.method == full[0].method]
    if len(full) == 1 and deliver_by is None:
        return full[0].option_id, Reason(code=ONLY_ONE, numbers=_numbers(full[0], full[0], full[0]))

    def weight(o: WeighedOption) -> int:
        return o.cost_micros + o.carbon_g * costs.per_kg_co2e // 1000 + _days_until(o, now) * costs.per_day

    cheapest = min(full, key=lambda o: o.cost_micros)
    soonest = min(full, key=lambda o: (o.deliver_on or "9999", o.cost_micros))
    if deliver_by is not None:
        return _recommend_for_day(full, deliver_by, cheapest, soonest, weight)
    best = min(full, key=weight)
    code = {
        (True, True): CHEAPEST_AND_SOONEST,
        (True, False): CHEAPEST,
        (False, True): SOONEST,
        (False, False): BALANCED,
    }[best.cost_micros == cheapest.cost_micros, best.deliver_on == soonest.deliver_on]
    return best.option_id, Reason(code=code, numbers=_numbers(best, cheapest, soonest))


def _recommend_for_day(
    full: Sequence[WeighedOption],
    deliver_by: str,
    cheapest: WeighedOption,
    soonest: WeighedOption,
    weight: Callable[[WeighedOption], int],
) -> tuple[str, Reason]:
    in_time = [o for o in full if o.deliver_on and o.deliver_on <= deliver_by]
    best = min(in_time, key=lambda o: (o.cost_micros, weight(o))) if in_time else soonest
    code = CHEAPEST_IN_TIME if in_time else SOONEST_BUT_LATE
    return best.option_id, Reason(code=code, numbers=_numbers(best, cheapest, soonest) | {"deliver_by": deliver_by})


def _days_until(o: WeighedOption, now: datetime) -> int:
    return max(0, (date.fromisoformat(o.deliver_on) - now.date()).days) if o.deliver_on else 0


def _numbers(best: WeighedOption, cheapest: WeighedOption, soonest: WeighedOption) -> dict[str, int | str]:
    """Return the numbers of the reason: cost, saving against the soonest option, and days later; and against the
    cheapest."""
    out: dict[str, int | str] = {"cost_micros": best.cost_micros, "carbon_g": best.carbon_g}
    if best.deliver_on:
        out["deliver_on"] = best.deliver_on
    out["saves_micros"] = soonest.cost_micros - best.cost_micros
    out["costs_more_micros"] = best.cost_micros - cheapest.cost_micros
    if best.deliver_on and soonest.deliver_on and cheapest.deliver_on:
        out["days_later"] = _days_between(soonest.deliver_on, best.deliver_on)
        out["days_sooner"] = _days_between(best.deliver_on, cheapest.deliver_on)
    return out


def _days_between(first: str, then: str) -> int:
    return (date.fromisoformat(then) - date.fromisoformat(first)).days
