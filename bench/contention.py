"""
Measure `contention:`: many clients on one sku, through the doors, while AWS cancels transactions and throttles (p = 0.3).

A hundred clients want five hundred units, and sixteen threads run all operations at once for a minute.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

from bench.figures import Figure
from bench.inprocess import a_world, quiet
from comanda.aws.reservations import expiry
from comanda.aws.stock import position_reads
from comanda.domain.stock.stock import SELLABLE
from tests.faults import conflicts
from tests.functions.storm import NODE, TEA, Storm, one_process_each
from tests.invariants import broken

SEED = 20261122
UNITS, CLIENTS, EACH = 500, 100, 6  # a hundred clients ask for 600 of 500 units
SECONDS, THREADS = 60, 16


def figures() -> list[Figure]:
    with quiet():
        return [*_clients(), *_storm()]


def _clients() -> list[Figure]:
    with a_world() as world:
        storm = Storm(world, SEED, UNITS)

        def buy(client: int) -> int:
            """Buy one unit after the other, each with a hard reservation."""
            got = 0
            for n in range(EACH):
                line = {"sku": TEA, "node_id": NODE, "quantity": 1}
                body = {"request_id": f"c{client}-{n}", "kind": "HARD", "lines": [line]}
                got += storm.call("POST", "/v1/reservations", body).status == 201
            return got

        with conflicts(SEED) as injected, one_process_each(), ThreadPoolExecutor(THREADS) as pool:
            sold = sum(pool.map(buy, range(CLIENTS)))
        position = position_reads.get(TEA, NODE)
        assert position is not None
        return [
            _figure(f"{CLIENTS} clients on {UNITS} units: sold", sold, "units", bar=UNITS, better="more"),
            _figure("oversold or stuck", abs(position.free) + abs(UNITS - position.demand), "units", bar=0),
            _figure("conflicts and throttles injected", sum(injected.values()), "faults"),
        ]


def _storm() -> list[Figure]:
    with a_world() as world:
        storm = Storm(world, SEED, UNITS)
        expiry.sweep(world.now)
        until = monotonic() + SECONDS
        with conflicts(SEED) as injected:
            done: Counter[str] = storm.run(THREADS, lambda _: monotonic() < until)
        world.now += timedelta(hours=5)
        expiry.sweep(world.now)
        world.settle()
        position = position_reads.get(TEA, NODE)
        assert position is not None
        off = abs(position.bucket(SELLABLE) - storm.shelf) + sum(units for _, _, units in position.soft)
        return [
            _figure(f"a storm of {THREADS} threads for {SECONDS} s: things done", sum(done.values()), "requests"),
            _figure("units that are not where the books say", off, "units", bar=0),
            _figure("identities broken", len(broken(world.tables())), "sentences", bar=0),
            _figure("conflicts and throttles injected in it", sum(injected.values()), "faults"),
        ]


def _figure(name: str, value: float, unit: str, bar: float | None = None, better: str = "less") -> Figure:
    return Figure(figure=f"contention: {name}", value=value, unit=unit, bar=bar, better=better, seed=SEED)  # type: ignore[arg-type]  # one of two words
