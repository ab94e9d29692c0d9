"""
Make and open the links by which customers see quotes. They are signed as the links to orders are.

The epoch of a link is the revision of the quote: a changed draft ends its link, and so does the next quote.

Called by   functions/notify, functions/drafts, functions/selfservice
Returns     addresses; drafts
Raises      NotFound for a link whose draft, or whose draft's customer, is not there any more
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.drafts import draft_contacts, drafts
from comanda.aws.orders import order_links
from comanda.domain.drafts.draft import Draft, DraftStatus, Quote
from comanda.domain.errors import NotFound
from comanda.domain.orders.order_link import Link, Purpose

_AFTER_END = timedelta(days=7)  # so long the page says that the quote is over


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedQuote:
    """A draft whose quote a link has named. `number` is that of the link's quote, which may not be the last one."""

    draft: Draft
    contact: dict[str, Any]
    number: str
    is_last: bool

    def is_valid(self, now: datetime) -> bool:
        """Return True if the customer may still rely on the quote of the link."""
        return self.is_last and self.draft.status_at(now) is DraftStatus.QUOTED


def address(draft_id: str, revision: int, valid_until: datetime, now: datetime) -> str:
    """Return the address at which the customer sees the quote of this revision."""
    last_day = (valid_until + _AFTER_END).date()
    link = Link(order_id=draft_id, expires=last_day, epoch=revision, purposes=Purpose.QUOTE)
    return order_links.address_of(link, now)


def find(link: Link) -> OpenedQuote:
    """Return the quote of a link that was read. Raises NotFound."""
    draft = drafts.find(link.order_id)
    if draft is None or draft.quote is None or draft.erased or draft_contacts.is_hidden(draft):
        raise NotFound("link", "of this address")
    contact = draft_contacts.find(link.order_id)
    last = draft.quote
    number = Quote(base=last.base, revision=link.epoch, quoted_at=last.quoted_at, valid_until=last.valid_until).number
    return OpenedQuote(draft=draft, contact=contact, number=number, is_last=link.epoch == last.revision)
