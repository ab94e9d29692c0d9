"""
Make a milestone's mail that fails visible on its order: an event `mail_failed`, and an item of the queue `mails`.

Called by   functions/notify/handler.py, around each record of its queue. The record is tried again; a mail that is sent after all takes its
            item out of the queue.
Raises      what the mail raised
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


class Visible:
    """A context that records what the mail about an event of an order raises, and suppresses nothing."""

    def __init__(self, order_id: str, kind: str, version: int) -> None:
        self.order_id, self.kind, self.version = order_id, kind, version

    def __enter__(self) -> None:
        """Do nothing before the mail is made."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: TracebackType | None) -> None:
        row = keys.task(self.order_id, Queue.MAILS, mailing.item(self.kind, self.version))
        if error is None:
            if reads.get(settings.orders_table, row) is not None:
                single_writes.delete(settings.orders_table, row, condition="attribute_exists(pk)")
        elif isinstance(error, Exception) and not isinstance(error, Busy):
            self._show(row, name_of(error))

    def _show(self, row: keys.Key, reason: str) -> None:
        """Record the failure once for each reason, because the same record is tried a few times."""
        shown = reads.get(settings.orders_table, row)
        if shown is None or shown["reason"] != reason:
            now = clock.now()
            orders.decide(self.order_id, lambda order: mailing.not_told(order, self.kind, self.version, reason, now))
