"""
Compare the outcomes of shadow rule sets with the live outcomes, and say how sure the difference is.

Called by   ops/routing_report.py
Returns     means with their intervals
Raises      StatisticsError for no values

Orders are paired: both rule sets routed each order with the same inputs. The mean of a difference per order has a 95 %
confidence interval after Student (1908), mean +- t x s / sqrt(n). The quantile t is found by bisection in the finite series of
Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4. A share has the interval of Wilson (1927).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import atan, cos, inf, pi, sin, sqrt
from statistics import NormalDist, fmean, stdev
from typing import Any

from comanda.domain.rules.rule_sets import COMPONENTS

ENOUGH = 30  # orders: the mean of fewer skewed costs says nothing, whatever its interval
CONFIDENCE = 0.95
_MANY = 400  # degrees of freedom from which the normal quantile is right to a third of a percent

type Outcome = Mapping[str, Any]  # as `comanda.domain.evaluation.shadow.outcome` makes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The mean of `n` numbers, and the interval in which it lies; endless for fewer than two numbers."""

    n: int
    mean: float
    low: float
    high: float

    @property
    def says(self) -> str:
        """Return the conclusion: "more", "less", "no difference shown", or "too few"."""
        if self.n < ENOUGH:
            return "too few"
        if self.low > 0 or self.high < 0:
            return "more" if self.low > 0 else "less"
        return "no difference shown"


def interval(values: Sequence[float]) -> Interval:
    """Return the mean and its interval. Raises StatisticsError for no values."""
    n, mean = len(values), fmean(values)
    if n == 1:
        return Interval(n=n, mean=mean, low=-inf, high=inf)
    half = t_quantile(n - 1) * stdev(values, mean) / sqrt(n)
    return Interval(n=n, mean=mean, low=mean - half, high=mean + half)


@cache
def t_quantile(freedom: int) -> float:
    """Return the number that Student's t of so many degrees of freedom stays within, on either side of 0, with
    CONFIDENCE."""
    if freedom > _MANY:
        return NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    low, high = 0.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < CONFIDENCE else (low, middle)
    return high


def _within(t: float, freedom: int) -> float:
    """Return the probability that |T| < t."""
    theta = atan(t / sqrt(freedom))
    square = cos(theta) ** 2
    odd = freedom % 2
    term = cos(theta) if odd else 1.0
    total = term if freedom > 1 else 0.0
    for k in range(2 + odd, freedom - 1, 2):
        term *= square * (k - 1) / k
        total += term
    return 2 / pi * (theta + sin(theta) * total) if odd else sin(theta) * total


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The share `count` of `of` things, with its interval."""

    count: int
    of: int
    low: float
    high: float


def share(count: int, of: int) -> Share:
    """Return the share with its interval, which is 0 to 1 for no things."""
    if not of:
        return Share(count=0, of=0, low=0.0, high=1.0)
    z, p = NormalDist().inv_cdf((1 + CONFIDENCE) / 2), count / of
    middle, half = p + z * z / (2 * of), z * sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return Share(count=count, of=of, low=max(0.0, (middle - half) / scale), high=min(1.0, (middle + half) / scale))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One order as it was routed, and as a shadow would have routed it. `placed_on`: its UTC day."""

    placed_on: str
    live: Outcome
    shadow: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """The means per order of both, and the mean difference, shadow - live, of the orders where both are known."""

    name: str
    live: float
    shadow: float
    difference: Interval


def measures(pairs: Iterable[Pair], gave_back: Mapping[str, float] | None = None) -> list[Measure]:
    """Return the measures of the pairs. Costs are in micro-units; components that cost nothing in either are left out.

    `gave_back`: the share of its offers that each node declined, 0 to 1; it gives the expected share of each way of
    sending.
    """
    rates = gave_back or {}
    every = list(pairs)
    ways: list[tuple[str, Callable[[Outcome, str], float | None]]] = []
    for kind in ("modelled", "priced"):
        ways.append((kind, lambda of, _, kind=kind: sum(of[f"{kind}_micros"].values())))  # type: ignore[misc]
        ways += [(f"{kind} {name}", _part(f"{kind}_micros", name)) for name in COMPONENTS]
    ways += [
        ("shipments", lambda of, _: of["shipments"]),
        ("packages", lambda of, _: of["packages"]),
        ("days", _days),
        ("carbon g", lambda of, _: of["carbon_g"]),
        ("units left over", lambda of, _: of["left_over"]),
        ("expected to be given back", lambda of, _: _expected(of, rates)),
    ]
    found = (_measure(name, way, every) for name, way in ways)
    return [one for one in found if one and (one.live or one.shadow or " " not in one.name)]


def _part(kind: str, name: str) -> Callable[[Outcome, str], float | None]:
    return lambda of, _: of[kind].get(name, 0)


def _days(of: Outcome, placed_on: str) -> float | None:
    """Return the days from that of the order to that on which its last part arrives. Returns None if the date is not
    known."""
    if not of["deliver_on"]:
        return None
    return (date.fromisoformat(of["deliver_on"]) - date.fromisoformat(placed_on)).days


def _expected(of: Outcome, rates: Mapping[str, float]) -> float | None:
    nodes = {row[0] for row in of["fulfillments"]}
    if not nodes or nodes - rates.keys():
        return None
    return fmean(rates[node] for node in nodes)


def _measure(name: str, way: Callable[[Outcome, str], float | None], pairs: Sequence[Pair]) -> Measure | None:
    both = [
        (live, shadow)
        for pair in pairs
        if (live := way(pair.live, pair.placed_on)) is not None
        and (shadow := way(pair.shadow, pair.placed_on)) is not None
    ]
    return paired(name, both)


def paired(name: str, both: Sequence[tuple[float, float]]) -> Measure | None:
    """Return the measure of (one, other) of each order. Returns None for no orders."""
    if not both:
        return None
    return Measure(
        name=name,
        live=fmean(one for one, _ in both),
        shadow=fmean(other for _, other in both),
        difference=interval([other - one for one, other in both]),
    )
