"""
Apply a decision that does not fit one transaction in steps, by a plan: the stock changes first, the order last.

Called by   comanda.aws.orders.orders, which saves decisions; functions/route and functions/sweep, which undo plans that were left;
            comanda.aws.orders.task_tokens, which asks for unfinished plans
Raises      the errors of a transaction; then every step was undone

The `PL#` item lists the stock changes before the first of them is made. The steps and the last write hold only while the
plan is `applying`. A process that finds a plan of an ended process sets it to `undoing`, and gives back exactly the steps
that the ledger has. So a plan is applied whole or not at all, and no unit is lost in between.

A process that is about to work on the order undoes its plans at once, even when their process still runs: that process is
refused its next step and decides again. The sweeper waits until the plan's lease is over. Until its end a plan is in the index
of open orders itself, so that no other look at its order can hide it.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.items import attributes, item, pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import ledger, stock_changes
from comanda.domain.errors import Busy, StockConflict
from comanda.domain.stock.changes import LEAVING, Change, undo

ONE_TRANSACTION = 40  # changes: each is two writes, and the order, its event and children need room
_STEP = transaction.MOST_ITEMS - 1  # writes, beside the write of the plan
# After this time the sweeper undoes a plan. A plan that is only slow loses nothing: its next step is refused.
_LEASE = timedelta(minutes=2)
_MOMENTS = ("at", "occurred", "counted_at")
_ROWS = ("on_hand", "demand", "soft", "supplies", "expected", "clears")  # no plan moves a supply


def apply(order_id: str, version: int, changes: Sequence[Change], last: Sequence[Write], now: datetime) -> None:
    """Apply `changes` and `last` so that both are visible or neither is: in one transaction where they fit, else by a plan.

    Raises the errors of a transaction; then every change was given back.
    """
    if len(changes) <= ONE_TRANSACTION and 2 * len(changes) + len(last) <= transaction.MOST_ITEMS:
        try:
            _at_once(order_id, changes, last)
        except transaction.DoesNotFit:
            pass  # some changes have more writes: a count that included them, an alert
        else:
            return
    _in_steps(order_id, version, changes, last, now)


def _at_once(order_id: str, changes: Sequence[Change], last: Sequence[Write]) -> None:
    try:
        stock_changes.apply(changes, last)
    except StockConflict:
        if not changes or not take_over(order_id):
            raise
        stock_changes.apply(changes, last)  # a plan of the order itself had the units


def _in_steps(order_id: str, version: int, changes: Sequence[Change], last: Sequence[Write], now: datetime) -> None:
    take_over(order_id)
    name = f"{version:08d}.{_attempts(order_id, version) + 1}"
    numbered = [replace(change, n=f"{change.n}.{name[9:]}") for change in changes]
    _begin(order_id, name, numbered, now)

    def give_back(error: type[BaseException] | None, *_: object) -> None:
        if error is not None and issubclass(error, Exception):
            _undo(order_id, name, numbered)

    with ExitStack() as stack:
        stack.push(give_back)
        for step in _steps(numbered):
            stock_changes.apply(step, [_while_applying(order_id, name)])
        transaction.commit([*last, _ended(order_id, name)])


def _steps(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Yield the changes in steps that surely fit one transaction beside the write of the plan."""
    step: list[Change] = []
    room = _STEP
    for change in changes:
        if room < _most_writes(change):
            yield step
            step, room = [], _STEP
        step.append(change)
        room -= _most_writes(change)
    if step:
        yield step


def _most_writes(change: Change) -> int:
    """Return the most writes that a change needs: position, ledger line and alert of over-reservation. Units that leave may
    need a second ledger line, when a count contradicts them."""
    return 4 if change.kind in LEAVING else 3


def recover(order_id: str, now: datetime) -> int:
    """Undo every plan of the order whose lease is over, and return their number."""
    return _undo_all(order_id, [plan for plan in unfinished(order_id) if plan["until"] < keys.time(now)])


def take_over(order_id: str) -> int:
    """Undo every plan of the order that is not finished, and return their number."""
    return _undo_all(order_id, unfinished(order_id))


def unfinished(order_id: str) -> list[dict[str, Any]]:
    """Return the order's plans that are being applied or undone, or were left so by a process that ended."""
    return [plan for plan in _plans(order_id, "") if plan["state"] != "done"]


def _undo_all(order_id: str, left: list[dict[str, Any]]) -> int:
    for plan in left:
        _undo(order_id, keys.plan_of(plan), [_change(c) for c in unpack(plan["changes"])])
    return len(left)


def _begin(order_id: str, name: str, changes: Sequence[Change], now: datetime) -> None:
    values = {
        **keys.plan(order_id, name),
        **keys.in_queue("open", now + _LEASE, order_id, name),
        "state": "applying",
        "until": keys.time(now + _LEASE),
        "changes": pack([_document(change) for change in changes]),
    }
    is_open = transaction.check(
        settings.orders_table,
        keys.open_row(order_id),
        "attribute_exists(pk)",
        StockConflict("the order is closed"),
    )
    transaction.commit([transaction.put_once(settings.orders_table, values, StockConflict("plan")), is_open])


def _while_applying(order_id: str, name: str) -> Write:
    return transaction.check(
        settings.orders_table,
        keys.plan(order_id, name),
        "#state = :applying",
        StockConflict("the plan was undone"),
        n_state="state",
        applying="applying",
    )


def _ended(order_id: str, name: str) -> Write:
    return transaction.update(
        settings.orders_table,
        keys.plan(order_id, name),
        "SET #state = :done REMOVE changes, gsi3pk, gsi3sk",
        StockConflict("the plan was undone"),
        condition="#state = :applying",
        n_state="state",
        done="done",
        applying="applying",
    )


def _undo(order_id: str, name: str, changes: Sequence[Change]) -> None:
    flip = transaction.update(
        settings.orders_table,
        keys.plan(order_id, name),
        "SET #state = :undoing",
        _AlreadyDone(),
        condition="#state <> :done",
        n_state="state",
        undoing="undoing",
        done="done",
    )
    try:
        transaction.commit([flip])
    except _AlreadyDone:
        return
    for change in changes:
        for made in _recorded_changes(change):
            try:
                stock_changes.apply([undo(made)], [])
            except ledger.AlreadyMoved:
                continue
    transaction.commit(
        [
            transaction.update(
                settings.orders_table,
                keys.plan(order_id, name),
                "SET #state = :done REMOVE changes, gsi3pk, gsi3sk",
                StockConflict("plan"),
                n_state="state",
                done="done",
            )
        ]
    )


class _AlreadyDone(Busy):
    """The plan is done: its last step was written, and there is nothing to undo."""


def _recorded_changes(change: Change) -> list[Change]:
    """Return the parts of a step that the ledger has: none, the change, or also the units that a count put back."""
    lines = [ledger.find(made) for made in (change, replace(change, kind="adjust"))]
    return [ledger.recorded_change(line, change) for line in lines if line is not None]


def _attempts(order_id: str, version: int) -> int:
    return len(_plans(order_id, f"{version:08d}."))


def _plans(order_id: str, prefix: str) -> list[dict[str, Any]]:
    key = keys.plan(order_id, prefix)
    found = client("dynamodb").query(
        TableName=settings.orders_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues=item({":pk": key["pk"], ":sk": key["sk"]}),
        ConsistentRead=True,
    )
    return [attributes(row) for row in found["Items"]]


def _document(change: Change) -> dict[str, Any]:
    moments = {name: at.isoformat() for name in _MOMENTS if (at := getattr(change, name)) is not None}
    return {name: getattr(change, name) for name in Change.__slots__ if name not in _MOMENTS} | moments


def _change(document: dict[str, Any]) -> Change:
    rows = {name: tuple(tuple(row) for row in document.get(name, ())) for name in _ROWS}
    moments = {name: datetime.fromisoformat(document[name]) for name in _MOMENTS if name in document}
    return Change(**(document | rows | moments))
