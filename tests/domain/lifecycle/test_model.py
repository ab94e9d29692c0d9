"""An order takes steps in any sequence: every identity holds after every step, and the order can always end."""

from collections import Counter
from itertools import product

from hypothesis import settings

from comanda.domain.billing import collecting
from comanda.domain.lifecycle import place
from comanda.domain.lifecycle.cancels import cancel
from comanda.domain.lifecycle.node_work import decline
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from comanda.domain.scheduling import schedule
from tests.builders import NOW, a_line, a_position, a_step, an_order
from tests.domain.billing.test_collecting import cash
from tests.domain.declines import OTHER
from tests.domain.models.books import NODES, SentAgain
from tests.domain.models.choices import SKUS, Seeded
from tests.domain.models.identities import check
from tests.domain.models.model import Machine, drive
from tests.domain.models.table import TABLE
from tests.domain.models.world import RandomWorld

Machine.TestCase.settings = settings(settings(), max_examples=15, stateful_step_count=40)

WhateverHappensToAnOrder = Machine.TestCase


PAIRS = set(product(Status, TABLE))


def test_seeded_steps_break_nothing_and_try_every_pair():
    """Run five thousand steps, and go on up to twenty thousand while a rare pair is missing: each new rule moves the dice."""
    pairs: Counter[tuple[Status, str]] = Counter()
    for seed in range(20261130, 20261134):
        pairs += drive(seed=seed, steps=5_000).pairs  # bench has a million
        if set(pairs) == PAIRS:
            break

    assert set(pairs) == PAIRS


def test_money_that_a_counter_collected_for_cancelled_units_waits_to_be_paid_out():
    order = an_order(a_line("TEA", 2, 1000, method=PICKUP, node="store-1"), payments=(cash(),))
    stock = {(sku, node.node_id): a_position(sku, node.node_id, 5) for sku in SKUS for node in NODES}
    placed = place.place_order(order, (), "shop", NOW)
    world = RandomWorld(Seeded(1), None, SentAgain(decision=placed, now=NOW, positions=stock))
    world._save(schedule.schedule(world.order, world._plan(), stock.values(), NOW, NODES))
    world._save(collecting.collect(world.order, 1, 2000, "r1", "store", NOW))
    world._save(decline.decline(world.order, a_step(), OTHER))
    world._save(cancel.cancel(world.order, {"1": 2}, "no stock", "care", NOW))

    world.act("settle")

    check(world)
    assert world.tasks == {(Queue.PAY_OUTS, "pay-out-002")}
