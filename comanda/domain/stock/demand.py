"""
Suggest the safety stock and the reorder point of a sku at a node, from its past demand. A planner may accept them.

A history has the units of each day, the oldest day first, with a 0 for a day without demand. Rates are units a day.

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
# Croston's method is better than smoothing for longer intervals than the first, or for sizes more varied than the second.
INTERVAL_BOUND, VARIATION_BOUND = 1.32, 0.49

SMOOTH, ERRATIC, INTERMITTENT, LUMPY = "SMOOTH", "ERRATIC", "INTERMITTENT", "LUMPY"
NONE = "NONE"  # there was no demand at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A suggestion for one sku at one node.

    `safety_stock` and `reorder_point` are whole units, `rate` and `sigma` units a day.
    """

    pattern: str
    rate: float
    sigma: float
    safety_stock: int
    reorder_point: int


def suggest(history: Sequence[int], *, lead_days: float, lead_sigma: float = 0.0, service: float = 0.95) -> Suggestion:
    """Suggest the units that a node should keep of a sku, and the stock at which it should order more.

    `lead_days` is the time from order to shelf, `lead_sigma` its standard deviation in days. `service` is the share of order
    cycles without a stockout.
    """
    shape = pattern(history)
    rate = sba(history) if shape in (INTERMITTENT, LUMPY) else (fmean(history) if history else 0.0)
    sigma = stdev(history) if len(history) > 1 else 0.0
    kept = safety_stock(normal_quantile(service), sigma, lead_days, rate=rate, lead_sigma=lead_sigma)
    return Suggestion(
        pattern=shape,
        rate=rate,
        sigma=sigma,
        safety_stock=_whole(kept),
        reorder_point=_whole(reorder_point(rate, lead_days, kept)),
    )


def normal_quantile(service: float) -> float:
    """Return the sigmas that cover `service` of all order cycles: the quantile of the standard normal distribution.

    Raises ValueError unless 0.5 <= service < 1.
    """
    if not 0.5 <= service < 1:
        raise ValueError(f"no service level: {service}")
    return NormalDist().inv_cdf(service)


def safety_stock(
    quantile: float, sigma: float, lead_days: float, *, rate: float = 0.0, lead_sigma: float = 0.0
) -> float:
    """Return z x sqrt(L x sigma^2 + rate^2 x sigma_L^2), which is z x sigma x sqrt(L) for a fixed lead time.

    z is `quantile`, L `lead_days`, sigma_L `lead_sigma`. The demand of different days is taken as independent, and so are
    demand and lead time (Silver, Pyke, Thomas; Chopra, Meindl).
    """
    return quantile * sqrt(lead_days * sigma**2 + (rate * lead_sigma) ** 2)


def reorder_point(rate: float, lead_days: float, kept: float) -> float:
    """Return the demand during the lead time plus the safety stock `kept`.

    Order more when the stock and the expected supplies together fall to this number.
    """
    return rate * lead_days + kept


def pattern(history: Sequence[int]) -> str:
    """Classify a history by the mean interval between demands and the squared coefficient of variation of their sizes.

    Returns SMOOTH, ERRATIC, INTERMITTENT or LUMPY, or NONE without demand. The bounds are those of Syntetos, Boylan and
    Croston (2005).
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
    """Return the units a day of intermittent demand: smoothed size divided by smoothed interval (Croston 1972).

    Both change only on days with demand. The first demand starts them, with its size and the days up to it.
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
    """Return Croston's rate, lowered by alpha / 2 of it, because it is too high by about that (Syntetos, Boylan 2005)."""
    return (1 - alpha / 2) * croston(history, alpha)


def _whole(units: float) -> int:
    # Floating point may give 12.000000000001 for 12 units, which must not become 13.
    return max(0, ceil(round(units, 6)))
