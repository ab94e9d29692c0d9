"""Make stages of the router from a seed, and count the rest and the cost of a plan by hand."""

from math import gcd
from random import Random

from comanda.domain.optimizer.solve import Together
from comanda.domain.routing.stage import Stage, StageResult


def a_stage(dice: Random, lines: int, nodes: int, most: int, **changes: object) -> Stage:
    """Make a stage with few different costs, so that many plans cost the same.

    Some stages have limits of room or of nodes, kits, or a node without a fixed cost.
    """
    quantity = tuple(dice.randint(1, most) for _ in range(lines))
    together: tuple[Together, ...] = ()
    if lines > 1 and dice.random() < 0.3:
        together = (Together(lines=(0, 1), sets=gcd(quantity[0], quantity[1])),)
    fields = {
        "nodes": tuple(f"n-{j:02d}" for j in range(nodes)),
        "skus": tuple(f"SKU-{i}" for i in range(lines)),
        "quantity": quantity,
        "stock": tuple(tuple(dice.choice((0, 1, most, most, 9)) for _ in range(nodes)) for _ in range(lines)),
        "capacity": tuple(dice.choice((None, None, 1, 3, 9)) for _ in range(nodes)) if dice.random() < 0.4 else None,
        "max_nodes": dice.choice((None, None, 1, 2)),
        "together": together,
        "fixed": tuple(dice.choice((0, 5, 6, 9)) for _ in range(nodes)),
        "cost": tuple(tuple(dice.choice((-2, 1, 1, 2, 4)) for _ in range(nodes)) for _ in range(lines)),
    }
    return Stage(**(fields | changes))


def left_of(stage: Stage, played: StageResult) -> int:
    return sum(stage.quantity) - sum(pieces for _, _, pieces in played.assignment)


def cost_of(stage: Stage, played: StageResult) -> int:
    return sum(stage.fixed[j] for j in {j for _, j, _ in played.assignment}) + sum(
        stage.cost[i][j] * pieces for i, j, pieces in played.assignment
    )
