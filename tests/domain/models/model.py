"""
Drive the model of an order's life with Hypothesis, or with a seeded random source.

Hypothesis (`Machine`) shrinks a failure that it finds. The seeded source (`drive`, for the benchmark) runs a million steps at
a time. All identities are checked after every step, and at the end that the order can end.
"""

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from comanda.domain.orders.status import Status
from tests.domain.models.books import SentAgain
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


NAMES = [name for name in ACTIONS for _ in range(WEIGHTS.get(name, 1))]


class Violation(AssertionError):
    """An identity did not hold after a step. Carries the seed and the steps that lead there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Count what was tried: transactions on units by their status, actions on orders by their status, refusals, and the facts
    that time made.

    `drafts` are orders that began as drafts, `replacements` those that sent lost units again, `cases` were about orders.
    """

    pairs: Counter[tuple[Status, str]] = field(default_factory=Counter)
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    orders: int = 0
    drafts: int = 0
    replacements: int = 0
    cases: int = 0
    refused: int = 0

    def __add__(self, other: "Tried") -> "Tried":
        return Tried(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(Tried)})


def drive(seed: int, steps: int, *, life: int = 60) -> Tried:
    """Run so many steps, with a new order after every `life` of them, and check all identities after each step.

    An order that sends lost units again lives after the first one, on the stock that this has left. Raises Violation.
    """
    tried, pairs = Tried(), Counter[tuple[Status, str]]()
    while tried.steps < steps:
        choose = Seeded(seed * 1_000_003 + tried.steps)
        where = f"seed {seed}, order from step {tried.steps}"
        world = _lived(choose, RandomWorld(choose, pairs), min(life, steps - tried.steps), where)
        tried += _counts(world)
        again, positions = list(world.replacements), world.positions
        for decision in again:
            begins = SentAgain(decision=decision, now=world.now, positions=positions)
            second = _lived(choose, RandomWorld(choose, pairs, begins), life // 3, where)
            positions = second.positions
            tried += _counts(second)
    return tried + Tried(pairs=pairs)


def _lived(choose: Seeded, world: RandomWorld, steps: int, where: str) -> RandomWorld:
    """Take so many steps of an order, and finish it."""
    try:
        check(world)
        for _ in range(steps):
            world.act(choose.one(NAMES))
            check(world)
        world.taken = len(world.steps)
        world.finish()
    except Exception as error:
        raise Violation(f"{where}: {world.steps}: {error}") from error
    return world


def _counts(world: RandomWorld) -> Tried:
    return Tried(
        states=world.states,
        facts=world.facts,
        steps=world.taken,
        orders=1,
        drafts=world.drafted,
        replacements=bool(world.order.replaces),
        cases=len(world.cases),
        refused=world.refused,
    )
