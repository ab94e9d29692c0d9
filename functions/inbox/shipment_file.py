"""
Apply a shipment file page by page: check its rows, and ship the rows of one shipment together.

Called by   functions/inbox/handler.py
Returns     a RowAnswer for each line
Raises      StaleOrder, StockConflict, Throttled, RowTaken (Busy)
"""

from comanda.aws.files.applied_rows import Book
from comanda.aws.runtime.settings import settings
from functions.inbox import shipment_rows
from functions.inbox.apply_shipments import ShipmentApplier
from functions.inbox.arrival import SHIPMENTS
from functions.inbox.fields import RowAnswer
from functions.inbox.file_kind import FileKind, Page
from functions.inbox.reading import Record
from functions.inbox.shipment_rows import ShipmentRow


class ShipmentFile(FileKind):
    """Rows of units that left. Rows of the same shipment and order form a group."""

    columns = shipment_rows.COLUMNS

    def group(self, record: Record) -> int | None:
        """Return the hash of the row's shipment and order."""
        return shipment_rows.group(record)

    def take(self, page: Page) -> list[RowAnswer]:
        """Check the rows, apply the correct ones, and answer all of them."""
        checked = [shipment_rows.check_row(line, record, settings.cell, self.received) for line, record in page]
        answers = [answer for answer in checked if isinstance(answer, RowAnswer)]
        book = Book(
            table=settings.orders_table, partner=self.partner.id, kind=SHIPMENTS, now=int(self.received.timestamp())
        )
        applier = ShipmentApplier(partner=self.partner, source=self.source, book=book)
        return answers + applier.apply([row for row in checked if isinstance(row, ShipmentRow)])
