"""A position lives through any order of steps: every number can be rebuilt, no unit is promised twice, and no step gets stuck."""

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.domain.models.choices import Drawn
from tests.domain.models.stock_model import drive
from tests.domain.models.stock_world import ACTIONS, Shelf, check


class Machine(RuleBasedStateMachine):
    shelf: Shelf

    @initialize(data=st.data())
    def a_shelf_is_empty(self, data: st.DataObject) -> None:
        self.shelf = Shelf(Drawn(data))

    @rule(data=st.data())
    def something_happens(self, data: st.DataObject) -> None:
        self.shelf.choose = Drawn(data)
        self.shelf.act(self.shelf.choose.one(tuple(ACTIONS)))

    @invariant()
    def every_identity_holds(self) -> None:
        if hasattr(self, "shelf"):
            check(self.shelf)


Machine.TestCase.settings = settings(settings(), max_examples=20, stateful_step_count=40)

WhateverHappensToAPosition = Machine.TestCase


def test_five_thousand_seeded_steps_break_nothing_and_try_everything():
    tried: Counter[str] = drive(seed=20261122, steps=5_000)

    assert {name for name in ACTIONS if tried[name] < 20} == set()
