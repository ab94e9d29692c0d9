"""
Measure `numbers:`: two thousand invoices of one series that are issued within a minute, on a deployed stage of its own.

Their rows are written, and their events put on the bus, evenly over the minute, as the rooms invoice and relay do; to ship as
many orders would take two cores an hour. The rule, the queue and the room number are those of the stage. Beside it sixteen
machines draw numbers in the transaction of each invoice, as it was done before, and repeat what lost.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from bench import taped_instance
from bench.capacity import Meter
from bench.costs import COUNTED, PRICES
from bench.figures import Figure
from bench.inprocess import quiet
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item, pack
from comanda.domain import ids
from infra import names
from infra.rooms import ROOMS
from infra.stages import LOCAL
from local import deploy
from local.deploy import Deployed
from local.instance import Instance

COUNT, SECONDS, TOGETHER = 2_000, 60, 10
PATIENCE = 120  # seconds after the last issue
MACHINES, BEFORE = 16, 320
SERIES, CHANNEL, CELL = "dc-east", "web", "us1"


def figures() -> list[Figure]:
    with taped_instance.start("numbers") as instance, quiet():
        deployed = deploy.up(instance, lambda _: None)
        clock = Clock(instance, deployed)
        clock.issue(-1, COUNT + BEFORE)  # the first call of the room is no figure
        clock.wait_for(1)
        begin = taped_instance.length(instance)
        late = clock.run()
        taped_instance.wait_until_quiet(instance)
        tape = taped_instance.lines(instance)
        wrong, tries = clock.gaps(), Before(instance, deployed).run()
    return [
        *_figures(wrong, late, tape, begin),
        _figure("transactions for an invoice before, 16 at once", tries, "tries"),
    ]


def _figure(what: str, value: float, unit: str, **more: Any) -> Figure:
    return Figure(figure=f"numbers: {what}", value=round(value, 3), unit=unit, **more)


class Clock:
    """The stage on which invoices are issued second after second."""

    def __init__(self, instance: Instance, deployed: Deployed) -> None:
        self.deployed, self.bus = deployed, instance.client("events")
        self.dynamodb = instance.client("dynamodb")

    def run(self) -> float:
        """Issue all invoices, and return the seconds from the last of them until each has its number."""
        began = time.monotonic()
        for n in range(0, COUNT, TOGETHER):
            time.sleep(max(0.0, began + n * SECONDS / COUNT - time.monotonic()))
            self.issue(n, n)
        issued = time.monotonic()
        assert issued - began <= SECONDS + 5, f"{COUNT} invoices took {issued - began:.0f} s to issue"
        self.wait_for(COUNT + 1)
        return time.monotonic() - issued

    def issue(self, n: int, first: int) -> None:
        """Write the next invoices, one if `n` is negative, and publish them."""
        made = [an_invoice(first + i, datetime.now(UTC)) for i in range(TOGETHER if n >= 0 else 1)]
        table = self.deployed[names.ORDERS]
        self.dynamodb.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item(row)}} for row in made]})
        events = [{"data": {"channel": CHANNEL, "invoice": keys.id_of_document(row)}} for row in made]
        kind = "comanda.order.invoiced.v1"
        self.bus.put_events(
            Entries=[
                {
                    "EventBusName": self.deployed[names.BUS],
                    "Source": f"comanda.{CELL}",
                    "DetailType": kind,
                    "Detail": json.dumps({**event, "type": kind}),
                }
                for event in events
            ]
        )

    def wait_for(self, last: int) -> None:
        """Wait until the series has come to this number."""
        until = time.monotonic() + PATIENCE
        while self.last() < last:
            assert time.monotonic() < until, f"only {self.last()} of {last} invoices have a number"
            time.sleep(0.1)

    def last(self) -> int:
        key = item(dict(keys.series("invoice", SERIES)))
        found = self.dynamodb.get_item(TableName=self.deployed[names.DIRECTORY], Key=key, ConsistentRead=True)
        return int(found.get("Item", {}).get("last", {}).get("N", 0))

    def gaps(self) -> int:
        """Return how many numbers are missing or were given twice."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.deployed[names.ORDERS])
        rows = [row for page in pages for row in page["Items"] if row["sk"]["S"] == "I#001"]
        given = sorted(int(row["number"]["N"]) for row in rows if "number" in row)
        return len({*given} ^ {*range(1, COUNT + 2)}) + len(given) - len({*given}) + len(rows) - len(given)


def an_invoice(n: int, at: datetime) -> dict[str, Any]:
    """Return the row of an invoice of three lines that has no number yet."""
    order_id = ids.order(CELL, ids.ulid(1, n))
    money = {"amount": 1_000 + n, "currency": "USD"}
    amounts = dict.fromkeys(("unit_price", "goods", "discount", "charges", "tax", "charges_tax"), money)
    line = {"sku": "TEA-001", "quantity": 2, "title": "Ceylon tea, loose, in a tin", "tax_rate": "0.0825", **amounts}
    invoice_id = ids.invoice(order_id, 1)
    doc = {
        "invoice_id": invoice_id,
        "number": None,
        "order_id": order_id,
        "issued_at": at.isoformat(),
        "currency": "USD",
        "lines": [{"line_id": str(i), **line} for i in range(3)],
        "totals": dict.fromkeys(("goods", "discounts", "charges", "tax", "total"), money),
    }
    values = {"series": SERIES, "channel": CHANNEL, "total": money["amount"], "doc": pack(doc)}
    return {**keys.invoice(order_id, 1), **keys.unnumbered(at, invoice_id), **values}


class Before:
    """Machines that draw the number of each invoice in its own transaction. The series is another one."""

    def __init__(self, instance: Instance, deployed: Deployed) -> None:
        self.deployed, self.dynamodb, self.tries = deployed, instance.client("dynamodb"), 0
        self.key = item(dict(keys.series("invoice", "before")))
        self.dynamodb.put_item(TableName=deployed[names.DIRECTORY], Item={**self.key, "last": {"N": "1"}})

    def run(self) -> float:
        """Return the transactions that an invoice needed."""
        with ThreadPoolExecutor(MACHINES) as pool:
            return sum(pool.map(self._invoice, range(BEFORE))) / BEFORE

    def _invoice(self, n: int) -> int:
        row = an_invoice(COUNT + n, datetime.now(UTC))
        for tries in range(1, 1_000):
            table = self.deployed[names.DIRECTORY]
            last = self.dynamodb.get_item(TableName=table, Key=self.key, ConsistentRead=True)["Item"]["last"]["N"]
            draw = {
                "TableName": table,
                "Key": self.key,
                "UpdateExpression": "SET #last = :next",
                "ConditionExpression": "#last = :last",
                "ExpressionAttributeNames": {"#last": "last"},
                "ExpressionAttributeValues": {":last": {"N": last}, ":next": {"N": str(int(last) + 1)}},
            }
            number = {**keys.invoice_number("invoice", "before", int(last) + 1), "order_id": "x"}
            puts = [{"Put": {"TableName": self.deployed[names.ORDERS], "Item": item(one)}} for one in (row, number)]
            try:
                self.dynamodb.transact_write_items(TransactItems=[{"Update": draw}, *puts])
            except ClientError as error:
                if error.response["Error"]["Code"] != "TransactionCanceledException":
                    raise
                continue
            return tries
        raise AssertionError("never invoiced")


def _figures(wrong: int, late: float, tape: list[dict[str, Any]], begin: int) -> list[Figure]:
    room, meter = f"{names.prefix(LOCAL)}-number", Meter()
    written = read = events = calls = transactions = refused = runs = 0.0
    for number, line in enumerate(tape):
        operation = line["target"].rpartition(".")[2]
        units = (0.0, 0.0)
        if "request" in line and operation in COUNTED:
            units = meter.units(operation, json.loads(line["request"]), json.loads(line["answer"] or "{}"))
        if number < begin or line["caller"] != room:
            continue
        written, read, calls = written + units[0], read + units[1], calls + 1
        events += len(json.loads(line["request"])["Entries"]) if operation == "PutEvents" else 0
        transactions += operation == "TransactWriteItems"
        refused += operation == "TransactWriteItems" and line["status"] != 200
        runs += operation == "BatchGetItem"
    dollars, spent = PRICES["dollars_per_million"], PRICES["assumed"]["lambda_milliseconds"]
    milliseconds = runs * spent["each call"] + calls * spent["each AWS call"]
    milliseconds += transactions * spent["each transaction, beside"]
    cost = {
        "DynamoDB write units": written,
        "DynamoDB read units": read,
        "EventBridge events": events,
        "SQS requests": COUNT + 2 * runs,  # sent one by one, received and deleted in batches
        "Lambda calls": runs,
        "Lambda GB-seconds": milliseconds / 1000 * ROOMS["number"].memory / 1024,
    }
    return [
        _figure(
            f"invoices of one series issued within {SECONDS} s, numbered", COUNT, "invoices", bar=COUNT, better="more"
        ),
        _figure("numbers missing, given twice, or not given", wrong, "numbers", bar=0),
        _figure("from the last issue until each has its number", late, "s", bar=10),
        _figure("transactions that numbered them", transactions, "transactions"),
        _figure("of these refused, because another writer was first", refused, "transactions", bar=COUNT / 20),
        _figure("calls of AWS by the room, for an invoice", calls / COUNT, "calls"),
        _figure("write units of the room, for an invoice", written / COUNT, "units"),
        _figure("$ per 1 M invoices", sum(dollars[what] * count for what, count in cost.items()) / COUNT, "$"),
    ]
