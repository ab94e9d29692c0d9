"""
Record on its order that a milestone's mail failed: as an event `mail_failed`, and as an item of the queue `mails`.

Called by   functions/notify/handler.py, around each record of its queue
Raises      the error that the mail raised

The record is tried again. If the mail is sent after all, its item is taken out of the queue.
"""

from types import TracebackType

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.orders import orders
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import name_of
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Busy
from comanda.domain.lifecycle import mailing
from comanda.domain.orders.queues import Queue


class FailureRecord:
    """Record the error that the mail about an event of an order raises, and suppress none.

    `kind` and `version` are the type and the version of the event.
    """

    def __init__(self, order_id: str, kind: str, version: int) -> None:
        self.order_id, self.kind, self.version = order_id, kind, version

    def __enter__(self) -> None:
        """Do nothing before the mail is made."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: TracebackType | None) -> None:
        row = keys.task(self.order_id, Queue.MAILS, mailing.task_item(self.kind, self.version))
        if error is None:
            if reads.get(settings.orders_table, row) is not None:
                single_writes.delete(settings.orders_table, row, condition="attribute_exists(pk)")
        elif isinstance(error, Exception) and not isinstance(error, Busy):
            self._record(row, name_of(error))

    def _record(self, row: keys.Key, reason: str) -> None:
        """Record the failure once for each reason, because the same mail is tried a few times."""
        recorded = reads.get(settings.orders_table, row)
        if recorded is None or recorded["reason"] != reason:
            now = clock.now()
            orders.decide(self.order_id, lambda order: mailing.mail_failed(order, self.kind, self.version, reason, now))
