"""
Measure `life:`: a million steps of orders, from their placing to closed books, with every identity checked after each step.

A step is anything that a channel, sales, the router, a node, a carrier, the customer or time does (tests/domain/models).
Beside them, changes after the sale are compared with an accountant's books, which share no code with the product, and the payments
of orders with the books of providers that fail at random.
"""

import ast
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

from bench.figures import Figure
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.status import Status
from tests.domain.models import identities, long_sale, model, paid_sale
from tests.domain.models.table import TABLE
from tests.domain.models.world import ACTIONS

SEED = 20261130
PARTS, STEPS = 20, 50_000  # a part has a seed of its own: SEED, SEED + 1, ...
SALES = 1_000  # of a part, each of 40 steps
PAID_SALES = 1_250  # of a part, each of 40 steps, paid by providers that fail
PROCESSES = 2


def figures() -> list[Figure]:
    tried = model.Tried()
    with ProcessPoolExecutor(PROCESSES) as pool:
        for part in pool.map(model.drive, range(SEED, SEED + PARTS), [STEPS] * PARTS):
            tried += part
        changes = sum(pool.map(long_sale.drive, range(SEED, SEED + PARTS), [SALES] * PARTS), Counter[str]())
        paid = sum(pool.map(paid_sale.drive, range(SEED, SEED + PARTS), [PAID_SALES] * PARTS), Counter[str]())
    pairs = list(product(Status, TABLE))
    states = len({status for status, _ in tried.states}) * len(ACTIONS)
    return [
        _figure("steps of orders, without a violation", tried.steps, "steps", bar=1_000_000),
        _figure("changes, shipments and invoices that agree with an accountant's books", changes.total(), "steps"),
        _figure(
            "steps of orders paid by providers that fail, without a violation", paid["steps"], "steps", bar=1_000_000
        ),
        _figure("movements of money among them that failed", paid[f"event {EventType.PAYMENT_FAILED}"], "movements"),
        _figure("authorisations among them that were renewed", paid[f"event {EventType.PAYMENT_RENEWED}"], "renewals"),
        _figure("pages and codes of Pix among them that were paid", paid["pages paid"], "payments"),
        _figure("pages and codes of Pix among them that were paid too late", paid["pages paid late"], "payments"),
        _figure("credit notes among them", paid[f"event {EventType.CREDITED}"], "credit notes"),
        _figure("orders that lived and ended with closed books", tried.orders, "orders"),
        _figure("orders among them that began as drafts", tried.drafts, "orders"),
        _figure("orders among them that sent lost units again", tried.replacements, "orders"),
        _figure("cases about these orders", tried.cases, "cases"),
        _figure("steps that were refused, as predicted", tried.refused, "steps"),
        _figure("facts that time alone made of these orders", tried.facts.total(), "facts"),
        _figure("kinds of such facts", len(tried.facts), "kinds"),
        _figure("identities that are checked after each step", _identities(), "assertions"),
        _figure("pairs of (status of units, transaction) never tried", len(set(pairs) - set(tried.pairs)), "pairs", 0),
        _figure("times that the rarest of these pairs was tried", min(tried.pairs.values()), "times", bar=1_000),
        _figure(f"pairs of (status of an order, action) tried, of {states}", len(tried.states), "pairs"),
    ]


def _identities() -> int:
    """Return the number of assertions of the check that follows each step."""
    tree = ast.parse(Path(identities.__file__).read_text(encoding="utf-8"))
    return sum(isinstance(node, ast.Assert) for node in ast.walk(tree))


def _figure(name: str, value: int, unit: str, bar: float | None = None) -> Figure:
    better = "less" if bar == 0 else "more"
    return Figure(figure=f"life: {name}", value=value, unit=unit, bar=bar, better=better, seed=SEED)  # type: ignore[arg-type]  # one of two words
