"""
List and answer the items of transfers that wait for a person: requests to an origin, and received units that were not shipped.

Called by   functions/stock (approve, refuse), functions/intake (the queues), functions/sweep (requests without an answer)
Returns     a Verdict for each line; items of the two queues
Raises      NotFound, Forbidden, NotAllowed, Invalid; StockConflict, Throttled (Busy)
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.aws.stock_updates import supplies, supply_reads
from comanda.aws.stock_updates.row_batches import APPLIED, REJECTED, Verdict
from comanda.aws.stock_updates.supply_rows import SupplyRow
from comanda.domain import views
from comanda.domain.errors import Forbidden, Invalid, NotAllowed, NotFound, Problem
from comanda.domain.orders.queues import ANSWERS_OF_STOCK, Queue
from comanda.domain.stock import supplies as steps
from comanda.domain.stock.supply_line import (
    APPROVE,
    REFUSE,
    REFUSED,
    REQUESTED,
    Difference,
    Step,
    SupplyLine,
    supply_status,
)

_BETWEEN = "~"  # no id holds one


def answer_requests(
    supply_id: str, numbers: Sequence[int] | None, action: str, *, by: str, owns: Callable[[str], bool]
) -> list[tuple[int, Verdict]]:
    """Approve or refuse (`action`) the lines of a supply that ask for units, and return each line's number with its
    verdict. `numbers` are the lines to answer; without them all lines that ask are answered.

    Raises NotFound when the supply does not exist or neither of its ends is the caller's, Forbidden when a line's origin
    is not the caller's, NotAllowed when a line does not wait for an answer.
    """
    lines = require_seen(supply_id, owns)
    if not all(owns(line.origin or line.node) for line in lines):
        raise Forbidden("the node that the units come from answers, or the office")
    wanted = _chosen([line for line in lines if _waits_or_has(line, action)], numbers)
    rows = [_answer_row(i, supply_id, line.number, action, by) for i, line in enumerate(wanted)]
    verdicts = supplies.apply(f"{action} {supply_id}", rows, owns=owns, now=clock.now)
    if all(verdict.status == REJECTED for verdict in verdicts):
        raise NotAllowed(_reason(verdicts[0]))
    return [(line.number, verdict) for line, verdict in zip(wanted, verdicts, strict=True)]


def _chosen(asking: Sequence[SupplyLine], numbers: Sequence[int] | None) -> Sequence[SupplyLine]:
    """Return the lines of these numbers, or all lines where no numbers are given. Raises NotAllowed for a number of no
    line that asks, and where no line asks."""
    if not numbers:
        if not asking:
            raise NotAllowed("no line of it waits for an answer")
        return asking
    by_number = {line.number: line for line in asking}
    for i, number in enumerate(numbers):
        if number not in by_number:
            raise NotAllowed("does not wait for an answer", pointer=f"/lines/{i}")
    return [by_number[number] for number in numbers]


def require_seen(supply_id: str, owns: Callable[[str], bool]) -> tuple[SupplyLine, ...]:
    """Return the lines of a supply of which one end is the caller's. Raises NotFound otherwise, as if the supply did
    not exist."""
    found = supply_reads.find(supply_id)
    lines = found.lines if found else ()
    if not any(owns(node) for line in lines for node in (line.node, line.origin) if node):
        raise NotFound("supply", supply_id)
    return lines


def _waits_or_has(line: SupplyLine, action: str) -> bool:
    """Return whether a line waits for an answer, or has exactly this answer already."""
    return line.state == REQUESTED or (line.approved if action == APPROVE else line.state == REFUSED)


def _answer_row(i: int, supply_id: str, number: int, action: str, by: str) -> SupplyRow:
    # Each line has one answer, whichever caller gives it: no client can send this reference.
    step = Step(reference=f"{_BETWEEN}answer", action=action, by=by)
    return SupplyRow(line=i, supply_id=supply_id, number=number, step=step, content=_content(action))


def summary(supply_id: str) -> dict[str, Any]:
    """Return a supply's id, version and status. Raises NotFound."""
    found = supply_reads.find(supply_id)
    if found is None:
        raise NotFound("supply", supply_id)
    return {"supply_id": supply_id, "version": found.version, "status": supply_status(list(found.lines))}


def refuse_unanswered(now: datetime) -> int:
    """Refuse the requests that were not answered in time, and return how many lines that were."""
    waiting = sorted(_late(now))
    refused = 0
    for supply_id, lines in groupby(waiting, key=lambda place: place[0]):
        rows = [_answer_row(i, supply_id, number, REFUSE, "sweep") for i, (_, number) in enumerate(lines)]
        verdicts = supplies.apply(f"{REFUSE} {supply_id}", rows, owns=lambda _: True, now=clock.now)
        refused += sum(verdict.status != REJECTED for verdict in verdicts)
    return refused


def _late(now: datetime) -> Iterator[tuple[str, int]]:
    """Yield the lines whose time to be answered is over, from the index."""
    for shard in range(keys.SHARDS):
        rows = reads.query(
            settings.stock_table,
            "gsi3pk = :pk AND gsi3sk < :now",
            index="GSI3",
            pk=keys.queue_page(Queue.TRANSFERS, shard),
            now=keys.requests_until(now),
        )
        for row in reads.batch(settings.stock_table, [{"pk": row["pk"], "sk": row["sk"]} for row in rows]):
            if row.get("state") == REQUESTED:
                yield row["supply_id"], row["number"]


def item(queue: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return an item of one of the queues from its row: ids and counts, and the names of the callers that sent them."""
    if queue == Queue.TRANSFERS:
        at = datetime.fromisoformat(row["asked_at"])
        name: tuple[Any, ...] = (row["supply_id"], row["number"])
        reason = f"{row['quantity']} units are asked of {row['origin']}, which has not agreed"
        sent = {"told_by": row["asked_by"], "units": row["quantity"]}
        due = at + steps.DAYS_TO_ANSWER
    else:
        at, name = datetime.fromisoformat(row["at"]), (row["supply_id"], row["number"], row["reference"])
        reason = f"{row['quantity']} units were received at {row['node']} and not shipped by {row['origin']}"
        sent = {"told_by": row["by"], "units": row["quantity"], "reference": row["reference"], "bucket": row["bucket"]}
        sent |= {"occurred_at": views.time(datetime.fromisoformat(row["occurred"]))}
        due = at + steps.TIME_TO_EXPLAIN
    data = {"line": row["number"], "sku": row["sku"], "origin_node_id": row["origin"], "node_id": row["node"], **sent}
    return {
        "item_id": _BETWEEN.join(map(str, name)),
        "supply_id": row["supply_id"],
        "queue": queue,
        "reason": reason,
        "due": views.time(due),
        "since": views.time(at),
        "data": {name: str(value) for name, value in {"told_at": views.time(at), **data}.items()},
    }


def resolve(source: str, queue: str, item_id: str, answer: str, by: str) -> tuple[str, int, Verdict]:
    """Carry out a person's answer to an item, and return its supply, line and verdict.

    `source` names the request: a request that is repeated after it was cut off gets the same answer. Raises NotFound when the
    item does not wait in the queue.
    """
    answers = ANSWERS_OF_STOCK[queue]
    if answer not in answers:
        problem = Problem(pointer="/answer", code="unknown-answer", message=f"{queue} takes: {', '.join(answers)}")
        raise Invalid(problem)
    supply_id, _, rest = item_id.partition(_BETWEEN)
    number, _, reference = rest.partition(_BETWEEN)
    if not (number.isascii() and number.isdigit() and len(number) <= 4 and supply_id):
        raise NotFound(f"item of queue {queue}", item_id[:200])
    if queue == Queue.TRANSFERS:
        step_row = _answer_row(0, supply_id, int(number), answer.upper(), by)
    else:
        step_row = _explanation_row(supply_id, int(number), reference, answer.upper(), by)
    row = _row(queue, supply_id, number, reference)
    if row is None:
        if not supplies.was_applied(source, step_row, clock.now()):
            raise NotFound(f"item of queue {queue}", item_id[:200])
    elif queue == Queue.TRANSFER_DIFFERENCES:
        difference = Difference(**{name: row[name] for name in Difference.__slots__})
        step_row = replace(step_row, step=replace(step_row.step, difference=difference))
    (verdict,) = supplies.apply(source, [step_row], owns=lambda _: True, now=clock.now)
    if verdict.status == REJECTED:
        raise NotAllowed(_reason(verdict))
    if verdict.status != APPLIED:  # another caller has answered it meanwhile
        raise NotFound(f"item of queue {queue}", item_id[:200])
    return supply_id, int(number), verdict


def _explanation_row(supply_id: str, number: int, reference: str, action: str, by: str) -> SupplyRow:
    # Each difference has one answer, whichever caller gives it: no client can send this reference.
    step = Step(reference=f"{reference}{_BETWEEN}explained", action=action, by=by)
    return SupplyRow(line=0, supply_id=supply_id, number=number, step=step, content=_content(action))


def _row(queue: str, supply_id: str, number: str, reference: str) -> dict[str, Any] | None:
    """Return the row that waits in the queue under an item's id, or None."""
    if queue == Queue.TRANSFERS:
        row = reads.get(settings.stock_table, keys.supply_line(supply_id, int(number)))
        return row if row and row["state"] == REQUESTED and not reference else None
    return reads.get(settings.stock_table, keys.difference(supply_id, int(number), reference))


def _reason(verdict: Verdict) -> str:
    """Return the reason of a refusal as a sentence. No field begins the sentence, because a person answers an item and sends no fields."""
    field, _, message = verdict.reason.partition(": ")
    return message if field == "action" else f"the {field.replace('_', ' ')} {message}"


def _content(action: str) -> str:
    return sha256(action.encode()).hexdigest()
