"""
Run a small retailer whose orders go through the real machines. Facts come in by the real doors, the stream's two readers get
the committed events, and a test waits until all work has ended.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from moto.dynamodb.responses import DynamoHandler
from moto.events.responses import EventsHandler

from comanda.aws.api.routes import ROUTES
from comanda.aws.orders import orders
from comanda.aws.runtime import clock
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.errors import Busy
from comanda.domain.orders.order import Order
from ops.identities import TABLES
from tests import quick_moto
from tests.builders import NOW
from tests.invariants import broken
from tests.moto_aws import Aws, as_made
from tests.statemachines import retailer
from tests.statemachines.interpreter import PATIENCE, Handler, Interpreter, Invoked, run

_QUEUE = "arn:aws:sqs:us-east-1:123456789012:milestones"
REDELIVERIES = 500  # of one event to a room: streams repeat for a day, so that random faults never use up all of them
_FACTS = ("placed", "confirmed", "cancelled", "rejected", "ready", "provided")
_DATES = ("routed", "promised_later", "redated", "backordered")
MILESTONES = {f"comanda.order.{kind}.v1" for kind in (*_FACTS, *_DATES)}


@dataclass
class MachinesWorld:
    """The doors, the stream and the machines of one retailer. `now` is the time of every clock."""

    aws: Aws
    now: datetime = NOW
    answered_by_a_person: bool = False  # whether a machine's question is answered as soon as all machines wait
    twice: bool = False  # whether every state's Lambda is run twice, as after a lost answer
    deliveries: int = 1  # how often the stream brings each event
    stream: list[dict[str, Any]] = field(default_factory=list)
    bus: list[dict[str, Any]] = field(default_factory=list)  # milestones that the room notify has not read yet
    asked: list[str] = field(default_factory=list)  # the reasons of the questions that a person answered
    orders: list[str] = field(default_factory=list)
    machines: Interpreter = field(init=False)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _before: dict[str, list[Callable[[], None]]] = field(default_factory=dict)
    _after: dict[str, Callable[[], None]] = field(default_factory=dict)
    _failures: dict[str, list[Exception]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.machines = Interpreter(self._around, lambda seconds: self.later(seconds=seconds))

    def open(self, monkeypatch: pytest.MonkeyPatch, timeouts: Mapping[str, Mapping[str, int]]) -> None:
        """Make the directory, opening stock, bus, buckets and sender; then the machines."""
        self.machines.install(monkeypatch)
        self._follow_commits(monkeypatch)
        monkeypatch.setattr(clock, "now", lambda: self.now)
        as_made(("a retailer with machines", self.now), self._settle_in)
        self._numbers = count(2)  # the first request was that of the opening stock
        for bucket in (settings.failures_bucket, settings.files_bucket):
            quick_moto.bucket(bucket)
        client("sqs").create_queue(QueueName=_QUEUE.rpartition(":")[2])
        client("events").create_event_bus(Name=settings.bus_name)
        client("sesv2").create_email_identity(EmailIdentity=settings.mail_sender)
        client("sesv2").create_configuration_set(ConfigurationSetName=settings.mail_configuration_set)
        self.machines.create(timeouts)

    def _settle_in(self) -> None:
        retailer.settle_in(self.aws)
        self.call("POST", "/v1/stock/adjustments", retailer.opening_stock())
        assert not self.stream, "a copy of this retailer would not bring what is still to be delivered"

    # The stream of committed events, in their order, and its readers.

    def _follow_commits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        transact = DynamoHandler.transact_write_items

        def committed(handler: Any) -> Any:
            done = transact(handler)  # raises when cancelled: then nothing was written, and no record exists
            puts = [write["Put"]["Item"] for write in handler.body["TransactItems"] if "Put" in write]
            events = [item for item in puts if item["sk"]["S"].startswith("E#")]
            self.stream += [{"dynamodb": {"NewImage": item}} for item in events]
            self.machines.tell()
            for item in events:
                self._after.pop(item["type"]["S"], lambda: None)()
            return done

        publish = EventsHandler.put_events

        def published(handler: Any) -> Any:
            details = (json.loads(entry["Detail"]) for entry in handler._get_param("Entries"))
            self.bus += [detail for detail in details if detail["type"] in MILESTONES]
            return publish(handler)

        monkeypatch.setattr(EventsHandler, "put_events", published)
        put = DynamoHandler.put_item

        def parked(handler: Any) -> Any:
            done, item = put(handler), handler.body["Item"]
            if item["sk"]["S"].startswith("T#"):
                self._after.pop(f"token of {item['state']['S']}", lambda: None)()
            return done

        monkeypatch.setattr(DynamoHandler, "transact_write_items", committed)
        monkeypatch.setattr(DynamoHandler, "put_item", parked)

    def settle(self) -> None:
        """Deliver committed events until every machine waits and no event is left."""
        while True:
            with self.machines.changed:
                woken = self.machines.changed.wait_for(
                    lambda: self.machines.asleep() or self.stream or self.machines.asynchronous, PATIENCE
                )
            assert woken, f"a machine neither works nor waits: {self.machines.invocations[-3:]}"
            if self.stream or self.machines.asynchronous:
                self._deliver()
            elif not (self.answered_by_a_person and self._answer_questions()):
                return

    def until(self, true: Callable[[], bool]) -> None:
        """Let time pass, and deliver its effects, until `true` returns True."""
        for _ in range(PATIENCE * 10):
            self.settle()
            if true():
                return
            with self.machines.changed:
                self.machines.changed.wait(0.1)
        raise AssertionError("it never came true")

    def _deliver(self) -> None:
        batch, self.stream[:] = self.stream[:], ()
        for _ in range(self.deliveries):
            for reader in ("conduct", "relay") if batch else ():
                self._until_taken(reader, {"Records": batch})
        while self.machines.asynchronous:
            self._until_taken(*self.machines.asynchronous.pop(0))
        if self.bus:
            mails, self.bus[:] = self.bus[:], ()
            records = [
                {
                    "messageId": m["id"],
                    "receiptHandle": m["id"],
                    "body": json.dumps({"detail": m}),
                    "eventSource": "aws:sqs",
                    "eventSourceARN": _QUEUE,
                }
                for m in mails
            ]
            self._until_taken("notify", {"Records": records})

    def _until_taken(self, room: str, event: Invoked) -> None:
        """Deliver an event to a room, again while AWS is busy, as streams, queues and asynchronous calls do."""
        for _ in range(REDELIVERIES):
            try:
                run(room, event)
            except Busy:
                self.later(seconds=20)
            else:
                return
        raise AssertionError(f"{room} never took {event}")

    def sweep(self, **event: Any) -> dict[str, int]:
        """Run the sweeper, and deliver all effects."""
        found: dict[str, int] = run("sweep", event)
        self.settle()
        return found

    def conduct_all(self) -> None:
        """Call `conduct` for every order, as after an event of each."""
        run("conduct", {"look": self.orders})

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def _answer_questions(self) -> bool:
        questions = self.call("GET", "/v1/queues/exceptions")["items"]
        for question in questions:
            self.asked.append(question["reason"])
            self.call("POST", f"/v1/queues/exceptions/items/{question['item_id']}/resolve", {"answer": "retry"})
        return bool(questions)

    # Actions of a test between a machine and its rooms.

    def before(self, state: str, fact: Callable[[], None]) -> None:
        """Commit `fact` after the state's Lambda is called and before it begins."""
        self._before.setdefault(state, []).append(fact)

    def after(self, write: str, fact: Callable[[], None]) -> None:
        """Run `fact` right after the next event of this type, or "token of <state>", before its writer goes on."""
        self._after[write] = fact

    def fail(self, state: str, *errors: Exception) -> None:
        """Let the state's next calls raise these errors, one after the other."""
        self._failures.setdefault(state, []).extend(errors)

    def _around(self, room: str, payload: Invoked, handler: Handler) -> Any:
        state = payload["state"]
        if self._failures.get(state):
            raise self._failures[state].pop(0)
        if self._before.get(state):
            self._before[state].pop(0)()
        if self.twice:
            try:
                handler(payload)
            except Exception:  # noqa: BLE001  # any answer of the first run is lost
                return handler(payload)
        return handler(payload)

    # The doors.

    def call(self, method: str, path: str, body: Any = None, *, version: int | None = None) -> dict[str, Any]:
        """Call a door as the gateway would, as the back office. A refusal fails the test."""
        route, names = next(
            (route, found.groupdict())
            for route in ROUTES
            if route.method == method
            and (found := re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path), path))
        )
        headers = {"Idempotency-Key": f"key-{next(self._numbers)}"}
        event = {
            "httpMethod": method,
            "resource": route.resource,
            "path": path,
            "pathParameters": names,
            "headers": headers if version is None else {**headers, "If-Match": f'"v{version}"'},
            "queryStringParameters": None,
            "body": None if body is None else json.dumps(body),
            "requestContext": {"requestId": "r1", "authorizer": {"claims": {"client_id": "office"}}},
        }
        while (answer := run(route.room, event))["statusCode"] == 503:
            self.later(seconds=1)  # then send the same request again with the same key
        assert answer["statusCode"] < 300, answer["body"]
        found: dict[str, Any] = json.loads(answer["body"])
        return found

    def place_order(
        self, *lines: tuple[str, int], price: int = 100, pickup: str | None = None, kind: str = "PRODUCT", **more: Any
    ) -> str:
        """Post an order of (sku, quantity) lines of one kind, as a shop does. Its events are not delivered yet. Returns its id."""
        name = f"W-{next(self._numbers)}"
        body = retailer.basket(lines, name, self.now, price, pickup) | more
        for line in body["lines"] if kind != "PRODUCT" else ():
            line |= {"kind": kind, "fulfillment": {}}
        self.orders.append(str(self.call("POST", "/v1/orders", body)["order_id"]))
        return self.orders[-1]

    def placed(self, *lines: tuple[str, int], **more: Any) -> str:
        """Place an order and deliver all effects. Returns its id."""
        order_id = self.place_order(*lines, **more)
        self.settle()
        return order_id

    def provide(self, order_id: str) -> None:
        """Provide one unit of the order's first line, and deliver all effects."""
        self.say_provided(order_id)
        self.settle()

    def say_provided(self, order_id: str) -> None:
        """Provide one unit of the order's first line. The event is not delivered yet."""
        proof = {"line_id": "1", "quantity": 1, "proof": {"kind": "NOTE", "text": "done"}}
        self.call("POST", f"/v1/orders/{order_id}/provide", proof)

    def work(self, order_id: str, number: int, step: str, **body: Any) -> None:
        """Report a step of a fulfillment, and deliver all effects."""
        self.say(order_id, number, step, **body)
        self.settle()

    def say(self, order_id: str, number: int, step: str, **body: Any) -> None:
        """Report a step of a fulfillment. Its event is not delivered yet."""
        self.call("POST", f"/v1/fulfillments/{ids.fulfillment(order_id, number)}/{step}", body)

    def change(self, order_id: str, what: str, **body: Any) -> None:
        """Change the order (confirm, reject, cancel, hold ...) at its present version. Its event is not delivered yet."""
        self.call("POST", f"/v1/orders/{order_id}/{what}", body, version=self.order(order_id).version)

    def changed(self, order_id: str, what: str, **body: Any) -> None:
        self.change(order_id, what, **body)
        self.settle()

    def resume(self, order_id: str, queue: str, answer: str = "retry") -> None:
        """Answer an order's item in a queue as a person, and deliver all effects."""
        self.answer(order_id, queue, answer)
        self.settle()

    def answer(self, order_id: str, queue: str, answer: str = "retry") -> None:
        """Answer an order's item in a queue as a person. The event is not delivered yet."""
        items = [row["item_id"] for row in self.queue(queue) if row["order_id"] == order_id]
        assert len(items) == 1
        self.call("POST", f"/v1/queues/{queue}/items/{items[0]}/resolve", {"answer": answer})

    def queue(self, queue: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", f"/v1/queues/{queue}")["items"]
        return found

    # The state of the world.

    def order(self, order_id: str) -> Order:
        while True:
            try:
                return orders.load(order_id)
            except Busy:
                continue

    def statuses(self, order_id: str) -> dict[str, int]:
        return {status.value: quantity for status, quantity in self.order(order_id).quantities().items()}

    def name(self, order_id: str, number: int = 0, run: int = 1) -> str:
        """Return the name of an execution of the order's machine, or of a fulfillment's."""
        return f"{ids.fulfillment(order_id, number) if number else order_id}-{run}"

    def path(self, order_id: str, number: int = 0, run: int = 1) -> list[str]:
        """Return the states that an execution entered."""
        history = self.machines.history(self.name(order_id, number, run))
        return [event["stateEnteredEventDetails"]["name"] for event in history if event["type"] == "TaskStateEntered"]

    def edges(self, order_id: str, number: int = 0, run: int = 1) -> list[tuple[str, str, str]]:
        """Return the edges of an execution: (state, error or "" for its success, next state or "End")."""
        return list(_edges(self.machines.history(self.name(order_id, number, run))))

    def status(self, order_id: str, number: int = 0, run: int = 1) -> str:
        """Return RUNNING, SUCCEEDED, FAILED ..., or "" for an execution that was never started."""
        name = self.name(order_id, number, run)
        return next((str(e.status) for e in self.machines.executions() if e.name == name), "")

    def entered(self, order_id: str) -> int:
        """Return the number of states that all machines of the order entered."""
        numbers = range(len(self.order(order_id).fulfillments) + 1)
        return sum(len(self.path(order_id, number)) for number in numbers)

    def events(self, order_id: str) -> list[str]:
        return [event["type"] for event in orders.children(order_id, "E#")]

    def mails(self, order_id: str) -> list[str]:
        return [row["sk"] for row in orders.children(order_id, "M#")]

    def adds_up(self) -> None:
        """Check every invariant over all tables."""
        wrong = broken({name: self.aws.items(name) for name in map(str.capitalize, TABLES)})
        assert wrong == [], "; ".join(wrong)


def _edges(history: list[dict[str, Any]]) -> Iterable[tuple[str, str, str]]:
    state = error = ""
    for event in history:
        kind = event["type"]
        if kind == "TaskStateEntered":
            entered = event["stateEnteredEventDetails"]["name"]
            if state:
                yield state, error, entered
            state, error = entered, ""
        elif kind in ("TaskFailed", "TaskTimedOut"):
            error = event["taskFailedEventDetails" if kind == "TaskFailed" else "taskTimedOutEventDetails"]["error"]
        elif kind == "TaskSucceeded":
            error = ""
        elif kind == "ExecutionSucceeded":
            yield state, error, "End"
