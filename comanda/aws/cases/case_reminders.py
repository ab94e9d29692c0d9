"""
Note which cases are late, each once for its due time.

Called by   functions/sweep
Returns     the number of cases that were noted
Raises      StaleOrder, Throttled (Busy)
"""

from datetime import datetime
from functools import partial
from itertools import islice

from comanda.aws.cases import cases
from comanda.aws.cases.cases import CaseSaving
from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.settings import settings
from comanda.domain.cases import steps
from comanda.domain.cases.case import Case

_MOST = 100  # cases of one shard in one run; the next run goes on


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
        rows = reads.query(settings.orders_table, condition, index="GSI2", together=_MOST, pk=page, now=until)
        found += [row["gsi2sk"].rpartition("#")[2] for row in islice(rows, _MOST)]
    return found
