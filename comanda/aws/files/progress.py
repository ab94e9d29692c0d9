"""
Keep the progress of a partner's file: its `FILE#` row in Directory, and the answers to the lines that are done.

Called by   functions/inbox
Returns     Progress of a file; rows of files that are being applied; the Round of a search
Raises      Throttled

Row and answers are written together at each checkpoint, so a run that resumes the file continues behind the last checkpoint.
While a file is being applied, an index lists its row by the time of its last checkpoint. A file at no partner's place has its
row under the partner "".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from comanda.aws.dynamodb import keys, reads, single_writes, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Throttled

APPLYING, DONE, REFUSED, GIVEN_UP = "APPLYING", "DONE", "REFUSED", "GIVEN_UP"

_MOST = 2_000  # answers in one item: at 60 bytes each they fit it many times, unpacked
_ROW_DAYS, _ANSWERS_DAYS = 400, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of one version of one file. `tries` counts how often a sweep resumed it since its last checkpoint."""

    partner: str
    source: str  # key and version
    received: datetime
    tries: int = 0

    @property
    def key(self) -> keys.Key:
        return keys.file(self.partner, self.received, self.source)

    def load(self) -> dict[str, Any]:
        """Return the file's row: {"state", "line", ...}; empty before the first checkpoint."""
        return reads.get(settings.directory_table, self.key) or {}

    def checkpoint(self, state: str, line: int, answers: Sequence[Any], **facts: Any) -> None:
        """Store that everything up to `line` was answered. `answers` are JSON values for the lines since the last checkpoint.

        A checkpoint sets `tries` back to 0, because a long file may need many runs.
        """
        # Only one run writes a file's row, and a repeated run writes the same row.
        lost = Throttled("file row")
        now = clock.now()
        row = {
            **self.key,
            **(keys.file_applying(now) if state == APPLYING else {}),
            "partner": self.partner,
            "source": self.source,
            "received": self.received.isoformat(),
            "state": state,
            "line": line,
            "at": now.isoformat(),
            "ttl": self._until(_ROW_DAYS),
            **facts,
        }
        parts = [answers[first : first + _MOST] for first in range(0, len(answers), _MOST)]
        transaction.commit(
            [
                *(
                    transaction.put(
                        settings.directory_table,
                        {
                            **keys.file_answers(self.key, part[0][0]),
                            "answers": pack(part),
                            "ttl": self._until(_ANSWERS_DAYS),
                        },
                        lost,
                    )
                    for part in parts
                ),
                transaction.put(settings.directory_table, row, lost),
            ]
        )

    def answers(self) -> Iterator[Any]:
        """Yield all answers of the checkpoints, in the order of the lines."""
        pk = keys.file_answers(self.key, 0)["pk"]
        for row in reads.query(settings.directory_table, "pk = :pk", consistent=True, pk=pk):
            yield from unpack(row["answers"])

    def take_up(self, now: datetime, *, seen: str, counts: bool) -> bool:
        """Store that the file is resumed. Return False if its row changed since it was `seen`; "" stands for no row.

        Raises Throttled.
        """
        return single_writes.update(
            settings.directory_table,
            self.key,
            "SET #partner = :partner, #source = :source, #received = :received, #state = :applying, #at = :now,"
            " #line = if_not_exists(#line, :none), #ttl = :ttl, gsi1pk = :page, gsi1sk = :place ADD #tries :one",
            condition="#at = :seen AND #state = :applying" if seen else "attribute_not_exists(pk)",
            n_partner="partner",
            n_source="source",
            n_received="received",
            n_state="state",
            n_at="at",
            n_line="line",
            n_ttl="ttl",
            n_tries="tries",
            partner=self.partner,
            source=self.source,
            received=self.received.isoformat(),
            applying=APPLYING,
            now=now.isoformat(),
            none=0,
            ttl=self._until(_ROW_DAYS),
            page=keys.file_applying(now)["gsi1pk"],
            place=keys.file_applying(now)["gsi1sk"],
            one=int(counts),
            **({"seen": seen} if seen else {}),
        )

    def give_up(self, now: datetime, *, seen: str) -> bool:
        """Store that the file is not resumed any more. Return False if its row changed since it was `seen`."""
        return single_writes.update(
            settings.directory_table,
            self.key,
            "SET #state = :given_up, #at = :now REMOVE gsi1pk, gsi1sk",
            condition="#at = :seen AND #state = :applying",
            n_state="state",
            n_at="at",
            given_up=GIVEN_UP,
            applying=APPLYING,
            now=now.isoformat(),
            seen=seen,
        )

    def _until(self, days: int) -> int:
        return int(self.received.timestamp()) + days * 24 * 3600


def applying(before: datetime, most: int) -> list[dict[str, Any]]:
    """Return at most `most` rows of files that are being applied and were last written before a time, the oldest first."""
    place = keys.file_applying(before)
    condition = "gsi1pk = :page AND gsi1sk <= :place"
    listed = reads.query(settings.directory_table, condition, index="GSI1", page=place["gsi1pk"], place=place["gsi1sk"])
    wanted = [{"pk": row["pk"], "sk": row["sk"]} for row in islice(listed, most)]
    return [row for row in reads.batch(settings.directory_table, wanted) if row["state"] == APPLYING]


def sources(partner: str, since: datetime) -> set[str]:
    """Return the sources of a partner's files that arrived since a time and have a row."""
    first = keys.file(partner, since, "")
    rows = reads.query(
        settings.directory_table,
        "pk = :pk AND sk >= :first",
        consistent=True,
        only=("source",),
        pk=first["pk"],
        first=keys.time(since),
    )
    return {row["source"] for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The progress of a search through the versions under inbox/. `after` is the place in the list, None at its
    beginning."""

    since: datetime  # the round before has seen all versions that were put earlier
    begun: datetime
    after: tuple[str, str] | None = None

    def keep(self) -> None:
        """Store the round for the next search. Raises Throttled."""
        values = {"since": self.since.isoformat(), "begun": self.begun.isoformat(), "after": self.after}
        row = {**keys.files_round(), **values}
        transaction.commit([transaction.put(settings.directory_table, row, Throttled("files round"))])


def kept_round(*, otherwise: Round) -> Round:
    """Return the round that the last search kept, or `otherwise` when there is none."""
    row = reads.get(settings.directory_table, keys.files_round())
    if row is None:
        return otherwise
    after = row.get("after")
    return Round(
        since=datetime.fromisoformat(row["since"]),
        begun=datetime.fromisoformat(row["begun"]),
        after=(after[0], after[1]) if after else None,
    )
