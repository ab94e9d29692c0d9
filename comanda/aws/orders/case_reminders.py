"""
Note which cases are late, each once for its due time, and find the events of cases that are not on the bus yet.

Called by   functions/sweep; functions/relay (`sent`, `unsent_rows`)
Returns     the number of cases that were noted; the keys of events
Raises      StaleOrder, Throttled (Busy)
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.orders import cases
from comanda.aws.orders.cases import CaseSaving
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.settings import settings
from comanda.domain.cases import steps
from comanda.domain.cases.case import Case

MOST = 100  # cases, or events, of one shard in one run; the next run goes on
_LATER = timedelta(minutes=5)  # the stream has delivered younger events, or is about to


def remind(now: datetime) -> int:
    """Note each case that is late. One that is busy stops no other."""
    noted: list[str] = []

    def note(case_id: str) -> None:
        def decide(case: Case) -> CaseSaving | None:
            decision = steps.remind(case, "sweep", now)
            if decision is not None:
                noted.append(case_id)
            return None if decision is None else CaseSaving(decision=decision)

        cases.decide(case_id, decide)

    do_all([partial(note, case_id) for case_id in _late(now)])
    return len(set(noted))


def _late(now: datetime) -> list[str]:
    found: list[str] = []
    for shard in range(keys.SHARDS):
        page, until = keys.queue_page("case-reminders", shard), keys.time(now)
        condition = "gsi2pk = :pk AND gsi2sk < :now"
        rows = reads.query(settings.orders_table, condition, index="GSI2", together=MOST, pk=page, now=until)
        found += [row["gsi2sk"].rpartition("#")[2] for row in islice(rows, MOST)]
    return found


def missed_events(now: datetime) -> list[keys.Key]:
    """Return the keys of the events that should be on the bus for minutes, and are not noted as sent."""
    found: list[keys.Key] = []
    for shard in range(keys.SHARDS):
        page, until = keys.queue_page("case-events", shard), keys.time(now - _LATER)
        condition = "gsi3pk = :pk AND gsi3sk < :until"
        rows = reads.query(settings.orders_table, condition, index="GSI3", together=MOST, pk=page, until=until)
        found += [{"pk": row["pk"], "sk": row["sk"]} for row in islice(rows, MOST)]
    return found


def unsent_rows(found: Iterable[keys.Key]) -> list[dict[str, Any]]:
    """Return the events at these keys that are not noted as sent."""
    rows = (reads.get(settings.orders_table, key) for key in found)
    return [row for row in rows if row is not None and "gsi3pk" in row]


def sent(rows: Iterable[dict[str, Any]]) -> None:
    """Note that the events are on the bus."""
    for row in rows:
        key = {"pk": row["pk"], "sk": row["sk"]}
        single_writes.update(settings.orders_table, key, "REMOVE gsi3pk, gsi3sk", condition="attribute_exists(pk)")
