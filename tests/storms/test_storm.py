"""Sixteen threads on one sku while AWS says no to a third of what they ask: nothing is sold twice, nothing is stuck."""

from datetime import timedelta

from comanda.aws.reservations import expiry
from comanda.aws.stock import position_reads
from comanda.domain.stock.stock import SELLABLE
from tests.faults import conflicts
from tests.functions.storm import NODE, TEA, Storm
from tests.functions.world import World
from tests.invariants import broken

THREADS, EACH = 16, 20


def test_after_the_storm_every_unit_is_where_the_ledger_has_it(world: World):
    storm = Storm(world, seed=20261122, units=120)
    expiry.sweep(world.now)  # it runs every few minutes, and notes how far it came

    with conflicts(20261122) as injected:
        done = storm.run(THREADS, lambda done: done < EACH)

    world.now += timedelta(hours=5)
    expiry.sweep(world.now)
    world.settle()
    position = position_reads.get(TEA, NODE)
    assert position is not None
    assert position.bucket(SELLABLE) == storm.shelf, done
    assert position.soft == (), "no soft unit outlives its time"
    assert broken(world.tables()) == []
    assert injected["conflict"] > 50, injected
    assert {name.split(":")[0] for name, times in done.items() if name.endswith("done") and times} >= {
        "reserve", "release", "promote", "buy", "cancel", "ship", "adjust",
    }, done  # fmt: skip
