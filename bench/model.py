"""
Measure `model:`: a million steps of a position under orders, carts, suppliers, counts and time, checked after each step.

`life:` is the same for orders (bench/life.py).
"""

from bench.figures import Figure
from tests.domain.models import stock_model
from tests.domain.models.stock_world import ACTIONS

SEED = 20261122
STEPS = 1_000_000


def figures() -> list[Figure]:
    tried = stock_model.drive(SEED, STEPS)
    return [
        _figure("steps of a position, without a violation", STEPS, "steps", bar=1_000_000),
        _figure("times that its rarest step was done", min(tried[name] for name in ACTIONS), "times", bar=1_000),
    ]


def _figure(name: str, value: int, unit: str, bar: float) -> Figure:
    return Figure(figure=f"model: {name}", value=value, unit=unit, bar=bar, better="more", seed=SEED)
