"""
Make and check the tokens of addresses that customers answer to. They are signed with the key of the customers' links.

A token of an order ends when the links to the order are revoked.

Called by   functions/cases; comanda.aws.customers.mails, for answers to mails about orders
Returns     texts; what a token says, or None for one that binds nothing
"""

from datetime import datetime

from comanda.aws.orders import order_links
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.cases import reply_token
from comanda.domain.cases.reply_token import Reply

_NO_ORDER_EPOCH = 1


def write(case_id: str, now: datetime) -> str:
    """Return the token for answers to a case."""
    return reply_token.write(case_id, _epoch(case_id), now.date(), order_links.signing_keys(now)[0])


def read(token: str, now: datetime) -> Reply | None:
    """Return what a token says, or None for one that no key in use has signed, that is too old, or that was revoked."""
    found = reply_token.read(token, order_links.signing_keys(now), now.date(), settings.cell)
    if found is None or (found.order_id and order_links.epoch(found.order_id) & 0xFFFF != found.epoch):
        return None
    return found


def _epoch(case_id: str) -> int:
    of = ids.order_of_case(case_id)
    return order_links.epoch(of[0]) if of else _NO_ORDER_EPOCH
