"""
Define the parts of every kind of partner's file: its columns, its groups of rows, and how a page of it is applied.

Called by   functions/inbox/handler.py, which makes a kind for each file; functions/inbox/shipment_file.py, stock_file.py,
            supply_file.py, tracking_file.py, price_file.py, settlement_file.py, statement_file.py
Returns     a RowAnswer for each line of a page
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, ClassVar

from functions.inbox import reading
from functions.inbox.fields import RowAnswer
from functions.inbox.partner import Partner
from functions.inbox.reading import Columns, Layout, Record

type Page = Sequence[tuple[int, Record]]  # line numbers with their records


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind(ABC):
    """One version of one file. `source` names it, and `received` is when S3 took it."""

    columns: ClassVar[Columns]

    partner: Partner
    source: str
    received: datetime

    def group(self, _record: Record) -> int | None:
        """Return the hash of the group whose rows are applied together, or None if each row stands alone."""
        return None

    def survey(self, stream: BinaryIO, size: int) -> Layout:
        """Read the whole file once. Raises Refused if it is wrong."""
        return reading.survey(stream, size, self.columns, self.group)

    def records(self, stream: BinaryIO, layout: Layout, after: int) -> Iterator[tuple[int, Record]]:
        """Yield the records after a line, each with its line number."""
        return reading.records(stream, layout, after)

    @abstractmethod
    def take(self, page: Page) -> list[RowAnswer]:
        """Apply a page of the file, and answer each of its lines."""

    def finish(self) -> None:  # noqa: B027  most kinds have applied every row by then
        """Apply what waits for the end of the file. It may be called again after a crash."""
