"""
Replace every asynchronous hop of the product at the wire, under a test's control. They are the streams with their readers, Step
Functions, the bus with the rule and queue of mails, Lambda's asynchronous calls, and SES.

Each hop delivers at least once: an event whose delivery a crash interrupts is delivered again.
"""

import json
from collections import Counter, deque
from collections.abc import Callable
from copy import deepcopy
from importlib import import_module
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from comanda.aws.runtime.clients import client
from comanda.domain.taxes.failures import TaxFailed
from tests import quick_moto
from tests.faults import Crash, Crashed, service_id
from tests.functions import grants
from tests.functions.machines import Machines, Refused

READERS = ("conduct", "relay")
REPLENISH = "replenish"  # reads the Stock table's stream
REROUTE = "reroute"  # reads the Directory table's stream
# The rule of the queue of mails.
MAILED = (
    *(
        "placed",
        "confirmed",
        "cancelled",
        "changed",
        "change_dropped",
        "payment_asked",
        "rejected",
        "ready",
        "no_show",
        "handed_back",
        "delivered",
        "provided",
        "cards_activated",
    ),
    *("routed", "promised_later", "redated", "stock_arrived", "backordered"),
    *("out_for_delivery", "available_for_pickup"),
)
_NUMBERED = "comanda.credit_note.numbered.v1"  # is mailed too
_ISSUED = ("comanda.order.invoiced.v1", "comanda.order.credited.v1")  # the rule of the queue of numbers
_QUEUE = "arn:aws:sqs:us-east-1:123456789012:milestones"
_MOST_ROUNDS = 200
_MOST_TRIES = 8


class Hops:
    """The hops of one test. `pause` is called with the seconds that a caller would have waited."""

    def __init__(self, pause: Callable[[float], None]) -> None:
        self.machines = Machines(lambda name, payload: self.invoke(name.lower(), payload), pause, self._crashed)
        self.seen: dict[str, set[str]] = {reader: set() for reader in (*READERS, REPLENISH, REROUTE)}
        self.turns: set[tuple[str, str]] = set()  # the rows of lines that wait for stock
        self.directory_changed = False  # by a door; only then its stream has records
        self.stopped: set[str] = set()  # readers that are switched off
        self.asynchronous: deque[tuple[str, dict[str, Any]]] = deque()
        self.mails: deque[dict[str, Any]] = deque()  # the queue of milestones
        self.payments: deque[dict[str, Any]] = deque()  # the queue of money to move
        self.numbers: deque[dict[str, Any]] = deque()  # the queue of documents without a number
        self.records: deque[dict[str, Any]] = deque()  # the queue of documents for tax services
        self.published: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.inputs: list[str] = []  # of every execution that was started
        self.crashes: Counter[str] = Counter()
        self.revive: Callable[[], None] = lambda: None
        self.begin: Callable[[str], None] = lambda room: None  # is called with the room of every process that begins
        self._pause = pause

    # The wire

    def connect(self) -> None:
        for service, hook in self._hooks().items():
            client(service).meta.events.register(f"before-call.{service_id(service)}", hook, unique_id="hops")

    def disconnect(self) -> None:
        for service in self._hooks():
            client(service).meta.events.unregister(f"before-call.{service_id(service)}", unique_id="hops")

    def _hooks(self) -> dict[str, Callable[..., Any]]:
        return {
            "stepfunctions": self._step_functions,
            "events": self._bus,
            "lambda": self._lambda,
            "sesv2": self._ses,
            "sqs": self._sqs,
        }

    def _step_functions(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        given = json.loads(params["body"])
        answer: dict[str, Any] = {}
        try:
            match model.name:
                case "StartExecution":
                    machine = given["stateMachineArn"].rpartition("-")[2]
                    self.inputs.append(given["input"])
                    self.machines.start(machine, given["name"], given["input"])
                case "DescribeExecution":
                    answer = {"status": self.machines.status(given["executionArn"].rpartition(":")[2])}
                case "SendTaskSuccess":
                    self.machines.answer(given["taskToken"], None)
                case "SendTaskFailure":
                    self.machines.answer(given["taskToken"], given["error"])
                case other:
                    raise AssertionError(other)
        except Refused as error:
            refused = {"Error": {"Code": str(error), "Message": ""}, "ResponseMetadata": {}}
            return SimpleNamespace(status_code=400), refused
        return SimpleNamespace(status_code=200), answer

    def _bus(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        for entry in json.loads(params["body"])["Entries"]:
            detail = json.loads(entry["Detail"])
            self.published.append(detail)
            _, about, kind, _ = entry["DetailType"].split(".")
            if detail["data"].get("to_move"):
                self.payments.append({"messageId": f"p-{len(self.published)}", "body": json.dumps({"detail": detail})})
            if detail["data"].get("to_record"):
                self.records.append({"messageId": f"t-{len(self.published)}", "body": json.dumps({"detail": detail})})
            if detail["type"] in _ISSUED:
                self.numbers.append({"messageId": f"n-{len(self.published)}", "body": json.dumps({"detail": detail})})
            quoted = about == "draft" and detail["data"]["step"] == "quoted" and detail["data"]["mailed"]
            if quoted or (about != "draft" and kind in MAILED) or detail["type"] == _NUMBERED:
                body = json.dumps({"detail-type": entry["DetailType"], "source": entry["Source"], "detail": detail})
                name = f"m-{len(self.published)}"
                self.mails.append(
                    {
                        "messageId": name,
                        "receiptHandle": name,
                        "body": body,
                        "eventSource": "aws:sqs",
                        "eventSourceARN": _QUEUE,
                    }
                )
        return SimpleNamespace(status_code=200), {"FailedEntryCount": 0, "Entries": []}

    def _lambda(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        room = params["url_path"].split("/functions/")[1].split("/")[0].rpartition("-")[2]
        payload = json.loads(params["body"])
        if params["headers"].get("X-Amz-Invocation-Type") != "Event":
            answer = json.dumps(self.invoke(room, payload)).encode()
            return SimpleNamespace(status_code=200), {"StatusCode": 200, "Payload": BytesIO(answer)}
        self.asynchronous.append((room, payload))
        return SimpleNamespace(status_code=202), {"StatusCode": 202}

    def _ses(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        self.sent.append(json.loads(params["body"]))
        return SimpleNamespace(status_code=200), {"MessageId": f"ses-{len(self.sent)}"}

    def _sqs(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        """Take the time at which a failed message is to come again. `_again` has pauses of its own."""
        assert model.name == "ChangeMessageVisibility"
        assert json.loads(params["body"])["QueueUrl"].endswith("/123456789012/milestones")
        return SimpleNamespace(status_code=200), {}

    def follow(self, crash: Crash) -> None:
        """Let a crash count the calls of each process that begins, and let another process take over when one has ended."""
        self.begin, self.revive = crash.begin, crash.revive

    # What happens by itself

    def invoke(self, room: str, payload: dict[str, Any]) -> Any:
        """Run a room on an event that was encoded and decoded as JSON."""
        self.begin(room)
        with grants.of_room(room):
            return import_module(f"functions.{room}.handler").handler(json.loads(json.dumps(payload)), None)

    def settle(self) -> None:
        for _ in range(_MOST_ROUNDS):
            streamed = [*(self.deliver(reader) for reader in READERS), self.replenish(), self.reroute()]
            called, mailed, stepped = self._asynchronous(), self._mails(), self.machines.run()
            if not any((*streamed, called, mailed, self._payments(), self._numbers(), self._records(), stepped)):
                return
        raise AssertionError("it does not come to rest")

    def events(self) -> list[dict[str, Any]]:
        """Return the wire items of every event of every order, by order and version."""
        found = quick_moto.wire_items("Orders", lambda pk, sk: pk.startswith("O#") and sk.startswith("E#"))
        return sorted(found, key=lambda row: (row["pk"]["S"], row["sk"]["S"]))

    def draft_events(self) -> list[dict[str, Any]]:
        """Return the wire items of every event of every draft, by draft and version."""
        found = quick_moto.wire_items("Orders", lambda pk, sk: pk.startswith("DR#") and sk.startswith("E#"))
        return sorted(found, key=lambda row: (row["pk"]["S"], row["sk"]["S"]))

    def scans(self) -> list[dict[str, Any]]:
        """Return the wire items of the scans that the customer hears of."""
        return [
            row for row in quick_moto.wire_items("Orders", lambda _, sk: sk.startswith("TE#")) if "announced" in row
        ]

    def case_events(self) -> list[dict[str, Any]]:
        """Return the wire items of every event of every case, by case and version."""
        found = quick_moto.wire_items("Orders", lambda _, sk: sk.startswith("CE#"))
        return sorted(found, key=lambda row: (row["pk"]["S"], row["sk"]["S"]))

    def deliver(self, reader: str) -> bool:
        """Deliver the events that the reader has not seen yet, in one batch. Return True if there were any."""
        if reader in self.stopped:
            return False
        found = self.events() + (
            [*self.draft_events(), *self.scans(), *self.case_events()] if reader == "relay" else []
        )
        new = [row for row in found if row["pk"]["S"] + row["sk"]["S"] not in self.seen[reader]]
        if not new:
            return False
        self._again(reader, batch(new))
        self.seen[reader] |= {row["pk"]["S"] + row["sk"]["S"] for row in new}
        return True

    def replenish(self) -> bool:
        """Deliver the positions that changed and the waiting rows that are gone. Return True if there were any."""
        if REPLENISH in self.stopped:
            return False
        found = quick_moto.wire_items("Stock", lambda pk, sk: pk.startswith("S#") and sk.startswith(("P", "B#")))
        rows = {f"{row['pk']['S']} {row['sk']['S']} {row['rev']['N']}": row for row in found if "rev" in row}
        turns = {(row["pk"]["S"], row["sk"]["S"]) for row in found if row["sk"]["S"].startswith("B#")}
        over, self.turns = self.turns - turns, turns
        new = [row for name, row in sorted(rows.items()) if name not in self.seen[REPLENISH]]
        new += [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in sorted(over)]
        if not new:
            return False
        self._again(REPLENISH, batch(new))
        self.seen[REPLENISH] |= rows.keys()
        return True

    def reroute(self) -> bool:
        """Deliver the entries and outages of the directory that changed. Return True if there were any."""
        if REROUTE in self.stopped or not self.directory_changed:
            return False
        found = quick_moto.wire_items("Directory", lambda _, sk: sk == "#")
        rows = {f"{row['pk']['S']} {row['version']['N']}": row for row in found if {"at", "version"} <= row.keys()}
        new = [row for name, row in sorted(rows.items()) if name not in self.seen[REROUTE]]
        if new:
            self._again(REROUTE, batch(new))
            self.seen[REROUTE] |= rows.keys()
        self.directory_changed = bool(new)  # its own writes are delivered too
        return bool(new)

    def _asynchronous(self) -> bool:
        some = bool(self.asynchronous)
        while self.asynchronous:
            self._again(*self.asynchronous.popleft())
        return some

    def _mails(self) -> bool:
        some = bool(self.mails)
        while self.mails:
            self._again("notify", {"Records": [self.mails.popleft()]})
        return some

    def _payments(self) -> bool:
        some = bool(self.payments)
        while self.payments:
            self._again("pay", {"Records": [self.payments.popleft()]})
        return some

    def _numbers(self) -> bool:
        """Deliver all documents without a number together, unless the queue's reader is switched off."""
        some = list(self.numbers) if "number" not in self.stopped else []
        if some:
            self._again("number", {"Records": some})
            self.numbers.clear()
        return bool(some)

    def _records(self) -> bool:
        """Deliver each document for a tax service. One that fails comes again later, with the count of its tries."""
        some = bool(self.records) and "taxes" not in self.stopped
        while some and self.records:
            record, tries = self.records.popleft(), 0
            while True:
                tries += 1
                counted = {**record, "attributes": {"ApproximateReceiveCount": str(tries)}}
                try:
                    self.invoke("taxes", {"Records": [counted]})
                except Crashed:
                    self._crashed("taxes")
                    continue
                except TaxFailed:
                    self._pause(1800.0)
                    continue
                break
        return some

    def _again(self, room: str, payload: dict[str, Any]) -> None:
        """Call the room until the call succeeds, as streams, queues and asynchronous calls do."""
        for attempt in range(_MOST_TRIES):
            try:
                self.invoke(room, payload)
            except Crashed:
                self._crashed(room)
            except Exception as error:
                if attempt == _MOST_TRIES - 1 or not is_busy(error):
                    raise
                self._pause(2.0**attempt)
            else:
                return
        raise AssertionError(f"{room} never came through")

    def _crashed(self, room: str) -> None:
        self.crashes[room.lower()] += 1
        self.revive()

    def keep(self) -> Any:
        """Return the state of all hops, for `back_to`."""
        return deepcopy(
            (
                *(self.machines.kept(), self.seen, self.turns, self.asynchronous),
                *(self.mails, self.payments, self.numbers, self.records, self.published, self.sent),
            )
        )

    def back_to(self, kept: Any) -> None:
        machines, self.seen, self.turns, self.asynchronous, *queues = deepcopy(kept)
        self.mails, self.payments, self.numbers, self.records, self.published, self.sent = queues
        self.machines.back_to(machines)
        self.directory_changed = False


def is_busy(error: Exception) -> bool:
    from comanda.domain.errors import Busy

    return isinstance(error, Busy)


def batch(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a batch of the stream as Lambda passes it: with binary attributes as base64."""
    from base64 import b64encode

    def plain(value: dict[str, Any]) -> dict[str, Any]:
        return {"B": b64encode(bytes(value["B"])).decode()} if "B" in value else value

    images = [{name: plain(value) for name, value in row.items()} for row in rows]
    return {
        "Records": [
            {
                "eventID": str(n),
                "eventName": "INSERT",
                "dynamodb": {"Keys": {"pk": image["pk"], "sk": image["sk"]}, "NewImage": image},
            }
            for n, image in enumerate(images)
        ]
    }
