"""
Act as the users of the system: a node's crew with its scanner, a partner with its files, a shop that cancels an order.

Called by   local/demo.py
Returns     nothing: the results are in the orders
Raises      client.Problem when the API refuses a request; a refusal as busy is tried again first

Every action goes through the public API with the user's own client, or into the partner's folder of the inbox.
"""

import csv
import io
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from ops.client import Client, Problem

TRIES = 8
PICKUP = "PICKUP"

Fulfillment = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Crew:
    """A crew that works the fulfillments of some nodes with the client of the nodes' own system."""

    client: Client
    carrier: str
    terse: bool = False  # reports only picking and shipping; the steps between are implied

    def step(self, fulfillment: Fulfillment, name: str, body: Any = None) -> Any:
        return self.client.post(f"/v1/fulfillments/{fulfillment['fulfillment_id']}/{name}", body)

    def decline(self, fulfillment: Fulfillment) -> None:
        self.step(fulfillment, "decline", {"reason": "NO_CAPACITY"})

    def work(self, fulfillment: Fulfillment, *, short: bool = False) -> None:
        """Work a fulfillment from the offer to the carrier or to the counter. With `short`, one unit is not on the shelf."""
        self.step(fulfillment, "accept")
        if not self.terse:
            self.step(fulfillment, "start-pick")
        if short:
            missing = [{"line_id": fulfillment["lines"][0]["line_id"], "quantity": 1}]
            left = self.step(fulfillment, "short-pick", {"lines": missing, "reason": "NOT_FOUND"})
            if left["status"] == "SHORTED":
                return  # the missing unit was the only one
        self.step(fulfillment, "pick")
        self.finish(fulfillment)

    def finish(self, fulfillment: Fulfillment) -> None:
        """Ship a picked fulfillment, or hand it over at the counter."""
        if fulfillment["method"] == PICKUP:
            self.step(fulfillment, "pack")
            self.step(fulfillment, "ready")
            self.step(fulfillment, "hand-over")
        else:
            package = parcel(fulfillment, self.carrier)
            if not self.terse:
                self.step(fulfillment, "pack", {"packages": [package]})
            self.step(fulfillment, "ship", {"packages": [package]})


def parcel(fulfillment: Fulfillment, carrier: str) -> dict[str, Any]:
    """Return one package with the whole fulfillment. Its SSCC and tracking number are made from the fulfillment's id."""
    name = fulfillment["fulfillment_id"]
    digits = f"{crc32(name.encode()):010d}"
    return {"package_id": f"00{digits:0>16}", "carrier": carrier, "tracking_number": f"{carrier[:2]}{digits}"}


@dataclass(frozen=True, kw_only=True)
class Race:
    """A shop that cancels an order in the moment in which a crew picks it."""

    shop: Client
    crew: Crew
    outcome: list[str] = field(default_factory=list)

    def run(self, fulfillment: Fulfillment) -> None:
        """Run both calls at once. One conditional write decides, and the other call is refused. The order ends cancelled."""
        self.crew.step(fulfillment, "accept")
        path = f"/v1/orders/{fulfillment['order_id']}"
        etag = _etag(self.shop, path)
        start = threading.Barrier(2)
        refused: list[int] = []

        def pick() -> None:
            start.wait()
            self._refusal(lambda: self.crew.step(fulfillment, "pick"), refused)

        picker = threading.Thread(target=pick)
        picker.start()
        start.wait()
        stale: list[int] = []
        self._refusal(lambda: self.shop.post(f"{path}/cancel", {"reason": "changed my mind"}, etag=etag), stale)
        picker.join()
        if stale:
            self.outcome.append(f"the pick was first ({stale[0]}), then cancelled and put back")
            cancel(self.shop, fulfillment["order_id"], "changed my mind")
        else:
            self.outcome.append(f"the cancel was first ({refused[0] if refused else 'the pick came after none'})")

    @staticmethod
    def _refusal(call: Callable[[], Any], refused: list[int]) -> None:
        try:
            call()
        except Problem as problem:
            if problem.status not in (409, 412):
                raise
            refused.append(problem.status)


def _etag(client: Client, path: str) -> str:
    return f'"v{client.get(path)["version"]}"'


def cancel(client: Client, order_id: str, reason: str) -> None:
    change_order(client, order_id, "cancel", {"reason": reason})


def change_order(client: Client, order_id: str, verb: str, body: Any) -> None:
    """Change an order at its present version. Another change in between is answered 412: read the order and try again."""
    path = f"/v1/orders/{order_id}"
    for attempt in range(TRIES):
        etag = _etag(client, path)
        try:
            client.post(f"{path}/{verb}", body, etag=etag)
        except Problem as problem:
            if problem.status != 412 or attempt == TRIES - 1:
                raise
        else:
            return


COLUMNS = (
    "shipment_id",
    "fulfillment_id",
    "line_id",
    "quantity",
    "carrier",
    "tracking_number",
    "package_id",
    "shipped_at",
)


@dataclass(frozen=True, kw_only=True)
class Files:
    """A partner that answers offers with shipment files."""

    partner: str
    s3: Any
    bucket: str
    run: str
    carrier: str = "northway"
    sent: list[str] = field(default_factory=list)  # keys

    def csv(self, offered: Sequence[Fulfillment], *, mistyped: bool = False) -> None:
        """Send all lines of these fulfillments as CSV. With `mistyped`, a row follows whose quantity is a word."""
        rows = [row for fulfillment in offered for row in self._shipped_rows(fulfillment)]
        if mistyped:
            rows.append(rows[0] | {"package_id": "typed-by-hand", "quantity": "two"})
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        self._put("csv", text.getvalue())

    def json_lines(self, offered: Sequence[Fulfillment]) -> None:
        """Send all lines of these fulfillments as JSON Lines."""
        rows = [row for fulfillment in offered for row in self._shipped_rows(fulfillment)]
        self._put("jsonl", "".join(f"{json.dumps(row)}\n" for row in rows))

    def again(self) -> None:
        """Send the last file once more under another name, as a person does who presses a button twice."""
        body = self.s3.get_object(Bucket=self.bucket, Key=self.sent[-1])["Body"].read()
        self._put(self.sent[-1].rsplit(".", 1)[-1], body.decode())

    def receipts(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of each receipt so far, by the key of its file."""
        prefix = f"outbox/{self.partner}/shipments/{self.run}-"
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", ())
        keys = [entry["Key"] for entry in found]
        answered = {}
        for sent in self.sent:
            name = "outbox" + sent.removeprefix("inbox")
            for key in keys:
                if key.startswith(f"{name}."):
                    body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode()
                    answered[sent] = [json.loads(line) for line in body.splitlines()]
        return answered

    def _shipped_rows(self, fulfillment: Fulfillment) -> list[dict[str, Any]]:
        package = parcel(fulfillment, self.carrier)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return [
            {
                "shipment_id": f"SHP-{fulfillment['fulfillment_id'][4:]}",
                "fulfillment_id": fulfillment["fulfillment_id"],
                "line_id": line["line_id"],
                "quantity": line["quantity"],
                "shipped_at": at,
                **package,
            }
            for line in fulfillment["lines"]
        ]

    def _put(self, ending: str, text: str) -> None:
        key = f"inbox/{self.partner}/shipments/{self.run}-{len(self.sent) + 1:03d}.{ending}"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        self.sent.append(key)
