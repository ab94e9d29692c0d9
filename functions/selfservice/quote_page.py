"""
Show a customer the quote of the signed link in a mail: its lines, its total, and until when it is valid.

Called by   functions/selfservice/handler.py, for a link whose purpose is a quote
Returns     a page. A quote that is over, was changed or was ordered shows no prices
Raises      NotFound for a link that opens nothing
"""

from datetime import datetime

from comanda.aws.api.replies import Reply, page
from comanda.aws.directory import directory
from comanda.aws.drafts import quote_links
from comanda.aws.drafts.quote_links import OpenedQuote
from comanda.aws.runtime import formats
from comanda.domain.drafts.draft import Draft, DraftLine, DraftStatus
from comanda.domain.orders.bundle_lines import COMPONENT
from comanda.domain.orders.order_link import Link
from functions.selfservice import facts, render
from functions.selfservice.pages import HEADERS

VALID, ORDERED, REPLACED, OVER = "valid", "ordered", "replaced", "over"


def show(link: Link, now: datetime) -> Reply:
    """Return the page of a quote."""
    opened = quote_links.find(link)
    draft = opened.draft
    channel = directory.find(directory.CHANNEL, draft.channel) or {}
    shop, state = str(channel.get("name") or draft.channel), state_of(opened, now)
    html = render.page(
        "quote.html",
        formats.chosen(draft.locale, channel.get("locales") or ()),
        title=shop,
        number=opened.number,
        first_name=facts.first_name(opened.contact),
        state=state,
        until=draft.expires_at.date().isoformat(),
        clock=f"{draft.expires_at:%H:%M} UTC",
        currency=draft.currency,
        lines=_lines(draft) if state == VALID else [],
        totals=facts.totals(draft) if state == VALID else [],
    )
    return page(html, headers=HEADERS)


def state_of(opened: OpenedQuote, now: datetime) -> str:
    """Return what became of the quote of the link."""
    if opened.is_valid(now):
        return VALID
    if opened.draft.status is DraftStatus.CONFIRMED:
        return ORDERED
    live = opened.draft.is_live(now)
    return REPLACED if live and (not opened.is_last or opened.draft.status is DraftStatus.OPEN) else OVER


def _lines(draft: Draft) -> list[dict[str, object]]:
    """Return the lines as a customer reads them. The components of a bundle stand with it."""
    return [
        {
            "title": _title(line),
            "quantity": line.quantity,
            "amount": line.goods,
            "parts": [_title(part) for part in draft.lines if part.parent_line_id == line.line_id],
        }
        for line in draft.lines
        if line.kind != COMPONENT
    ]


def _title(line: DraftLine) -> str:
    return line.title or line.sku
