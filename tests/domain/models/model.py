"""
Drive the model of an order's life with Hypothesis, or with a seeded random source.

Hypothesis (`Machine`) shrinks a failure that it finds. The seeded source (`drive`, for the benchmark) runs a million steps at
a time. All identities are checked after every step, and at the end that the order can end.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from comanda.domain.orders.status import Status
from tests.domain.models.choices import Drawn, Seeded
from tests.domain.models.identities import check
from tests.domain.models.world import ACTIONS, WEIGHTS, RandomWorld


class Machine(RuleBasedStateMachine):
    """Drive the model with Hypothesis, with one rule for each action."""

    world: RandomWorld

    @initialize(data=st.data())
    def an_order_is_placed(self, data: st.DataObject) -> None:
        self.world = RandomWorld(Drawn(data))

    @invariant()
    def every_identity_holds(self) -> None:
        check(self.world)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.finish()


def _rule(name: str) -> Any:
    def step(self: Machine, data: st.DataObject) -> None:
        self.world.choose = Drawn(data)
        self.world.act(name)

    step.__name__ = name
    return rule(data=st.data())(step)


for _name in ACTIONS:
    setattr(Machine, _name, _rule(_name))


class Violation(AssertionError):
    """An identity did not hold after a step. Carries the seed and the steps that lead there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Count what was tried: transactions on units by their status, actions on orders by their status, and refusals."""

    pairs: Counter[tuple[Status, str]] = field(default_factory=Counter)
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    orders: int = 0
    refused: int = 0

    def __add__(self, other: "Tried") -> "Tried":
        return Tried(
            pairs=self.pairs + other.pairs,
            states=self.states + other.states,
            orders=self.orders + other.orders,
            refused=self.refused + other.refused,
        )


def drive(seed: int, steps: int, *, life: int = 60) -> Tried:
    """Run so many steps, with a new order after every `life` of them, and check all identities after each step.

    Raises Violation.
    """
    tried, pairs = Tried(), Counter[tuple[Status, str]]()
    names = [name for name in ACTIONS for _ in range(WEIGHTS.get(name, 1))]
    for first in range(0, steps, life):
        choose = Seeded(seed * 1_000_003 + first)
        world = RandomWorld(choose, pairs)
        try:
            check(world)
            for _ in range(min(life, steps - first)):
                world.act(choose.one(names))
                check(world)
            world.finish()
        except Exception as error:
            raise Violation(f"seed {seed}, order from step {first}: {world.steps}: {error}") from error
        tried += Tried(states=world.states, orders=1, refused=world.refused)
    return tried + Tried(pairs=pairs)
