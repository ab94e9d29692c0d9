"""
Fill the embedded AWS with a retailer through the public API, with the admin client.

Called by   local/cli.py (`comanda seed`, `comanda demo`); local/demo.py and the system tests for its clients and adjustments
Returns     how many requests it made of each kind; running it again changes nothing, and completes a run that ended early
Raises      client.Problem when the API refuses a request
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote
from zlib import crc32

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local import deploy, invitations
from local.instance import Instance
from local.retailer import arrivals, business, catalogue, money_reports, network, planning, prices, rates, shelves
from local.width import Width
from ops import carrier_files
from ops.client import Client, Problem

AT_ONCE = 8  # requests at once, while answers are fast
PATIENCE = 120.0  # seconds: on a busy machine a call waits a minute for a worker before its own time begins
ROWS = 500  # of one adjustment
_one_writer = threading.Lock()  # only one thread writes the clients file


def main(instance: Instance, *, console: Console | None = None) -> dict[str, int]:
    console = console or Console(highlight=False)
    began = time.monotonic()
    deployed = deploy.find_deployed(instance)
    counts: dict[str, int] = {}
    width = Width(AT_ONCE)
    with (
        admin(instance, deployed) as api,
        Progress(
            TextColumn("  {task.description:12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        ) as progress,
    ):

        def step(what: str, jobs: Iterable[Callable[[], Any]]) -> None:
            listed, start = list(jobs), time.monotonic()
            task = progress.add_task(what, total=len(listed))
            for _ in width.run(listed):
                progress.advance(task)
            progress.remove_task(task)
            counts[what] = len(listed)
            seconds, at_once = time.monotonic() - start, "" if width.now == AT_ONCE else f", {width.now} at once"
            console.print(f"  [dim]{what:14} {len(listed):5} in {seconds:3.0f} s{at_once}[/dim]", highlight=False)

        for what, jobs in _steps(api, instance):
            step(what, jobs)
        step("reports", _reports(instance, deployed["files-bucket"]))
        step("people", invitations.jobs(api, instance, deployed))
    kinds = ", ".join(f"{count} {what}" for what, count in counts.items() if what != "stock")
    console.print(
        f"  seeded: {kinds}, {len(shelves.opening())} shelves in {time.monotonic() - began:.0f} s", soft_wrap=True
    )
    return counts


def _steps(api: Client, instance: Instance) -> Iterator[tuple[str, list[Callable[[], Any]]]]:
    """Yield the name and the jobs of each step. A step may need the results of those before it."""
    # The documents of each kind name documents of the kinds before it.
    products = {product.sku: product.document for product in catalogue.products()} | arrivals.COMING
    for kind, documents in (
        ("legal-entities", business.LEGAL_ENTITIES),
        ("channels", business.CHANNELS),
        ("partners", business.partners()),
        ("calendars", network.calendars()),
        ("nodes", network.nodes()),
        ("hold-types", business.HOLD_TYPES),
        ("stock-policies", business.STOCK_POLICIES),
        ("products", prices.with_prices(products)),
        ("price-lists", prices.price_lists(products)),
        ("carriers", carrier_files.read(network.CARRIER_FILES)),
        ("rate-cards", rates.rate_cards()),
        ("routing-costs", rates.ROUTING_COSTS),
        ("rule-sets", planning.rule_sets()),
    ):
        yield kind, [_put(api, kind, name, document) for name, document in documents.items()]
    yield "in force", [_activate(api, name) for name in planning.IN_FORCE]
    yield "stock", [_adjust(api, rows) for rows in _pages(shelves.opening())]
    today = datetime.now(UTC).date().isoformat()
    yield "supplies", [_announce(api, name, body) for name, body in arrivals.announced(today).items()]
    kept = instance.known_clients()
    yield "clients", [_client(api, instance, kept, wanted) for wanted in business.clients().values()]


def _reports(instance: Instance, files_bucket: str) -> list[Callable[[], Any]]:
    """Return the jobs that put the first reports of money into the inbox, unless they were answered: their day is the first run's."""
    objects = instance.client("s3")

    def put(key: str, content: str) -> None:
        answers = f"outbox/{key.removeprefix('inbox/')}."
        if not objects.list_objects_v2(Bucket=files_bucket, Prefix=answers)["KeyCount"]:
            objects.put_object(Bucket=files_bucket, Key=key, Body=content.encode())

    found = money_reports.files(datetime.now(UTC).date().isoformat())
    return [partial(put, key, content) for key, content in found.items()]


def admin(instance: Instance, deployed: deploy.Deployed) -> Client:
    """Return the API client with the rights of the admin."""
    return named_client(instance, deployed, "admin")


def named_client(instance: Instance, deployed: deploy.Deployed, name: str) -> Client:
    """Return an API client with the credentials of this name in the instance's clients file."""
    kept = instance.known_clients()[name]
    return Client(deployed.base_url, deployed.token_url, kept["id"], kept["secret"], timeout=PATIENCE)


def _put(api: Client, kind: str, name: str, document: Any) -> Callable[[], Any]:
    return lambda: api.put(f"/v1/{kind}/{quote(name, safe='')}", document)


def _pages(rows: tuple[shelves.Row, ...]) -> list[tuple[shelves.Row, ...]]:
    return [rows[first : first + ROWS] for first in range(0, len(rows), ROWS)]


def _adjust(api: Client, rows: tuple[shelves.Row, ...]) -> Callable[[], Any]:
    """Return the job that adjusts these rows. The adjustment's id is made from its content, so it is applied once."""
    name = f"opening-{crc32(json.dumps(rows).encode()):08x}"
    return lambda: adjust(api, name, "opening stock", rows)


def _announce(api: Client, name: str, body: Any) -> Callable[[], Any]:
    """Return the job that announces a supply, unless it is there already: its days count from the first run."""
    return lambda: None if _is_there(api, f"/v1/stock/supplies/{name}") else api.post("/v1/stock/supplies", body)


def _activate(api: Client, name: str) -> Callable[[], Any]:
    """Return the job that activates the newest version of a rule set that never was active: a planner's choice stays."""

    def activate() -> None:
        rule_set = api.get(f"/v1/rule-sets/{name}")
        if not rule_set["activations"]:
            api.post(f"/v1/rule-sets/{name}/activate", {"version": rule_set["version"]})

    return activate


def adjust(api: Client, name: str, reason: str, rows: Iterable[shelves.Row]) -> Any:
    """Adjust stock by the units of each row, once for each name. Returns the answer."""
    body = {
        "adjustment_id": name,
        "reason": reason,
        "rows": [{"sku": sku, "node_id": node, "quantity": units} for sku, node, units in rows],
    }
    return api.post("/v1/stock/adjustments", body, key=name)


def _client(
    api: Client, instance: Instance, kept: dict[str, dict[str, str]], wanted: dict[str, Any]
) -> Callable[[], Any]:
    def make() -> None:
        name = wanted["name"]
        if name in kept and _is_there(api, f"/v1/clients/{kept[name]['id']}"):
            return
        # An earlier run may have ended before it remembered its answer. The same key gets that client again.
        before = kept[name]["id"] if name in kept else "none"
        made = api.post("/v1/clients", wanted, key=f"seed-{name}-after-{before}")
        with _one_writer:
            # A form's secret is in no answer: only the form's room reads it.
            instance.remember_client(name, {"id": made["client_id"], "secret": made.get("client_secret", "")})

    return make


def _is_there(api: Client, path: str) -> bool:
    try:
        api.get(path)
    except Problem as problem:
        if problem.status == 404:
            return False
        raise
    return True
