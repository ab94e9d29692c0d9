"""
Measure `stage:`: the time of pages of the console on a deployed stage, beside that of their API calls made directly.

A person of the seeded retailer signs in at the pool's own page. Each page is opened over the gateway, and in turn with it the
same person's token makes the same API calls over the same gateway, side by side where the page makes them so. Which calls a
page makes is asked of the page's own code. The stage is an embedded AWS of its own, or the one that COMANDA_NAME names.
"""

import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from random import Random
from typing import Any, cast
from urllib.parse import parse_qs, urlencode
from uuid import uuid4

from bench.figures import Figure
from bench.inprocess import quiet
from comanda.aws.api_client.calls import Answer, Call, read_json
from comanda.aws.api_client.server import Server
from functions.console import front_door, screens
from functions.console.front_door import FrontDoor
from functions.console.incoming import Incoming
from functions.console.request import Request
from functions.console.session import OpenSession
from functions.console.view import Person, View
from local import deploy, emulator, seed
from local.instance import Instance
from local.retailer import baskets, network
from local.retailer.business import WEB
from ops.client import Client
from tests.system import people
from tests.system.test_console import Browser, signed_in
from tests.system.world import DeployedWorld, eventually

_ROWS, _WARM, _TIMES = 50, 3, 25
_WHO = "sales"
_QUEUE = "sales-review"
_SECONDS = 60.0
_BAR = 1.3


def figures() -> list[Figure]:
    with _stage() as world:
        person = world.instance.known_people()[_WHO]
        pages = _pages(world)
        token = people.sign_in(world, person["id"], person["email"], person["password"]).access
        made: list[Figure] = []
        for name, path in pages.items():
            page, calls = _measured(world, path, person, token)
            ratio = round(page / calls, 2)
            named = f"stage: {name}, time to that of its API calls made directly"
            made += [
                Figure(figure=named, value=ratio, unit="", bar=_BAR),
                Figure(figure=f"stage: {name}, time", value=round(page, 1), unit="ms"),
                Figure(figure=f"stage: {name}, time of its API calls alone", value=round(calls, 1), unit="ms"),
            ]
        return made


@contextmanager
def _stage() -> Iterator[DeployedWorld]:
    """Give a stage with the seeded retailer. One of its own is stopped afterwards, and keeps its state for the next time."""
    own = not os.environ.get("COMANDA_NAME")
    instance = Instance(name="bench") if own else Instance.current()
    try:
        with quiet():
            deployed = deploy.up(instance, lambda _: None)
            seed.main(instance)
        yield DeployedWorld(instance, deployed, {"admin": seed.admin(instance, deployed)})
    finally:
        if own:
            emulator.stop(instance)


def _pages(world: DeployedWorld) -> dict[str, str]:
    """Let as many orders wait for sales as fill a page, ship none, and return the pages by name with their paths."""
    shop = seed.named_client(world.instance, world.deployed, f"shop-{WEB}")
    waiting = [item["order_id"] for item in world.office.get(f"/v1/queues/{_QUEUE}?limit={_ROWS}")["items"]]
    bodies = _orders(_ROWS + 1)
    held = waiting + [_placed(shop, body, "order-form") for body in bodies[len(waiting) : _ROWS]]
    routed = _placed(shop, bodies[_ROWS])
    world.until({"order_id": routed}, lambda order: order["fulfillments"], "a fulfillment")
    eventually(lambda: len(world.office.get(f"/v1/queues/{_QUEUE}?limit={_ROWS}")["items"]) == _ROWS, "a full queue")
    return {
        "home": "",
        "queue of 50": f"queues/{_QUEUE}",
        "review": f"orders/{held[0]}/review",
        "order": f"orders/{routed}",
        "list of 50 orders": f"orders?channel={WEB}&day={datetime.now(UTC):%Y-%m-%d}",
    }


def _orders(count: int) -> list[dict[str, Any]]:
    dice, run = Random(7), uuid4().hex[:8]
    stores = network.stores("US")
    found = baskets.load(count, seed=7)
    return [baskets.order(basket, channel=WEB, place=dice.choice(stores), run=run) for basket in found]


def _placed(shop: Client, body: dict[str, Any], *tags: str) -> str:
    return str(shop.post("/v1/orders", {**body, "tags": [*tags]})["order_id"])


def _measured(world: DeployedWorld, path: str, person: dict[str, str], token: str) -> tuple[float, float]:
    """Return the median milliseconds of a page and of its API calls, which are made in turn."""
    browser = Browser(world)
    assert signed_in(browser, person["email"], person["password"]).status_code == 200
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    console = Server(browser.console, _SECONDS)
    direct = _Direct(world.deployed.base_url, token)
    calls = _calls(direct, path)
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(_WARM + _TIMES):
        direct.asked.clear()
        began = time.perf_counter()
        answer = console.send("GET", f"/{path}" if path else "", {"Cookie": cookies})
        opened = time.perf_counter()
        assert answer.status == 200, answer.body[:500]
        for together in calls:
            assert all(one.ok for one in direct.ask(*together))
        took[0].append(opened - began)
        took[1].append(time.perf_counter() - opened)
    page, alone = (statistics.median(one[_WARM:]) * 1_000 for one in took)
    return page, alone


class _Direct(FrontDoor):
    """The API as a client of its own calls it, with one person's token. `asked` are the calls, those together that ran side by
    side."""

    def __init__(self, base: str, token: str) -> None:
        super().__init__(lambda: token, None, "bench")
        self._server, self._pool = Server(base, _SECONDS), ThreadPoolExecutor(front_door.SIDE_BY_SIDE)
        self._sent = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self.asked: list[tuple[Call, ...]] = []

    def ask(self, *calls: Call) -> tuple[Answer, ...]:
        self.asked.append(calls)
        return tuple(self._pool.map(self._one, calls))

    def _one(self, call: Call) -> Answer:
        query = f"?{urlencode(call.query)}" if call.query else ""
        raw = self._server.send(call.method, call.path + query, self._sent)
        return Answer(status=raw.status, body=read_json(raw.body), etag=raw.headers.get("etag"))


def _calls(direct: _Direct, path: str) -> list[tuple[Call, ...]]:
    """Return the calls that a page makes, those together that run side by side."""
    bare, _, query = path.partition("?")
    found = screens.find(bare)
    if found is None:
        raise ValueError(f"no screen has the path {bare}")
    screen, values = found
    someone = Person(id="bench", name="Bench", roles=frozenset({"staff"}), desks=frozenset({_WHO}))
    asked = {name: tuple(many) for name, many in parse_qs(query).items()}
    request = Request(
        incoming=Incoming(method="GET", path=bare, query=asked, headers={}, body=b"", trace=""),
        values=values,
        view=View(title=screen.title, path=bare, person=someone),
        person=someone,
        session=cast(OpenSession, None),  # no page asks for it
        door=direct,
        now=datetime.now(UTC),
    )
    direct.asked.clear()
    assert import_module(f"functions.console.pages.{screen.module}").show(request).status == 200
    return [calls for calls in direct.asked if calls]
