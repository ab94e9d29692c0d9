"""
How far a partner's file has come: its `FILE#` row in Directory, and what was said of the lines that are done.

The two are written together at each checkpoint, so whoever takes the file up again goes on behind the last of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws import keys, reads, transaction
from comanda.aws.items import pack, unpack
from comanda.aws.settings import settings
from comanda.domain.errors import Throttled

APPLYING, DONE, REFUSED = "APPLYING", "DONE", "REFUSED"

_MOST = 2_000  # answers in one item: at 60 bytes each they fit it many times, unpacked
_ROW_DAYS, _ANSWERS_DAYS = 400, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Of one version of one file."""

    partner: str
    source: str  # key and version
    received: datetime

    @property
    def key(self) -> keys.Key:
        return keys.file(self.partner, self.received, self.source)

    def now(self) -> dict[str, Any]:
        """The file's row: {"state", "line", ...}; empty when nothing of it was done yet."""
        return reads.get(settings.directory_table, self.key) or {}

    def checkpoint(self, state: str, line: int, answers: Sequence[Any], **facts: Any) -> None:
        """Everything up to `line` was said; `answers` are JSON values, about the lines since the last checkpoint."""
        # Nobody else writes a file's row, and whoever writes it again writes the same.
        lost = Throttled("file row")
        row = {
            **self.key,
            "source": self.source,
            "received": self.received.isoformat(),
            "state": state,
            "line": line,
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
        """All that was said at checkpoints, in the order of the lines."""
        said = keys.file_answers(self.key, 0)["pk"]
        for row in reads.query(settings.directory_table, "pk = :pk", consistent=True, pk=said):
            yield from unpack(row["answers"])

    def _until(self, days: int) -> int:
        return int(self.received.timestamp()) + days * 24 * 3600
