"""
Measure `reservation:`: the write units of a reserved line, and the refused writes while sixteen threads want one sku.

The naive way beside it reads, thinks and writes under a version. Requests go through the door, with AWS in this process.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

from bench import naive_reservation as naive
from bench.capacity import Meter
from bench.figures import Figure
from bench.inprocess import a_world, quiet
from comanda.aws.directory import packs
from comanda.aws.dynamodb.transaction import TRIES
from comanda.aws.runtime.clients import client
from comanda.aws.stock import stock_changes
from comanda.domain.stock.movements import adjust
from comanda.domain.stock.stock import SELLABLE
from tests.faults import conflicts
from tests.functions.storm import one_process_each
from tests.functions.world import World

SEED = 20261122
NODE, SKU = "dc-1", "TEA-001"
SIZES = (1, 10, 100, 1000)
THREADS, EACH = 16, 25
_PATIENCE = 100


def figures() -> list[Figure]:
    with quiet():
        return [*_units(), *_races()]


def _units() -> list[Figure]:
    """Return the write units of a line, for reservations of one line to a thousand, with the record of the answer."""
    made = []
    for lines in SIZES:
        with a_world() as world:
            skus = [f"SKU-{n:04d}" for n in range(lines)]
            _opened(world, skus)
            for sku in skus:
                naive.open_stock(sku, 100)
            ours = _written(partial(_answered, world, _body("cart", *skus)))
            theirs = _written(partial(_line_by_line, skus))
        name = f"write units for a line, {lines} {'line' if lines == 1 else 'lines'}"
        made.append(_figure(name, round(ours / lines, 2), "units", baseline=round(theirs / lines, 2)))
    return made


def _opened(world: World, skus: list[str]) -> None:
    for sku in skus:
        world.product(sku)
    packs.rebuild(())
    opening = partial(adjust, node=NODE, bucket=SELLABLE, delta=100, source="opening", line="1", reason="count")
    changes = [opening(sku, now=world.now) for sku in skus]
    for first in range(0, len(changes), 50):
        stock_changes.apply(changes[first : first + 50], [])


def _body(request_id: str, *skus: str) -> dict[str, Any]:
    return {"request_id": request_id, "lines": [{"sku": sku, "node_id": NODE, "quantity": 1} for sku in skus]}


def _answered(world: World, body: dict[str, Any]) -> None:
    reply = world.call("POST", "/v1/reservations", body)
    if reply.status != 201:
        raise RuntimeError(reply.body)


def _line_by_line(skus: list[str]) -> None:
    for number, sku in enumerate(skus):
        naive.reserve("cart", number, sku, 1, naive.Tries())


def _written(what: Callable[[], object]) -> float:
    """Count the write units of all requests."""
    meter, units = Meter(), [0.0]

    def count(params: dict[str, Any], model: Any, **_: object) -> None:
        if model.name in ("TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem"):
            units[0] += meter.units(model.name, params, {})[0]

    events = client("dynamodb").meta.events
    events.register("provide-client-params.dynamodb", count, unique_id="units")
    try:
        what()
    finally:
        events.unregister("provide-client-params.dynamodb", unique_id="units")
    return units[0]


def _races() -> list[Figure]:
    made = []
    for name, p in (("and one transaction of three collides", 0.3), ("and nothing else goes wrong", 0.0)):
        ours, theirs = _refused(p, _ours), _refused(p, _theirs)
        figure = f"writes refused for 1,000 reservations, {THREADS} threads on one sku, {name}"
        made.append(_figure(figure, ours, "writes", baseline=theirs))
    return made


Buyer = Callable[[World, str, naive.Tries], None]


def _refused(p: float, buyer: Buyer) -> float:
    with a_world() as world:
        units = THREADS * EACH
        world.stocked(SKU, dc_1=units)
        naive.open_stock(SKU, units)
        tries = naive.Tries()
        counting = _counted(tries) if buyer is _ours else nullcontext()
        faults = conflicts(SEED, p=p, throttled=0.0)
        with faults, counting, one_process_each(), ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda n: buyer(world, f"r{n}", tries), range(units)))
    return round(1000 * tries.refused / units, 1)


@contextmanager
def _counted(tries: naive.Tries) -> Iterator[None]:
    def count(parsed: dict[str, Any], model: Any, **_: object) -> None:
        if model.name == "TransactWriteItems":
            tries.made += 1
            tries.refused += "Error" in parsed

    events = client("dynamodb").meta.events
    events.register_first("after-call.dynamodb", count, unique_id="tries")
    try:
        yield
    finally:
        events.unregister("after-call.dynamodb", unique_id="tries")


def _ours(world: World, name: str, _: naive.Tries) -> None:
    for _attempt in range(_PATIENCE):
        if world.call("POST", "/v1/reservations", _body(name, SKU), key=name).status == 201:
            return
    raise RuntimeError(f"{name} was not served in {_PATIENCE * TRIES} tries")


def _theirs(_: World, name: str, tries: naive.Tries) -> None:
    if not naive.reserve(name, 0, SKU, 1, tries):
        raise RuntimeError(json.dumps({"refused": name}))


def _figure(name: str, value: float, unit: str, baseline: float) -> Figure:
    return Figure(figure=f"reservation: {name}", value=value, unit=unit, seed=SEED, baseline=baseline)
