"""
Measure `router:`: whether the optimiser of one order is right, its speed, and its savings.

Every answer is compared with HiGHS in the same run. A time is processor time: the median of three runs of one order, then the
median or the 99th percentile over orders. Times of HiGHS are those of its solve alone, on one thread, without its model.
router_instances.py describes the orders, router_network.py the public instance, router_priced.py small orders priced by a
card, baskets.py real baskets.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from bench import baskets, router_priced
from bench.figures import Figure
from bench.router_instances import Kind, an_instance, mixed
from bench.router_network import ORDERS, a_world, fluid, network, played
from bench.router_oracle import Optimum, optimum
from comanda.domain.optimizer.solve import Instance, Solution, solve

SEED = 2026
_EXACT = 2_000  # orders of every kind
_WORLDS = 20
_LAST_UNITS = (3.0, 120)  # dollars a piece, rising from so many left; chosen on six instances that are not these
_ROOT = Path(__file__).resolve().parents[1]
_CLOSE = 1e-6  # HiGHS computes in floating point
_SAFETY = 2.0  # seconds, the clock's stop; it fires in none
_IMPORTS = """
import bisect, collections.abc, dataclasses, heapq, itertools, operator, sys, time
before, begun = set(sys.modules), time.process_time()
import comanda.domain.optimizer.solve
took = time.process_time() - begun
strangers = {m.split(".")[0] for m in set(sys.modules) - before} - sys.stdlib_module_names - {"comanda"}
print(took * 1000, len(strangers))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One order: our answer and HiGHS's, the median milliseconds of both, and the greedy cost."""

    ours: Solution
    took: float
    theirs: Optimum
    greedy: float

    @property
    def left(self) -> int:
        return sum(pieces for _, pieces in self.ours.leftovers)

    @property
    def right(self) -> bool:
        """True if a proven answer equals HiGHS's, and if no plan is better and no bound is higher than HiGHS's."""
        close = self.theirs.cost * _CLOSE + 20
        same = self.left == self.theirs.left and abs(self.ours.cost - self.theirs.cost) <= close
        better = (self.left, self.ours.cost) < (self.theirs.left, self.theirs.cost - close)
        return (same or not self.ours.proven) and not better and self.ours.lower_bound <= self.theirs.cost + close

    @property
    def gap(self) -> float:
        """The percentage that our plan costs more than HiGHS's."""
        return max(0.0, 100 * (self.ours.cost / self.theirs.cost - 1))

    @property
    def greedy_gap(self) -> float:
        return 100 * (self.greedy / self.theirs.cost - 1)


def figures() -> list[Figure]:
    return [*_imported(), *_sizes(), *_exact(), *_public(), *router_priced.figures(), *baskets.figures()]


def _sizes() -> list[Figure]:
    return [
        *_size(3, 200, 200, tail=5, proven=100),
        *_size(5, 1_000, 60, tail=5, proven=100),
        *_size(10, 200, 200, half=2.5, tail=12, gap=0.01, proven=97, of_highs=(0.5, 0.3)),
        *_size(20, 200, 40, gap=0.35),
        *_size(50, 1_000, 5, half=50, gap=0.6),
        *_size(10, 50, 100, capacity=True, proven=95),
        *_size(50, 200, 10, scarce=True),  # the size at which proofs end: the figure is published without a bar
    ]


def _size(
    lines: int,
    nodes: int,
    count: int,
    *,
    half: float | None = None,
    tail: float | None = None,
    gap: float | None = None,
    proven: float | None = None,
    of_highs: tuple[float, float] | None = None,
    capacity: bool = False,
    scarce: bool = False,
) -> list[Figure]:
    """Return the figures of one size, with its bars if it has any."""
    kind = Kind(lines=lines, nodes=nodes, capacity=capacity, scarce=scarce)
    # HiGHS has a core to itself where its time is measured; elsewhere all cores search for the optimum.
    tried = _tried([(kind, SEED + k) for k in range(count)], repeat=3, workers=1 if of_highs else None)
    what = f"router: {lines} x {nodes:,}{' with capacity' * capacity}{' of scarce stock' * scarce}, "
    own, highs = [one.took for one in tried], [one.theirs.seconds * 1000 for one in tried]
    share = 100 * fmean(one.ours.proven for one in tried)
    return [
        _figure(what + f"proven of {count}", share, "%", proven, better="more"),
        _figure(what + "p50", median(own), "ms CPU", half, baseline=median(highs)),
        _figure(what + "p99", _tail(own), "ms CPU", tail, baseline=_tail(highs)),
        _figure(what + "p50 of HiGHS's", median(own) / median(highs), "ratio", of_highs and of_highs[0]),
        _figure(what + "p99 of HiGHS's", _tail(own) / _tail(highs), "ratio", of_highs and of_highs[1]),
        _figure(what + "mean gap to its own bound", fmean(100 * one.ours.gap for one in tried), "%"),
        _figure(what + "mean gap to HiGHS (greedy beside)", fmean(one.gap for one in tried), "%", gap,
                baseline=fmean(one.greedy_gap for one in tried)),
        _figure(what + "worst gap to HiGHS (greedy beside)", max(one.gap for one in tried), "%", None,
                baseline=max(one.greedy_gap for one in tried)),
        _figure(what + "wrong answers", sum(not one.right for one in tried), "orders", 0),
    ]  # fmt: skip


def _exact() -> list[Figure]:
    seeds = range(SEED * 1_000, SEED * 1_000 + _EXACT)
    tried = _tried([(mixed(seed), seed) for seed in seeds], repeat=1)
    closed = [one for one in tried if one.theirs.closed]
    return [
        _figure("router: orders of every kind compared with HiGHS", len(closed), "orders", _EXACT, better="more"),
        _figure("router: of these wrong, or a bound above the optimum", sum(not one.right for one in closed), "orders", 0),
        _figure("router: of these proven", 100 * fmean(one.ours.proven for one in closed), "%"),
        _figure("router: of these stopped by the clock", sum(one.ours.clock_stopped for one in tried), "orders", 0),
        _figure("router: of these p99", _tail([one.took for one in tried]), "ms CPU",
                baseline=_tail([one.theirs.seconds * 1000 for one in tried])),
    ]  # fmt: skip


def _public() -> list[Figure]:
    exact, careful, priced = list[float](), list[float](), list[float]()
    for seed in range(_WORLDS):
        world = a_world(SEED + seed)
        least, _ = fluid(world, world.stock, ORDERS)
        exact.append(played(world, seed) / least)
        careful.append(played(world, seed, last_units=_LAST_UNITS) / least)
        priced.append(played(world, seed, prices_anew=10) / least)
    where = f"router: Jasin-Sinha/Ma, {_WORLDS} instances, {network().source}, cost / LP, "
    return [
        _figure(where + "exact for each order", fmean(exact), "ratio", 1.078, digits=4),
        _figure(where + "exact, and last units cost", fmean(careful), "ratio", 1.078, digits=4),
        _figure(where + "with prices, solved anew ten times", fmean(priced), "ratio", 1.03, digits=4),
    ]


def _imported() -> list[Figure]:
    """Return the processor time of a fresh interpreter with compiled modules. The first run compiles them and does not count."""
    with TemporaryDirectory() as compiled:
        environment = os.environ | {"PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
        runs = [
            subprocess.run(
                [sys.executable, "-c", _IMPORTS], capture_output=True, text=True, check=True, env=environment, cwd=_ROOT
            ).stdout.split()
            for _ in range(8)
        ][1:]
    took, strangers = median(float(ms) for ms, _ in runs), max(int(count) for _, count in runs)
    return [
        _figure("router: import of the optimiser beyond the standard library", took, "ms CPU", 5),
        _figure("router: modules that are not the standard library's or ours", strangers, "modules", 0),
    ]


def _tried(orders: Sequence[tuple[Kind, int]], *, repeat: int, workers: int | None = None) -> list[Tried]:
    """Measure our answers one after the other, with no other process beside them; then HiGHS's, in processes of its own."""
    instances = [an_instance(kind, seed) for kind, seed in orders]
    ours = [_timed(instance, repeat) for instance in instances]
    with ProcessPoolExecutor(max_workers=workers or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        theirs = list(pool.map(optimum, instances, chunksize=4))
    return [
        Tried(ours=answer, took=took, theirs=best, greedy=greedy(instance))
        for (answer, took), best, instance in zip(ours, theirs, instances, strict=True)
    ]


def _timed(instance: Instance, repeat: int) -> tuple[Solution, float]:
    times, ours = [], None
    for _ in range(repeat):
        begun = process_time()
        ours = solve(instance, late=_clock(perf_counter()))
        times.append((process_time() - begun) * 1000)
    assert ours is not None
    return ours, median(times)


def _clock(begun: float) -> Callable[[], bool]:
    return lambda: perf_counter() - begun > _SAFETY


def greedy(instance: Instance) -> float:
    """Return a planner's greedy plan: again and again the node with the least cost for a piece that is still missing."""
    missing, total, used = list(instance.quantity), 0, set[int]()
    room = [sum(missing) if c is None else c for c in instance.capacity or [None] * len(instance.fixed)]
    while any(missing):
        best: tuple[float, int, list[int], int] | None = None
        for j, fixed in enumerate(instance.fixed):
            units, left, cost = [], room[j], fixed
            for short, stock, each in zip(missing, instance.stock, instance.cost, strict=True):
                units.append(max(0, min(short, stock[j], left)))
                left -= units[-1]
                cost += units[-1] * each[j]
            if j not in used and any(units) and (best is None or cost / sum(units) < best[0]):
                best = cost / sum(units), j, units, cost
        if best is None:
            break
        used.add(best[1])
        total += best[3]
        missing = [short - count for short, count in zip(missing, best[2], strict=True)]
    return total


def _tail(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(0.99 * len(values)))]


def _figure(
    name: str,
    value: float,
    unit: str,
    bar: float | None = None,
    *,
    better: str = "less",
    baseline: float | None = None,
    digits: int = 3,
) -> Figure:
    return Figure(
        figure=name,
        value=round(value, digits),
        unit=unit,
        bar=bar,
        better="more" if better == "more" else "less",
        seed=SEED,
        baseline=None if baseline is None else round(baseline, digits),
    )
