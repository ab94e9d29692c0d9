"""Count the figures of a day, from positions as they are. Pure."""

from collections import Counter
from collections.abc import Iterable

from comanda.domain.stock.stock import SELLABLE, Position


def figures(positions: Iterable[tuple[Position, dict[str, int]]]) -> dict[str, int]:
    """Count positions, their units, and the alerts of each kind. `positions` has (position, its standing alerts)."""
    found: Counter[str] = Counter(positions=0, on_hand=0, promised=0)
    for position, standing in positions:
        found["positions"] += 1
        found["on_hand"] += position.bucket(SELLABLE)
        found["promised"] += position.demand
        found.update({kind.lower(): 1 for kind in standing})
        found["over_reserved_units"] += position.over_reserved
    return dict(found)
