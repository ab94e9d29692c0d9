"""
Run a wave: find the moves that pay for the waiting orders, page by page, make them, and release all orders.

Called by   functions/wave/handler.py, when orders wait
Returns     counts of the orders that were moved, released and not solved, and what the moves save
Raises      an error, after every other order was released
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aws_lambda_powertools import Logger

from comanda.aws.directory import directory
from comanda.aws.orders import orders
from comanda.aws.routing import inputs
from comanda.aws.routing.solver import Unsolved, solve
from comanda.aws.runtime import clock
from comanda.aws.runtime.batch import do_all
from comanda.domain.errors import Busy
from comanda.domain.network_optimization.price_program import Program
from comanda.domain.network_optimization.wave_program import Wave, choose_moves
from comanda.domain.orders import queues, wave_wait
from comanda.domain.orders.decision import Decision, EventType
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.order import Order
from comanda.domain.routing.plan import Plan
from comanda.domain.scheduling import move_waiting
from comanda.domain.time_limit import TimeLimit
from functions.wave.rules import Proposals

logger = Logger()

_ROUNDS = 5  # rounds of proposals, each at new prices
_SECONDS = 20.0  # for one program; one of two hundred orders takes milliseconds
_PROPOSE_SECONDS = 120.0  # for all proposals of a page; those of two hundred usual orders take a few
_MOVE_UNTIL = 300_000  # milliseconds that must be left to move orders; with less, orders are only released


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The plan of an order that moves, and its saving in micro-units: 0 if it could not stay."""

    order: Order
    plan: Plan
    saves: int


class WaveRun:
    """One run, and its counts."""

    def __init__(self) -> None:
        self.moved = self.released = self.saved = self.unsolved = 0

    def done(self) -> dict[str, int]:
        numbers = {"moved": self.moved, "released": self.released, "saved_micros": self.saved}
        return {**numbers, "unsolved": self.unsolved}

    def release_page(self, page: Sequence[str], now: datetime, millis_left: Callable[[], int]) -> None:
        """Release all orders of a page. Orders for which no common plan is found leave from their nodes."""
        moves: list[Move] = []

        def find() -> None:
            if millis_left() > _MOVE_UNTIL:
                moves.extend(self.find_moves(page, now))

        def release() -> None:
            going = {one.order.order_id for one in moves}
            # An order that takes over another's units comes after it: this is the order of `moves`.
            do_all(
                [
                    *(partial(self.move, one, now) for one in moves),
                    *(partial(self.release, order_id, now) for order_id in page if order_id not in going),
                ]
            )

        do_all([find, release])

    def find_moves(self, page: Sequence[str], now: datetime) -> list[Move]:
        """Return the moves, in the order in which they must be made. Returns none if no answer was found."""
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
        """Move an order and release it.

        It is only released if it changed since, or another order took its units.
        """
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
        """Release an order at its node. Units at a closed node go back to the router."""

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
    return Proposals(found, inputs_by_channel, now, _raise_when_over(clock.time_limit(_PROPOSE_SECONDS)))


def _raise_when_over(late: TimeLimit) -> TimeLimit:
    """Return a time limit for the proposals of a page. It raises Unsolved when the time is over: a search that did not
    end moves no order."""

    def is_over() -> bool:
        if late():
            raise Unsolved("no time was left to weigh them")
        return False

    return is_over


def _moves(proposals: Proposals) -> Iterator[Move]:
    """Yield the moves that pay, in their order. Raises Unsolved."""
    every = range(len(proposals.orders))
    stays = [proposals.stays(k) for k in every]
    wave = Wave(skus=proposals.skus(), stock=proposals.stock, propose=proposals.propose)
    for k in every:
        wave.add_plan(k, stays[k])
    wave.collect_proposals({}, everyone=True)
    found = wave.choose_plans(wave.run_rounds(_ROUNDS, _linear), _whole)
    better = [new if proposals.sends_all(k, new) else stays[k] for k, new in zip(every, found, strict=True)]
    for k in choose_moves(stays, better, proposals.stock, [proposals.least(k) for k in every]):
        plan, saves = proposals.plan(k, better[k]), proposals.saves(k, stays[k], better[k])
        yield Move(order=proposals.orders[k], plan=plan, saves=saves)


def _linear(program: Program) -> tuple[Sequence[float], Sequence[float]]:
    answer = solve(program, seconds=_SECONDS)
    return answer.columns, answer.duals


def _whole(program: Program) -> Sequence[float] | None:
    """Return the columns in whole numbers. Returns None if there is no answer in time: orders with parts of plans then
    keep their own proposals."""
    try:
        return solve(program, seconds=_SECONDS, whole=True).columns
    except Unsolved:
        return None
