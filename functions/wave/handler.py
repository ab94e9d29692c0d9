"""
Let a wave go: the orders that wait for it are looked at together, those are moved to other nodes for which it pays, and all
of them are set free for their machines, which hand them to their nodes.

Called by   a schedule, every hour, with {}; people by hand (`comanda routing wave`)
Returns     {"orders": that waited, "moved": to other nodes, "released": set free, "saved_micros": by those that moved,
            "unsolved": orders that were set free where they were, because no answer was found in time}
Raises      an error, after every other order was set free: the run is tried again, and twice is harmless

An order is moved and set free in one transaction, so a run may end anywhere. What no wave takes the sweeper sets free.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.directory import directory
from comanda.aws.orders import open_orders, orders
from comanda.aws.routing import inputs
from comanda.aws.routing.solver import Unsolved, solve
from comanda.aws.runtime import clock
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.room import room
from comanda.domain.errors import Busy
from comanda.domain.network_optimization.price_program import Program
from comanda.domain.network_optimization.wave_program import Wave, choose_moves
from comanda.domain.orders import queues, wave_wait
from comanda.domain.orders.decision import Decision, EventType
from comanda.domain.orders.line import SHIP
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.routing.plan import Plan
from comanda.domain.scheduling import move_waiting
from comanda.domain.time_limit import TimeLimit
from functions.wave.rules import Proposals

logger = Logger()
metrics = Metrics()

_TOGETHER = 200  # orders; they are solved together, saved, and then the next
_ROUNDS = 5  # of plans, at new prices each
_SECONDS = 20.0  # for one program: of two hundred orders it takes milliseconds
_WEIGH = 120.0  # seconds for all proposals of a page: of two hundred usual orders they take a few
_MOVE_UNTIL = 300_000  # milliseconds that must be left when orders are still to be moved; the others only go


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where an order goes instead of where it is, and what that saves: nothing where it could not stay."""

    order: Order
    plan: Plan
    saves: int


@room
@metrics.log_metrics
def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    now, run = clock.now(), WaveRun()
    waiting = open_orders.in_queue(Queue.WAVE)
    pages = [waiting[first : first + _TOGETHER] for first in range(0, len(waiting), _TOGETHER)]
    do_all([partial(run.leave, page, now, context.get_remaining_time_in_millis) for page in pages])
    done = {"orders": len(waiting), **run.done()}
    logger.info("a wave left", extra=done)
    metrics.add_metric("OrdersOfWaves", MetricUnit.Count, done["released"])
    metrics.add_metric("OrdersMovedByWaves", MetricUnit.Count, done["moved"])
    return done


class WaveRun:
    """One run, and what it has done."""

    def __init__(self) -> None:
        self.moved = self.released = self.saved = self.unsolved = 0

    def done(self) -> dict[str, int]:
        numbers = {"moved": self.moved, "released": self.released, "saved_micros": self.saved}
        return {**numbers, "unsolved": self.unsolved}

    def leave(self, page: Sequence[str], now: datetime, millis_left: Callable[[], int]) -> None:
        """All of them go, also where they cannot be weighed together: then they go where they are."""
        better: list[Move] = []

        def weigh() -> None:
            if millis_left() > _MOVE_UNTIL:
                better.extend(self.better(page, now))

        def go() -> None:
            going = {one.order.order_id for one in better}
            # Who goes where another leaves comes after him: this is the order of `moves`.
            do_all(
                [
                    *(partial(self.move, one, now) for one in better),
                    *(partial(self.release, order_id, now) for order_id in page if order_id not in going),
                ]
            )

        do_all([weigh, go])

    def better(self, page: Sequence[str], now: datetime) -> list[Move]:
        """Who is moved, in this order; nobody where no answer was found."""
        found = [
            order for order in map(orders.load, page) if wave_wait.waiting_units(order) and not order.kept_from_router
        ]
        if not found:
            return []
        try:
            return list(_moves(_proposals(found, now)))
        except Unsolved as unsolved:
            self.unsolved += len(found)
            logger.warning("a wave was not solved", extra={"orders": len(found), "status": str(unsolved)})
            return []

    def move(self, one: Move, now: datetime) -> None:
        """Moved and set free; only set free where it is not what it was, or somebody took what it was to get."""
        order_id = one.order.order_id

        def rule(seen: Order) -> Decision | None:
            if wave_wait.waiting_units(seen) != wave_wait.waiting_units(one.order) or seen.kept_from_router:
                return wave_wait.release(seen, "wave", now)
            skus = {line.sku for line in seen.lines}
            positions, _ = inputs.for_order(seen.channel, dict.fromkeys(skus, (SHIP,)), (), now)
            return move_waiting.move_units(seen, one.plan, positions, one.saves, now)

        try:
            saved = orders.decide(order_id, rule)
        except Busy as busy:
            logger.warning("an order was not moved", extra={"order_id": order_id, "because": type(busy).__name__})
            self.release(order_id, now)
            return
        self.released += saved.changed
        if saved.event and saved.event.type == EventType.REROUTED:
            self.moved += 1
            self.saved += one.saves

    def release(self, order_id: str, now: datetime) -> None:
        """Set free where it is; what is at a closed node is the router's again."""

        def rule(seen: Order) -> Decision | None:
            closed = {node.node_id for node in directory.nodes() if node.closed(now)}
            return move_waiting.withdraw_units(seen, closed, now) or wave_wait.release(seen, "wave", now)

        self.released += orders.decide(order_id, rule).changed


def _proposals(found: Sequence[Order], now: datetime) -> Proposals:
    skus: dict[str, set[str]] = {}
    for order in found:
        skus.setdefault(order.channel, set()).update(
            line.sku for line in order.lines if line.units(queues.waits_for_wave)
        )
    inputs_by_channel = {
        channel: inputs.for_order(channel, dict.fromkeys(sorted(of), (SHIP,)), (), now)[1]
        for channel, of in skus.items()
    }
    return Proposals(found, inputs_by_channel, now, _in_time(clock.time_limit(_WEIGH)))


def _in_time(over: TimeLimit) -> TimeLimit:
    """Return a clock for a page of proposals. It raises Unsolved when the time is over: a search that did not end moves no order."""

    def is_over() -> bool:
        if over():
            raise Unsolved("no time was left to weigh them")
        return False

    return is_over


def _moves(proposals: Proposals) -> Iterator[Move]:
    """Raises Unsolved."""
    every = range(len(proposals.orders))
    stays = [proposals.stays(k) for k in every]
    wave = Wave(skus=proposals.skus(), stock=proposals.stock, propose=proposals.propose)
    for k in every:
        wave.know(k, stays[k])
    wave.ask({}, everyone=True)
    found = wave.together(wave.rounds(_ROUNDS, _linear), _whole)
    better = [new if proposals.sends_all(k, new) else stays[k] for k, new in zip(every, found, strict=True)]
    for k in choose_moves(stays, better, proposals.stock, [proposals.least(k) for k in every]):
        plan, saves = proposals.plan(k, better[k]), proposals.saves(k, stays[k], better[k])
        yield Move(order=proposals.orders[k], plan=plan, saves=saves)


def _linear(program: Program) -> tuple[Sequence[float], Sequence[float]]:
    answer = solve(program, seconds=_SECONDS)
    return answer.columns, answer.duals


def _whole(program: Program) -> Sequence[float] | None:
    """None where there is no answer in time: then those that were given parts of plans stay with what they proposed in turn."""
    try:
        return solve(program, seconds=_SECONDS, whole=True).columns
    except Unsolved:
        return None
