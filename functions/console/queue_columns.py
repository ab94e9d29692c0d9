"""
Decide which columns the page of a queue has: most queues have items of orders, the others items of money, parcels or supplies. Pure.

Called by   functions/console/pages/queue.py
Returns     columns, as functions/console/templates/_table.html takes them: (key, heading, kind); templates translate the headings
"""

from collections.abc import Mapping

from comanda.domain.orders.queues import Queue
from functions.console.view import spoken

type Column = tuple[str, str, str]

_ORDER: Column = ("name", spoken("Order"), "")
_VALUE: Column = ("total", spoken("Value"), "number")
_CHANNEL: Column = ("channel", spoken("Channel"), "")
_PROVIDER: Column = ("provider", spoken("Provider"), "")
_OF_ORDER: Column = ("order", spoken("Order"), "")
_PAYMENT: Column = ("name", spoken("Payment or payout"), "")
_SUPPLY: Column = ("name", spoken("Supply"), "")
_WAITS: tuple[Column, ...] = (
    ("reason", spoken("Reason"), "wide"),
    ("age", spoken("Age"), "number"),
    ("due", spoken("Due"), ""),
)
_CLAIM: Column = ("claim", spoken("Who has it"), "")
_OF_ORDERS: tuple[Column, ...] = (_ORDER, _CHANNEL, _VALUE, *_WAITS, _CLAIM)
_ACCOUNTS: tuple[Column, ...] = (("name", spoken("Customer or item"), ""), _CHANNEL, _VALUE, *_WAITS)

_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    Queue.RECONCILE: (
        _PAYMENT,
        _PROVIDER,
        _OF_ORDER,
        ("ours", spoken("Ours"), "number"),
        ("reported", spoken("Reported"), "number"),
        ("total", spoken("Difference"), "number"),
        *_WAITS,
    ),
    Queue.PROVIDER_NOTICES: (_PAYMENT, _PROVIDER, _OF_ORDER, _VALUE, *_WAITS),
    Queue.SHIPPING_COSTS: (
        ("name", spoken("Parcel"), ""),
        ("carrier", spoken("Carrier"), ""),
        _OF_ORDER,
        ("estimated", spoken("Label"), "number"),
        ("total", spoken("Billed"), "number"),
        *_WAITS,
    ),
    Queue.TAX_RECORDS: (("name", spoken("Document"), ""), _OF_ORDER, *_WAITS),
    Queue.GIFT_CARDS: _ACCOUNTS,
    Queue.CREDIT_ACCOUNTS: _ACCOUNTS,
    Queue.TRANSFERS: (_SUPPLY, *_WAITS),
    Queue.TRANSFER_DIFFERENCES: (_SUPPLY, *_WAITS),
}


def of_queue(queue: str) -> tuple[Column, ...]:
    """Return the columns of a queue's table, the one that names the item first."""
    return _COLUMNS.get(queue, _OF_ORDERS)
