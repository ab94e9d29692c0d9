"""
Price the stock: compute the cost, for later orders, of taking a unit of a sku at a node. The router adds it to its costs.

Called by   a schedule, every night, with {}; people by hand (`comanda routing prices`)
Returns     {"days": that the forecast rests on, "skus": checked, "contested": priced, "prices": above 0,
            "written": items that changed, "unsolved": skus whose program did not end}
Raises      Unsolved, after every other sku was priced; the run is tried again, and twice is harmless

A sku that could not be priced keeps its last prices until their time is over (two days). Then it is routed without prices, as
before there were any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.directory import carriers, directory, routing_costs
from comanda.aws.orders import capacity
from comanda.aws.routing import regional_demand
from comanda.aws.routing.solver import Unsolved, solve
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.stock import position_reads, shadow_prices
from comanda.domain.network_optimization.price_program import (
    Market,
    Program,
    by_sku,
    prices_from_duals,
    program_of_sku,
    programs,
)
from comanda.domain.network_optimization.regional_demand import RegionalDemand, forecast, horizons
from comanda.domain.network_optimization.shadow_prices import Prices
from comanda.domain.orders.methods import SHIP
from comanda.domain.routing import workload
from comanda.domain.stock.stock import available_steps, join_lanes
from functions.price.rules import build_market

logger = Logger()
metrics = Metrics()

_PAGE = 100  # skus that are read at once: at five hundred nodes each that is fifty thousand positions
_SECONDS = 120.0  # for one program: of one sku it takes milliseconds, of 2,000 that three full nodes tie 12 s
# Milliseconds that must be left for publishing: programs that are not solved by then wait for the next run.
_SOLVE_UNTIL = 60_000
_COUNT_UNTIL = 420_000  # milliseconds that must be left for the rest, when days are still to be counted


@room
@metrics.log_metrics
def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    now = clock.now()
    known = _known_demand(now, context)
    shelves = SkuShelves(now)
    for page in _pages(directory.names(directory.PRODUCT)):
        shelves.read(page)
    done = {
        "days": len(known),
        "skus": len(shelves.stock),
        **_publish_prices(_market(known, shelves, now), shelves, now, context),
    }
    logger.info("priced", extra=done)
    metrics.add_metric("PricesPublished", MetricUnit.Count, done["written"])
    if done["unsolved"]:
        raise Unsolved(f"{done['unsolved']} skus")
    return done


@dataclass(slots=True)
class SkuShelves:
    """The units that may be sent now of each sku, the day of its next supply, and the skus that have prices."""

    now: datetime
    stock: dict[str, dict[str, int]] = field(default_factory=dict)
    supplies: dict[str, str] = field(default_factory=dict)
    priced: set[str] = field(default_factory=set)

    def read(self, skus: Sequence[str]) -> None:
        read, before = position_reads.load_with_prices(skus, self.now)
        self.priced.update(sku for sku, _ in before)
        for position in join_lanes(directory.offers(skus).with_safety(read, None, dict.fromkeys(skus, (SHIP,)))):
            here = self.stock.setdefault(position.sku, {})
            if position.ship and (units := position.available):
                here[position.node] = units
            if position.supplies and (later := available_steps(position, self.now)[1:]):
                self.supplies[position.sku] = min(later[0][0], self.supplies.get(position.sku, later[0][0]))


def _known_demand(now: datetime, context: Any) -> dict[date, RegionalDemand]:
    """Return the demand of the past days, of as many as there is time to count. Days that were counted before take no
    time."""
    found: dict[date, RegionalDemand] = {}
    channels = directory.names(directory.CHANNEL)
    for day in regional_demand.forecast_days(now.date()):
        if context.get_remaining_time_in_millis() < _COUNT_UNTIL:
            logger.warning("days are left for the next run", extra={"counted": len(found)})
            break
        found[day] = RegionalDemand()
        for channel in channels:
            found[day].add(regional_demand.demand_of_day(channel, day, now))
    return found


def _market(known: dict[date, RegionalDemand], shelves: SkuShelves, now: datetime) -> Market:
    horizon = horizons(shelves.supplies, now.date())
    wanted = forecast(known, now.date(), horizon, shelves.stock)
    wanted.add(regional_demand.waiting_demand(), skus=frozenset(shelves.stock))
    nodes = [node for node in directory.nodes() if not node.closed(now)]
    taken = capacity.planned_units(nodes, now)
    room = {node.node_id: units for node in nodes if (units := workload.room(node, now, taken)) is not None}
    costs = routing_costs.costs(node.country for node in nodes)
    return build_market(wanted.wanted, wanted.regions, shelves.stock, nodes, room, carriers.carriers(), costs)


def _publish_prices(market: Market, shelves: SkuShelves, now: datetime, context: Any) -> dict[str, int]:
    """Solve program by program, publish the prices of each, and return counts."""
    run, contested, unsolved, written, found_prices = clock.text(now), 0, 0, 0, 0
    left = set(shelves.priced)  # skus that had prices and are plentiful now have none
    for skus, answer in _prices_by_program(market, context):
        left -= skus
        contested += len(skus)
        if answer is None:
            unsolved += len(skus)
            continue
        prices = by_sku(answer)
        found_prices += sum(map(len, prices.values()))
        for sku in sorted(skus):
            if sku in prices or sku in shelves.priced:
                written += shadow_prices.publish(sku, prices.get(sku, {}), run, now)
    for sku in sorted(left):
        written += shadow_prices.publish(sku, {}, run, now)
    return {"contested": contested, "prices": found_prices, "written": written, "unsolved": unsolved}


def _prices_by_program(market: Market, context: Any) -> Iterator[tuple[set[str], Prices | None]]:
    """Yield the skus of each program, and their prices; None where it did not end in time.

    Skus that full nodes tie together are solved one by one if they take too long together. Then the room at these nodes
    has no price, and their stock still has.
    """
    for program in programs(market):
        skus = {sku for sku, _ in program.stock}
        together = _solve(program, context)
        if together is not None or len(skus) == 1:
            yield skus, together
            continue
        for sku in sorted(skus):
            yield {sku}, _solve(program_of_sku(market, sku), context)


def _solve(program: Program, context: Any) -> Prices | None:
    """Return the prices of a program. Returns None when it does not end in its time, or in the time that is left of
    this run."""
    seconds = min(_SECONDS, (context.get_remaining_time_in_millis() - _SOLVE_UNTIL) / 1000)
    if seconds < 0:
        logger.warning("no time is left for a program", extra={"columns": len(program.costs)})
        return None
    try:
        return prices_from_duals(program, solve(program, seconds=seconds).duals)
    except Unsolved as unsolved:
        size = {"columns": len(program.costs), "rows": len(program.rows), "status": str(unsolved)}
        logger.warning("a program did not end", extra=size)
        return None


def _pages(skus: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(skus), _PAGE):
        yield skus[first : first + _PAGE]
