"""
Mail a customer the quote of a draft, once for each of its numbers.

Called by   functions/notify/handler.py, for the event of a draft that was quoted
Returns     nothing
Raises      MailClaimed, Throttled; SES's code if SES refuses the mail

A quote that is over when its event comes, because the draft was changed or ordered, is not mailed.
"""

from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.customers import mails
from comanda.aws.directory import directory
from comanda.aws.drafts import draft_contacts, drafts, quote_links
from comanda.aws.runtime import clock, formats
from comanda.domain.drafts.draft import Draft, DraftStatus, Quote
from comanda.domain.orders.bundle_lines import COMPONENT
from functions.notify import rules
from functions.notify.item_rows import ItemRow
from functions.notify.render import render
from functions.notify.rules import Letter

logger = Logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedSale:
    """The draft of a quote, with the fields that mails read of an order."""

    order_id: str
    external_id: str
    locale: str
    currency: str
    prices_include_tax: bool


def send(event: dict[str, Any], role: str) -> None:
    """Mail the quote of an event, unless it was mailed, is over, or its customer has no address."""
    draft, now = drafts.find(event["subject"]), clock.now()
    quote = draft.quote if draft else None
    if draft is None or quote is None or not _is_news(draft, quote, event["data"]["number"]):
        logger.info("nothing to mail", extra={"draft_id": event["subject"]})
        return
    contact = {} if draft_contacts.is_hidden(draft) else draft_contacts.find(draft.draft_id)
    to = rules.mail_address(contact)
    if to is None:
        logger.info("no address to mail to", extra={"draft_id": draft.draft_id})
        return
    channel = directory.find(directory.CHANNEL, draft.channel) or {}
    shop = str(channel.get("name") or draft.channel)
    sale = QuotedSale(
        order_id=draft.draft_id,
        external_id=quote.number,
        locale=formats.chosen(draft.locale, channel.get("locales") or ()),
        currency=draft.currency,
        prices_include_tax=draft.prices_include_tax,
    )
    page = quote_links.address(draft.draft_id, quote.revision, quote.valid_until, now)
    text = render(letter(draft, quote), sale, contact, shop=shop, places={}, links={}, page=page)
    mail = mails.Mail(to=to, shop=shop, subject=text.subject, html=text.html, text=text.plain)
    sent = mails.send_of_draft_once(draft.draft_id, letter(draft, quote).event, role, mail, drafts.ttl(draft), now)
    logger.info("mailed" if sent else "mailed before", extra={"draft_id": draft.draft_id, "number": quote.number})


def _is_news(draft: Draft, quote: Quote, number: str) -> bool:
    """Return True if the customer may rely on the quote of the event now."""
    return quote.number == number and draft.status_at(clock.now()) is DraftStatus.QUOTED


def letter(draft: Draft, quote: Quote) -> Letter:
    """Return the letter that offers the draft at its prices."""
    return Letter(
        event=f"quote-{quote.revision}",
        kind="quoted",
        rows=tuple(_item_rows(draft)),
        totals=draft.totals,
        tax_estimated=draft.tax_estimated,
        until=f"{quote.valid_until:%Y-%m-%dT%H:%M}",
    )


def _item_rows(draft: Draft) -> list[ItemRow]:
    """Return a row for each line, and the components of a bundle below it."""
    rows = []
    for line in draft.lines:
        if line.kind == COMPONENT:
            continue
        rows.append(ItemRow(title=line.title or line.sku, quantity=line.quantity, amount=line.goods))
        rows += [
            ItemRow(title=part.title or part.sku, quantity=part.quantity, amount=None, part=True)
            for part in draft.lines
            if part.parent_line_id == line.line_id
        ]
    return rows
