"""
Measure `promise:`: a basket of 10 lines in a network of 500 nodes, beside the naive way in the same run.

Figures are the CPU of the whole request with AWS stubbed at the wire, the CPU of the options alone, and the reads and writes
of a warm request.

Called by   bench/run.py; `python -S -m bench.promise` times the options alone, in an interpreter of its own
"""

import json
import os
import subprocess
import sys
from statistics import median
from time import process_time
from typing import Any

from bench import promise_events, scenes
from bench.figures import Figure
from bench.shipped import ROOT, probe

RUNS, EVENTS, NAIVE_EVENTS = 5, 40, 5
ASKED = f"promise: {scenes.LINES} lines x {promise_events.NODES} nodes"


def figures() -> list[Figure]:
    ours = [probe("functions.promise.handler", EVENTS) for _ in range(RUNS)]
    naive = [probe("bench.naive_promise", NAIVE_EVENTS) for _ in range(RUNS)]
    alone = [_alone() for _ in range(RUNS)]
    calls, usual = ours[0]["calls"], naive[0]["calls"]
    reads = sum(count for name, count in calls.items() if name != "PutItem")
    return [
        _figure("whole request", _median(ours), "ms CPU", 15, _median(naive)),
        _figure("options alone, positions in hand", median(alone), "ms CPU", None, None),
        _figure("warm request", reads, "reads", 12, sum(usual.values())),
        _figure("warm request", calls["PutItem"], "writes", None, 0),
    ]


def _figure(what: str, value: float, unit: str, bar: float | None, baseline: float | None) -> Figure:
    return Figure(
        figure=f"{ASKED}, {what}",
        value=round(value, 2),
        unit=unit,
        bar=bar,
        seed=promise_events.SEED,
        baseline=None if baseline is None else round(baseline, 2),
    )


def _median(runs: list[dict[str, Any]]) -> float:
    return float(median(run["median_ms"] for run in runs))


def _alone() -> float:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-S", "-m", "bench.promise"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout))


def main() -> None:
    """Time the domain alone, with positions, network and carriers as they are after reading."""
    from datetime import UTC, datetime

    from comanda.aws.directory.carriers import carrier
    from comanda.aws.directory.node_entries import node
    from comanda.aws.dynamodb.items import attributes
    from comanda.aws.stock.position_items import to_position
    from comanda.domain.orders.destination import Destination
    from comanda.domain.promise.promise import Basket, options
    from comanda.domain.routing.costs import Costs
    from comanda.domain.routing.inputs import RouterInputs
    from comanda.domain.routing.plan import Limits, Rules, Want

    world = RouterInputs(
        positions=tuple(to_position(attributes(row)) for page in promise_events.positions().values() for row in page),
        nodes=tuple(map(node, promise_events.nodes())),
        carriers=tuple(map(carrier, promise_events.carriers())),
        rules=Rules(future_days=90),
        costs=Costs(),
        limits=Limits(),
    )
    asked = promise_events.basket()
    to = asked["to"]
    basket = Basket(
        wants=tuple(Want(**line, weight_g=300) for line in asked["lines"]),
        to=Destination(
            country="US", region="NY", postal_prefix="100", latitude=to["latitude"], longitude=to["longitude"]
        ),
    )
    now, spent = datetime.now(UTC), []
    for _ in range(100):
        start = process_time()
        options(basket, world, now)
        spent.append(process_time() - start)
    print(json.dumps(median(spent) * 1000))


if __name__ == "__main__":
    main()
