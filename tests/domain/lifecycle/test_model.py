"""An order takes steps in any sequence: every identity holds after every step, and the order can always end."""

from collections import Counter
from itertools import product

from hypothesis import settings

from comanda.domain.orders.status import Status
from tests.domain.models.model import Machine, drive
from tests.domain.models.table import TABLE

Machine.TestCase.settings = settings(settings(), max_examples=15, stateful_step_count=40)

WhateverHappensToAnOrder = Machine.TestCase


def test_five_thousand_seeded_steps_break_nothing_and_try_every_pair():
    pairs: Counter[tuple[Status, str]] = drive(seed=20261130, steps=5_000)  # bench has a million

    assert set(pairs) == set(product(Status, TABLE))
