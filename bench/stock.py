"""
Measure `stock:`: the questions of a page or a cart, answered from summaries, beside the naive way that reads every position.

Figures are CPU with AWS stubbed at the wire, calls, read units, and dollars by the list prices of prices.json.
"""

import json
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any

from bench import stock_events
from bench.figures import Figure
from bench.shipped import probe

RUNS = 3  # the naive way takes seconds for each event, so it runs for few
SKUS = {1: 200, 10: 100, 100: 30}  # events of a run
NAIVE_EVENTS = {1: 20, 10: 3, 100: 1}
BAR = {100: 60.0}  # ms CPU
CHECKS = 100  # an order's visitors look at so many skus, page by page
PRICES: dict[str, Any] = json.loads((Path(__file__).parent / "prices.json").read_text())


def figures() -> list[Figure]:
    out: list[Figure] = []
    for skus, events in SKUS.items():
        ours = _measured("functions.availability.handler", skus, events)
        naive = _measured("bench.naive_availability", skus, NAIVE_EVENTS[skus])
        units, all_units = _summary_units(skus), _position_units(skus)
        asked = f"stock: availability of {skus} sku{'s' if skus > 1 else ''} at {stock_events.NODES} nodes"
        out += [
            _figure(asked, "ms CPU", ours["ms"], naive["ms"], BAR.get(skus)),
            _figure(asked, "calls", ours["calls"], naive["calls"]),
            _figure(asked, "read units", units, all_units),
            _figure(
                f"{asked}, 1 M orders of {CHECKS} checks",
                "$",
                _dollars(skus, ours, units),
                _dollars(skus, naive, all_units),
            ),
        ]
    return out


def _figure(name: str, unit: str, value: float, baseline: float, bar: float | None = None) -> Figure:
    return Figure(figure=name, value=round(value, 2), unit=unit, bar=bar, baseline=round(baseline, 2))


def _measured(module: str, skus: int, events: int) -> dict[str, float]:
    runs = [probe(f"{module}:{skus}", events) for _ in range(RUNS)]
    return {"ms": median(run["median_ms"] for run in runs), "calls": sum(runs[0]["calls"].values())}


def _summary_units(skus: int) -> float:
    """Return the read units of summaries, read eventually consistent: half a unit for 4 KB of each item."""
    items = [stock_events.summary(f"SKU-{n:03d}", method) for n in range(skus) for method in stock_events.METHODS]
    return sum(ceil(stock_events.size(item) / 4096) for item in items) / 2


def _position_units(skus: int) -> float:
    """Return the read units of positions, read eventually consistent by pages of a query."""
    page = sum(stock_events.size(stock_events.position("SKU-000", n)) for n in range(stock_events.NODES))
    return skus * ceil(page / 4096) / 2


def _dollars(skus: int, measured: dict[str, float], units: float) -> float:
    """Return the dollars for 1 M orders whose visitors make `CHECKS` checks of a sku, `skus` in a request, without the cart."""
    per, assumed = PRICES["dollars_per_million"], PRICES["assumed"]["lambda_milliseconds"]
    milliseconds = measured["ms"] + assumed["each AWS call"] * measured["calls"]
    request = (
        per["API Gateway calls"]
        + per["firewall requests"]
        + per["Lambda calls"]
        + per["Lambda GB-seconds"] * milliseconds / 1000  # 1 GB
        + per["DynamoDB read units"] * units
    )
    return float(request) * CHECKS / skus
