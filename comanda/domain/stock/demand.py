"""
How fast a sku sells at a node, and what to keep and when to order because of it: suggestions, which a planner may take.

Histories are units by day, oldest first, one number for every day, zeros included. Rates are units a day.

Sources
    Croston, J. D. (1972): Forecasting and stock control for intermittent demands. Operational Research Quarterly 23.
    Syntetos, A. A., Boylan, J. E. (2005): The accuracy of intermittent demand estimates. Int. Journal of Forecasting 21.
    Syntetos, Boylan, Croston (2005): On the categorization of demand patterns. J. of the Operational Research Society 56.
    Silver, Pyke, Thomas (2017): Inventory and production management in supply chains, 4th ed., chapters on safety stock.
    Chopra, Meindl: Supply chain management, chapter on safety inventory; the tests compute its examples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist, fmean, pvariance, stdev

ALPHA = 0.1  # weight of the newest demand: 0.05 to 0.2 where demand is intermittent (Croston 1972)
# Where Croston's method begins to be better than smoothing: longer intervals than the first, sizes more varied than the second.
INTERVAL_BOUND, VARIATION_BOUND = 1.32, 0.49

SMOOTH, ERRATIC, INTERMITTENT, LUMPY = "SMOOTH", "ERRATIC", "INTERMITTENT", "LUMPY"
NONE = "NONE"  # nothing was ever asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """For one sku at one node. `safety_stock` and `reorder_point` in whole units, `rate` and `sigma` in units a day."""

    pattern: str
    rate: float
    sigma: float
    safety_stock: int
    reorder_point: int


def suggest(history: Sequence[int], *, lead_days: float, lead_sigma: float = 0.0, service: float = 0.95) -> Suggestion:
    """What a node should keep of a sku and when it should order more, from what was asked for there.

    `lead_days` from order to shelf, with its standard deviation; `service`: the share of order cycles without a stockout.
    """
    how = pattern(history)
    rate = sba(history) if how in (INTERMITTENT, LUMPY) else (fmean(history) if history else 0.0)
    sigma = stdev(history) if len(history) > 1 else 0.0
    kept = safety_stock(normal_quantile(service), sigma, lead_days, rate=rate, lead_sigma=lead_sigma)
    return Suggestion(
        pattern=how,
        rate=rate,
        sigma=sigma,
        safety_stock=_whole(kept),
        reorder_point=_whole(reorder_point(rate, lead_days, kept)),
    )


def normal_quantile(service: float) -> float:
    """Standard normal quantile: how many sigmas cover `service` of all order cycles, 0.5 <= service < 1."""
    if not 0.5 <= service < 1:
        raise ValueError(f"no service level: {service}")
    return NormalDist().inv_cdf(service)


def safety_stock(
    quantile: float, sigma: float, lead_days: float, *, rate: float = 0.0, lead_sigma: float = 0.0
) -> float:
    """z x sigma x sqrt(L); with a lead time that varies too, z x sqrt(L x sigma^2 + rate^2 x sigma_L^2).

    Demand of different days, and demand and lead time, are taken as independent (Silver, Pyke, Thomas; Chopra, Meindl).
    """
    return quantile * sqrt(lead_days * sigma**2 + (rate * lead_sigma) ** 2)


def reorder_point(rate: float, lead_days: float, kept: float) -> float:
    """Order when stock and what is on its way fall to this: what sells during the lead time, and the safety stock."""
    return rate * lead_days + kept


def pattern(history: Sequence[int]) -> str:
    """SMOOTH, ERRATIC, INTERMITTENT or LUMPY: by the mean interval between demands and the squared variation of their sizes.

    The bounds are those of Syntetos, Boylan and Croston (2005).
    """
    sizes = [units for units in history if units > 0]
    if not sizes:
        return NONE
    rare = len(history) / len(sizes) >= INTERVAL_BOUND
    varied = pvariance(sizes) / fmean(sizes) ** 2 >= VARIATION_BOUND
    if rare:
        return LUMPY if varied else INTERMITTENT
    return ERRATIC if varied else SMOOTH


def croston(history: Sequence[int], alpha: float = ALPHA) -> float:
    """Units a day where most days have none: smoothed size by smoothed interval, both moved only on days with demand.

    The first demand starts both: its size, and the days up to it.
    """
    size = interval = 0.0
    since = 0
    for units in history:
        since += 1
        if units <= 0:
            continue
        size = size + alpha * (units - size) if size else float(units)
        interval = interval + alpha * (since - interval) if interval else float(since)
        since = 0
    return size / interval if interval else 0.0


def sba(history: Sequence[int], alpha: float = ALPHA) -> float:
    """Croston's rate is too high by about alpha / 2 of it; corrected by that (Syntetos, Boylan 2005)."""
    return (1 - alpha / 2) * croston(history, alpha)


def _whole(units: float) -> int:
    # 12 units that floating point makes 12.000000000001 of are 12.
    return max(0, ceil(round(units, 6)))
