"""
Measure `model:`: a million steps over the pure models, with every identity checked after each step.

One model is a position under orders, carts, suppliers, counts and time; the other is the life of an order.
"""

from itertools import product

from bench.figures import Figure
from comanda.domain.orders.status import Status
from tests.domain.models import model, stock_model
from tests.domain.models.stock_world import ACTIONS
from tests.domain.models.table import TABLE

SEED = 20261122
POSITION_STEPS, ORDER_STEPS = 1_000_000, 200_000


def figures() -> list[Figure]:
    tried = stock_model.drive(SEED, POSITION_STEPS)
    pairs = model.drive(SEED, ORDER_STEPS)
    least = min(tried[name] for name in ACTIONS)
    missed = len(set(product(Status, TABLE)) - set(pairs))
    return [
        _figure("steps of a position, without a violation", POSITION_STEPS, "steps", bar=1_000_000),
        _figure("times that its rarest step was done", least, "times", bar=1_000),
        _figure("steps of an order's life, without a violation", ORDER_STEPS, "steps"),
        _figure("pairs of (status, transaction) never tried", missed, "pairs", bar=0, better="less"),
    ]


def _figure(name: str, value: int, unit: str, bar: float | None = None, better: str = "more") -> Figure:
    return Figure(figure=f"model: {name}", value=value, unit=unit, bar=bar, better=better, seed=SEED)  # type: ignore[arg-type]  # one of two words
