"""
Keep state over a SIGKILL: every committed table write is a line of an append-only file beside the emulator's snapshots.

Called by   local/server.py, before the emulator starts
Returns     Journal
Raises      cures.shape.Uncured when ministack's storage no longer looks as expected

ministack saves at a graceful stop only. Here
* every write of an item is a line in `tables.journal` before its answer is sent; the writes of one request are one
  line, so a transaction is there as a whole or not at all. Tables themselves are snapshots, taken when one changes.
* S3 objects are ministack's own files (S3_PERSIST), written before the answer.
* mails are lines in a file (cures.mails_are_kept), and so are the messages of queues (queues.SentMessages).
* everything small (users and clients, functions, APIs, stacks ...) is a snapshot, at most SNAPSHOT_SECONDS old.
A SIGKILL still loses configuration of the last seconds, logs and metrics, running executions and stream records that were
not read. A graceful stop loses the last two too: the sweeper repeats them from the tables.
A crash of the machine itself may lose more: no file is fsynced.
"""

import asyncio
import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence
from ministack.services import cloudformation, cloudwatch, cloudwatch_logs, dynamodb, lambda_svc, ses, stepfunctions

from local.cures.shape import source_has

SNAPSHOT_SECONDS = 2.0
JOURNAL_BYTES = 64_000_000
# Tables are journaled, and the trail has no reader.
AT_STOP_ONLY = frozenset({"dynamodb", "cloudtrail"})
# Requests to these services configure others; events, sign-ins and schedules change those without a request to them.
CONFIGURING = frozenset({"cloudcontrol", "cloudformation", "tagging"})
CHANGED_BY_OTHERS = frozenset({"cognito", "eventbridge", "s3", "scheduler", "ses", "sns", "sqs"})
ALL_SECONDS = 30.0  # then every service is looked at, whatever it was asked
log = logging.getLogger("comanda.journal")

Response = tuple[int, dict[str, str], Any]
Table = dict[str, Any]
# account, region, table, partition key, sort key, the whole item or None if it was removed
Write = tuple[str, str, str, str, str, dict[str, Any] | None]


class Journal:
    """The journal of tables, and the snapshots of the other services, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "tables.journal"
        self.file = -1
        self.request = threading.local()
        self.definitions = ""
        self.marks: dict[str, str] = {}
        self.known: frozenset[tuple[str, str, str]] = frozenset()
        self.saved: dict[str, str] = {}
        self.touched = False
        self.asked: set[str] = set()  # the modules of services that had requests since the last snapshots
        self.all_at = -ALL_SECONDS

    def attach(self) -> None:
        """Put the journal between ministack and its dictionaries."""
        self.folder.mkdir(parents=True, exist_ok=True)
        source_has(dynamodb._set_item, 'table["items"].setdefault(pk_val, {})[sk_val] = item')
        source_has(dynamodb._remove_item, "sk_map.pop(sk_val, None)")
        source_has(dynamodb._transact_write_items, "_set_item(tbl, pk_val, sk_val, item)", "_remove_item(tbl, pk_val")
        source_has(app._load_persisted_state, "load_persisted_state(data)")
        self.put, self.remove = dynamodb._set_item, dynamodb._remove_item
        handle, load = dynamodb.handle_request, app._load_persisted_state

        def set_item(table: Table, pk: str, sk: str, item: Table) -> Any:
            old = self.put(table, pk, sk, item)
            self.note(table, pk, sk, item)
            return old

        def remove_item(table: Table, pk: str, sk: str) -> Any:
            old = self.remove(table, pk, sk)
            self.note(table, pk, sk, None)
            return old

        async def handle_request(*request: Any) -> Response:
            # The handlers never wait, so the writes of this thread until they return belong to this request.
            self.request.writes = []
            try:
                response: Response = await handle(*request)
                if self.request.writes:
                    self.append(self.request.writes)
            finally:
                self.request.writes = None
            return response

        def load_persisted_state() -> None:
            load()
            log.info("%d table writes replayed from the journal", self.replay())
            self.snapshot_tables()
            ses._sent_emails_list()

        dynamodb._set_item, dynamodb._remove_item, dynamodb.handle_request = set_item, remove_item, handle_request
        app._load_persisted_state = load_persisted_state
        source_has(app._dispatch_service_request, "handler = SERVICE_HANDLERS.get(service)")
        for service, serve in app.SERVICE_HANDLERS.items():
            app.SERVICE_HANDLERS[service] = self.noticed(service, serve)

    def noticed(self, service: str, serve: Callable[..., Any]) -> Callable[..., Any]:
        """Return the handler of a service, which then also notes that the service had a request."""
        entry = app.SERVICE_REGISTRY[service]
        modules = {entry["module"], *entry.get("sub_modules", ())}

        async def noticed(*request: Any) -> Response:
            try:
                answer: Response = await serve(*request)
            finally:
                self.asked |= modules
                self.touched = True
            return answer

        return noticed

    def note(self, table: Table, pk: str, sk: str, item: Table | None) -> None:
        _, _, _, region, account, _ = table["TableArn"].split(":", 5)
        write: Write = (account, region, table["TableName"], pk, sk, item)
        gathered = getattr(self.request, "writes", None)
        if gathered is None:  # the write is of no request, but of the deletion of expired items or of a restore
            self.append([write])
        else:
            gathered.append(write)

    def append(self, writes: list[Write]) -> None:
        if not self.known.issuperset(write[:3] for write in writes):
            self.snapshot_tables()  # a new table must be on disk before its items
            return
        line = json.dumps(writes, default=persistence._json_default) + "\n"
        if self.file < 0:
            self.file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(self.file, line.encode())

    def replay(self) -> int:
        """
        Apply the writes of the journal to the tables. Returns how many they were.

        A write has the whole item, so a write that the snapshot already holds changes nothing.
        """
        if not self.path.exists():
            return 0
        count = 0
        for line in self.path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                log.warning("the last line of the journal is incomplete: its request was never answered")
                break
            for account, region, name, pk, sk, item in json.loads(line, object_hook=persistence._json_object_hook):
                table = dynamodb._tables.get_scoped(account, region, name)
                if table is None:
                    continue  # deleted since
                if item is None:
                    self.remove(table, pk, sk)
                else:
                    self.put(table, pk, sk, item)
                count += 1
        return count

    def snapshot_tables(self) -> None:
        """Write all tables, then empty the journal. After a kill in between, writes are replayed that the snapshot has."""
        saved = self.folder / "dynamodb.json"
        before = saved.stat().st_ino if saved.exists() else None
        persistence.save_state("dynamodb", dynamodb.get_state())
        if not saved.exists() or saved.stat().st_ino == before:  # upstream only logs the error
            raise OSError(f"the tables could not be written to {saved}; the journal stays as it is")
        self.path.write_bytes(b"")
        self.known = frozenset(key for key, _ in dynamodb._tables.all_items())
        self.definitions = _definitions()

    async def keep(self) -> None:
        """Take snapshots forever. This runs in the server's event loop, so that no request changes state meanwhile."""
        while True:
            await asyncio.sleep(SNAPSHOT_SECONDS)
            if not self.touched:
                continue
            self.touched = False
            too_long = self.path.exists() and self.path.stat().st_size > JOURNAL_BYTES
            if too_long or _definitions() != self.definitions:
                self.snapshot_tables()
            asked = self.to_look_at()
            for name, get_state in app._build_persistence_save_dict().items():
                if name in AT_STOP_ONLY or (asked is not None and app._state_map[name] not in asked):
                    continue
                mark = MARKS[name]() if name in MARKS else ""
                if mark and self.marks.get(name) == mark:
                    continue
                await asyncio.sleep(0)
                self.snapshot(name, get_state)
                self.marks[name] = mark

    def to_look_at(self) -> set[str] | None:
        """Return the modules of services that may have changed since the last call, or None for every service."""
        asked, self.asked = self.asked, set()
        now = time.monotonic()
        if CONFIGURING & asked or now - self.all_at > ALL_SECONDS:
            self.all_at = (
                -ALL_SECONDS if CONFIGURING & asked else now
            )  # a stack goes on changing after its last request
            return None
        return asked | CHANGED_BY_OTHERS

    def snapshot(self, name: str, get_state: Callable[[], Any]) -> None:
        try:
            state = get_state()
            # A service with a mark is known to have changed, and is too large to be written twice for a comparison.
            digest = "" if name in MARKS else hashlib.sha256(_text(state).encode()).hexdigest()
        except RuntimeError:  # a reader thread changed a dictionary meanwhile: try again next time
            self.touched = True
            return
        if state is not None and (not digest or self.saved.get(name) != digest):
            persistence.save_state(name, state)
            self.saved[name] = digest


def _definitions() -> str:
    """Return the definitions of all tables as text, without items, counts and sizes."""
    changing = {"items", "ItemCount", "TableSizeBytes", dynamodb._INDEX_MEMBERS}
    tables = [
        (key, {name: value for name, value in table.items() if name not in changing})
        for key, table in dynamodb._tables.all_items()
    ]
    settings = [dynamodb._ttl_settings, dynamodb._pitr_settings, dynamodb._tags]
    return _text([tables, settings])


def _functions() -> str:
    """Return the settings of functions, layers and stream readers as text, without the megabytes of code."""
    functions = [
        [key, func.get("config"), func.get("event_invoke_configs"), func.get("concurrency"), func.get("policy")]
        for key, func in lambda_svc._functions.all_items()
    ]
    layers = [[key, len(layer.get("versions", ()))] for key, layer in lambda_svc._layers.all_items()]
    readers = [[key, reader.get("Enabled"), reader.get("LastModified")] for key, reader in lambda_svc._esms.all_items()]
    return _text([functions, layers, readers])


def _machines() -> str:
    """Return the machines as text, without their executions, which a restart ends anyway."""
    return _text(list(stepfunctions._state_machines.all_items()))


def _alarms() -> str:
    """Return the names of alarms and dashboards as text, without metrics and states."""
    stores = (cloudwatch._alarms, cloudwatch._composite_alarms, cloudwatch._dashboards)
    return _text([[key for key, _ in store.all_items()] for store in stores])


def _logs() -> str:
    """Return the log groups as text, without their events."""
    groups = cloudwatch_logs._log_groups.all_items()
    return _text([[key, group.get("retentionInDays"), group.get("tags")] for key, group in groups])


def _stacks() -> str:
    """Return the status of each stack and the number of its events as text."""
    stacks = [[key, stack.get("StackStatus")] for key, stack in cloudformation._stacks.all_items()]
    events = [[key, len(events)] for key, events in cloudformation._stack_events.all_items()]
    return _text([stacks, events])


def _text(document: Any) -> str:
    return json.dumps(document, default=persistence._json_default)


# Services whose state is much larger than their configuration. They are saved whole when the configuration changed.
MARKS = {
    "cloudformation": _stacks,
    "cloudwatch": _alarms,
    "cloudwatch_logs": _logs,
    "lambda": _functions,
    "stepfunctions": _machines,
}
