"""Drive the model of a position, a million seeded steps at a time, for the benchmark. All identities are checked each step."""

from collections import Counter

from tests.domain.models.choices import Seeded
from tests.domain.models.stock_world import ACTIONS, WEIGHTS, Shelf, check


class Violation(AssertionError):
    """An identity did not hold after a step. Carries the seed and the steps that lead there."""


def drive(seed: int, steps: int, *, life: int = 50) -> Counter[str]:
    """Run so many steps, with a new position after every `life` of them.

    Returns the number of times that each step was done, and refused. Raises Violation.
    """
    tried: Counter[str] = Counter()
    names = [name for name in ACTIONS for _ in range(WEIGHTS.get(name, 1))]
    for first in range(0, steps, life):
        choose = Seeded(seed * 1_000_003 + first)
        shelf = Shelf(choose, tried)
        try:
            for _ in range(min(life, steps - first)):
                shelf.act(choose.one(names))
                check(shelf)
        except Exception as error:
            raise Violation(f"seed {seed}, position from step {first}: {shelf.steps}: {error!r}") from error
    return tried
