"""
Run a day's business in a few minutes: real baskets are placed, reviewed, routed, worked by crews and partners, invoiced, mailed.

Called by   local/cli.py (`comanda demo`)
Returns     0 when every promise of the demonstration was kept and every identity holds, else 1
Raises      client.Problem when the API refuses a request
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra import names
from infra.stages import LOCAL
from local import deploy, outcome, phone_order, seed
from local.crew import PICKUP, Crew, Files, Fulfillment, Race, change_order
from local.day import Day, Order
from local.instance import ACCOUNT, REGION, Instance
from local.parts import Parts
from local.retailer import baskets, network, shelves
from local.retailer.business import BRASIL, GROVE, MARKETPLACE, RIDGELINE, WEB
from local.tour import Sight
from ops import identities
from ops.client import Client

SEED = 20260101
LARGE = 3  # orders that sales reviews first
AT_ONCE = 8
LIMIT_SECONDS = 480.0  # far more than the work takes: the limit only ends a wait that would never end
POLL_SECONDS = 1.0  # between two reads of the day's orders

OFFERED = "OFFERED"
LEFT = "left"  # sales has not decided: whoever looks at the demonstration does
DONE = frozenset({"SHIPPED", "PICKED_UP", "PROVIDED", "DELIVERED", "LOST", "CANCELLED"})


class Late(RuntimeError):
    """A step of the day did not end in time; the message names it."""


def main(instance: Instance, orders: int = 100, parts: Parts | None = None) -> tuple[int, tuple[Sight, ...]]:
    """Run the day. Returns the exit code, and the orders to look at in the console."""
    console = Console(highlight=False)
    console.print(f"\n  [dim]{baskets.terms()}[/dim]\n", soft_wrap=True)
    try:
        return _run_demo(instance, orders, console, parts or Parts())
    except Late as late:
        console.print(f"  [red]{late}[/red]", soft_wrap=True)
        return 1, ()


def _run_demo(instance: Instance, orders: int, console: Console, parts: Parts) -> tuple[int, tuple[Sight, ...]]:
    deployed = deploy.find_deployed(instance)
    day = _prepare_day(instance, deployed)
    with parts.part("orders"):
        snapshot = _run_day(instance, deployed, day, orders, console)
    with parts.part("checks"), day.timed("identities"):
        found = identities.violations(snapshot)
    became = outcome.count_outcome(day, snapshot, found, instance)
    return outcome.print_outcome(console, became), became.sights


def _run_day(
    instance: Instance, deployed: deploy.Deployed, day: Day, orders: int, console: Console
) -> identities.Snapshot:
    """Run the day, from its delivery to its last mail. Returns the tables at its end."""
    columns = TextColumn("  {task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        bars = {what: progress.add_task(what, total=orders) for what in ("placed", "routed", "done", "invoiced")}

        def show(**counts: int) -> None:
            for what, count in counts.items():
                progress.update(bars[what], completed=count)

        with day.timed("delivery"):
            seed.adjust(day.admin, f"delivery-{day.run}", "morning delivery", shelves.delivery())
        with day.timed("place"):
            _place_orders(day, orders, lambda count: show(placed=count))
        with day.timed("review"):
            _review(day)
        with day.timed("work"):
            views = _work(day, show)
        with day.timed("machines"):
            _wait_until_none("machines that have not ended", lambda: _running(instance, views))
    names_of_tables = {table: deployed[f"{table}-table"] for table in identities.TABLES}
    with day.timed("mails"):
        return _wait_for_mails(instance, names_of_tables)


def _prepare_day(instance: Instance, deployed: deploy.Deployed) -> Day:
    def client(name: str) -> Client:
        return seed.named_client(instance, deployed, name)

    run = f"{int(time.time()):x}"
    stores_us, stores_br = client("system-stores-us"), client("system-stores-br")
    crews = {
        "dc-east": Crew(client=client("system-dc-east"), carrier="northway", terse=True),
        "dc-brasil": Crew(client=client("system-dc-brasil"), carrier="cometa", terse=True),
        **{store.id: Crew(client=stores_us, carrier="northway") for store in network.stores("US")},
        **{store.id: Crew(client=stores_br, carrier="cometa") for store in network.stores("BR")},
    }
    s3 = instance.client("s3")
    files = {
        place.id: Files(partner=place.partner, s3=s3, bucket=deployed[names.FILES], run=run)
        for place in network.places()
        if place.partner
    }
    shops = {channel: client(f"shop-{channel}") for channel in (WEB, MARKETPLACE, BRASIL)}
    return Day(run=run, admin=seed.admin(instance, deployed), shops=shops, crews=crews, files=files)


def _place_orders(day: Day, count: int, show: Callable[[int], None]) -> None:
    """Place seven in ten orders in the web shop, two in the marketplace, one in Brazil. Some are picked up at a store."""
    dice = Random(SEED)

    def place_order(numbered: tuple[int, baskets.Basket]) -> tuple[int, str, str]:
        i, basket = numbered
        channel = BRASIL if i % 10 == 9 else MARKETPLACE if i % 5 == 3 else WEB
        pickup = channel == WEB and i % 5 == 0
        where = _store_with(basket) if pickup else towns[i]
        body = baskets.order(basket, channel=channel, place=where, run=day.run, pickup=pickup, two_tenders=i % 7 == 0)
        return i, channel, day.shops[channel].post("/v1/orders", body)["order_id"]

    found = baskets.load(count, seed=SEED, large=LARGE)
    towns = [dice.choice(network.stores("BR" if i % 10 == 9 else "US")) for i in range(count)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done, (i, channel, order_id) in enumerate(pool.map(place_order, enumerate(found)), start=1):
            day.orders[order_id] = channel
            if i % 8 == 4:
                day.declines.add(order_id)
            if i % 11 == 7:
                day.shorts.add(order_id)
            show(done)
    _sell_by_phone(day, found)


def _sell_by_phone(day: Day, found: Sequence[baskets.Basket]) -> None:
    """Sell what one household bought once more, by phone."""
    sold = phone_order.sell(day, next((one for one in found if len(one.lines) > 1), found[0]))
    day.orders[sold.order_id] = WEB
    day.phone = sold.story


def _store_with(basket: baskets.Basket) -> network.Place:
    """Return the store that has most skus of the basket."""
    skus = {sku for sku, _, _ in basket.lines}
    return max(network.stores("US"), key=lambda store: (len(shelves.assortment(store.id) & skus), store.id))


def _review(day: Day) -> None:
    """Decide as sales on the orders that the value rule holds: reject the first, confirm others, leave the last to people."""
    waiting = [item["order_id"] for item in day.admin.pages("/v1/queues/sales-review", limit=100)]
    held = sorted(order_id for order_id in waiting if order_id in day.orders)
    for order_id in held:
        if order_id == held[-1] and "confirm" in day.reviewed.values():
            day.reviewed[order_id] = LEFT
        elif "reject" in day.reviewed.values():
            change_order(day.admin, order_id, "confirm", {})
            day.reviewed[order_id] = "confirm"
        else:
            change_order(day.admin, order_id, "reject", {"reason": "address is a parcel locker"})
            day.reviewed[order_id] = "reject"


def _work(day: Day, show: Callable[..., None]) -> list[Order]:
    """Read the day's orders again and again, and give each new offer to its node's crew, until no order needs work."""
    until = time.monotonic() + LIMIT_SECONDS
    jobs: set[Future[None]] = set()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while True:
            views = day.views()
            show(
                routed=sum(bool(order["fulfillments"]) or _settled(order) for order in views),
                done=sum(_settled(order) for order in views),
                invoiced=sum(_invoiced(order) for order in views),
            )
            jobs |= {pool.submit(job) for job in _jobs(day, views)}
            if not jobs and len(views) == len(day.orders) and all(_rests(day, o) for o in views):
                return views
            if time.monotonic() > until:
                raise Late(f"these orders are not finished: {[o['order_id'] for o in views if not _invoiced(o)]}")
            if not jobs:
                time.sleep(POLL_SECONDS)  # no work until a machine has gone on
            done, jobs = wait(jobs, timeout=POLL_SECONDS)
            for job in done:
                job.result()


def _jobs(day: Day, views: list[Order]) -> Iterator[Callable[[], None]]:
    """Yield a job for each new offer to a crew, and one for each partner that has new offers."""
    offers: dict[str, list[Fulfillment]] = {}
    for order in views:
        for fulfillment in order["fulfillments"]:
            if fulfillment["status"] == OFFERED and fulfillment["fulfillment_id"] not in day.seen:
                day.seen.add(fulfillment["fulfillment_id"])
                if fulfillment["node_id"] in day.files:
                    offers.setdefault(fulfillment["node_id"], []).append(fulfillment)
                else:
                    yield _job(day, order, fulfillment)
    for node, offered in offers.items():
        yield _send_file(day.files[node], offered)


def _job(day: Day, order: Order, fulfillment: Fulfillment) -> Callable[[], None]:
    """Return the crew's job for one offer: a decline, a short pick, the race with a cancel, or plain work."""
    order_id, crew = order["order_id"], day.crews[fulfillment["node_id"]]
    shipped = fulfillment["method"] != PICKUP
    if shipped and order_id in day.declines:
        day.declines.remove(order_id)
        return lambda: crew.decline(fulfillment)
    if shipped and order_id in day.shorts:
        day.shorts.remove(order_id)
        return lambda: crew.work(fulfillment, short=True)
    if shipped and day.race is None and len(order["fulfillments"]) == 1 and order_id not in day.reviewed:
        day.race, day.raced = Race(shop=day.shops[day.orders[order_id]], crew=crew), order_id
        race = day.race
        return lambda: race.run(fulfillment)
    return lambda: crew.work(fulfillment)


def _send_file(files: Files, offered: list[Fulfillment]) -> Callable[[], None]:
    """Return the job of a partner. The vendor sends JSON Lines. The 3PL sends CSV, its first file with a mistake and twice."""

    def send() -> None:
        if files.partner == GROVE:
            files.json_lines(offered)
            return
        first = not files.sent
        files.csv(offered, mistyped=first)
        if first:
            files.again()

    assert files.partner in (GROVE, RIDGELINE)
    return send


def _settled(order: Order) -> bool:
    return set(order["quantities"]) <= DONE


def _invoiced(order: Order) -> bool:
    gone = (f for f in order["fulfillments"] if f["status"] in ("SHIPPED", "PICKED_UP"))
    return _settled(order) and all(f["invoice_id"] for f in gone)


def _rests(day: Day, order: Order) -> bool:
    """Return whether nobody of the demonstration does anything more for the order."""
    return _invoiced(order) or _parked(order) or day.reviewed.get(order["order_id"]) == LEFT


def _parked(order: Order) -> bool:
    """Return whether the order waits for a person or a delivery: every unit that is not done is in a queue."""
    return not _settled(order) and all(
        line["waits_in"] or allocation["status"] in DONE | {"BACKORDERED"}
        for line in order["lines"]
        for allocation in line["allocations"]
    )


def _running(instance: Instance, views: list[Order]) -> int:
    """Count the executions that still run for orders that need no machine any more."""
    ended = {order["order_id"].rsplit("_", 1)[-1] for order in views if _invoiced(order)}
    states = instance.client("stepfunctions")
    running = 0
    for machine in names.MACHINES:
        arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{names.machine(LOCAL, machine)}"
        pages = states.get_paginator("list_executions").paginate(stateMachineArn=arn, statusFilter="RUNNING")
        for page in pages:
            running += sum(e["name"].rsplit("_", 1)[-1].split("-")[0] in ended for e in page["executions"])
    return running


def _wait_until_none(what: str, left: Callable[[], int], limit: float = 60.0) -> None:
    """Wait until `left` returns 0. Raises Late after `limit` seconds."""
    until = time.monotonic() + limit
    while count := left():
        if time.monotonic() > until:
            raise Late(f"{count} {what} after {limit:.0f} s")
        time.sleep(POLL_SECONDS)


def _wait_for_mails(instance: Instance, tables: dict[str, str], limit: float = 60.0) -> identities.Snapshot:
    """Return the tables when every mail is sent, or after `limit` seconds: the identities then name the missing mails."""
    until = time.monotonic() + limit
    while True:
        snapshot = identities.read(instance.client("dynamodb"), tables)
        if time.monotonic() > until or not list(identities.mails(snapshot)):
            return snapshot
        time.sleep(POLL_SECONDS)
