"""
Let a visitor without scripts confirm an order by a link that is mailed to the address of the order.

Called by   functions/order_form/sending.py, functions/order_form/handler.py
Returns     pages
Raises      Throttled when SES does not take the mail now; SES's code when it refuses it

Until then nothing is ordered. The form waits for a day, sealed under the link's token, which the table does not hold: whoever
reads the table has no name and no address. Opening the link changes nothing, because programs that scan mails open links; the
button of its page places the order, once.
"""

import json
from dataclasses import asdict, replace
from email.utils import formataddr
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.server import NoAnswer
from comanda.aws.console import seal
from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from functions.order_form import pages, quote, render, rules, visits
from functions.order_form.entry import Entry, Row
from functions.order_form.pages import Visit
from functions.order_form.quote import Quote

VALID_SECONDS = 24 * 3600
MOST_MAILS = 3  # to one address in a day, whoever asks for them
_GONE, _CONFLICT, _UNAVAILABLE = 410, 409, 503

logger = Logger()


def ask(visit: Visit, entry: Entry, made: Quote) -> Reply:
    """Keep the form and mail its link, or show the review again if too many mails went to this address, or to all."""
    now = visit.shop.now
    try:
        visits.count_mail(entry.email, now, MOST_MAILS)
    except (visits.TooManyMails, visits.StageMailsSpent) as error:
        logger.info("not mailed", extra={"channel": visit.shop.terms.channel, "problem": error.code})
        return pages.review_again(visit, entry, made, error.code, pages.TOO_MANY)
    token = seal.new_cookie()
    key = keys.form_to_confirm(token)
    kept = json.dumps(asdict(replace(entry, challenge="", nonce="")))
    single_writes.update(
        settings.forms_table,
        key,
        "SET sealed = :sealed, channel = :channel, #until = :until, #ttl = :until",
        n_ttl="ttl",
        n_until="until",
        sealed=seal.seal(token, key["pk"], kept.encode()),
        channel=visit.shop.terms.channel,
        until=int(now.timestamp()) + VALID_SECONDS,
    )
    _mail(visit, entry, token)
    logger.info("asked to confirm", extra={"channel": visit.shop.terms.channel})
    return visit.show("asked.html", email=entry.email)


def _mail(visit: Visit, entry: Entry, token: str) -> None:
    """Mail the link. Nothing else that the visitor typed is in the mail, so the form sends no stranger's words to others."""
    terms = visit.shop.terms
    link = f"{visit.shop.client.api}/o/{terms.channel}?lang={visit.language[:2]}&confirm={token}"
    facts = {"shop": terms.name, "total": int(entry.total), "currency": terms.currency, "link": link}
    subject, _, words = render.page("mail.txt", visit.language, **facts).partition("\n\n")
    client("sesv2").send_email(
        FromEmailAddress=formataddr((terms.name, settings.mail_sender)),
        Destination={"ToAddresses": [entry.email]},
        Content={
            "Simple": {
                "Subject": {"Data": subject.strip(), "Charset": "UTF-8"},
                "Body": {"Text": {"Data": words, "Charset": "UTF-8"}},
                "Headers": [{"Name": "Auto-Submitted", "Value": "auto-generated"}],
            }
        },
        ConfigurationSetName=settings.mail_configuration_set,
    )


def show(visit: Visit, token: str) -> Reply:
    """Show the button of a link. This changes nothing."""
    entry = _waiting(visit, token)
    if not isinstance(entry, Entry):
        return entry
    return visit.show("confirm.html", token=token, total=int(entry.total), notice="")


def confirm(visit: Visit, token: str) -> Reply:
    """Place the order of a link, once. The promise that the form showed has ended, so the order names none."""
    sent = _waiting(visit, token)
    if not isinstance(sent, Entry):
        return sent
    shop, entry = visit.shop, replace(sent, promise="", chosen="")
    made = quote.reviewed(shop, entry)
    if made.choice is None or made.bill is None or entry.total != str(made.bill.total):
        return pages.review(visit, entry, "price-changed", _CONFLICT)
    order = rules.order(entry, made.items, made.choice, shop.terms, visit.language)
    try:
        answer = shop.place_order(order, entry.key)
    except NoAnswer:
        return visit.show("confirm.html", _UNAVAILABLE, token=token, total=int(entry.total), notice="no-answer")
    if not answer.ok:
        return pages.review(visit, entry, "check", _CONFLICT)
    placed = {"order_id": answer.body["order_id"], "total": made.bill.total}
    single_writes.update(
        settings.forms_table,
        keys.form_to_confirm(token),
        "SET order_id = :order_id, #total = :total REMOVE sealed",
        n_total="total",
        **placed,
    )
    logger.info("confirmed", extra={"channel": shop.terms.channel, "order_id": placed["order_id"]})
    return _thanks(visit, placed)


def _waiting(visit: Visit, token: str) -> Entry | Reply:
    """Return the form that waits for its link, or the page that says that the link is over or its order placed."""
    found = _found(visit, token)
    if found is None:
        return visit.show("message.html", _GONE, kind="link-over", typed=())
    return _thanks(visit, found) if "order_id" in found else _entry(token, found)


def _found(visit: Visit, token: str) -> dict[str, Any] | None:
    """Return the row of a link of this channel, or None if there is none or its day is over."""
    if len(token) != seal.COOKIE_LENGTH or not token.isascii():
        return None
    row = reads.get(settings.forms_table, keys.form_to_confirm(token))
    if row is None or row["channel"] != visit.shop.terms.channel or row["until"] <= visit.shop.now.timestamp():
        return None
    return row


def _entry(token: str, row: dict[str, Any]) -> Entry:
    kept = json.loads(seal.unseal(token, row["pk"], row["sealed"]))
    return Entry(**{**kept, "rows": tuple(Row(**one) for one in kept["rows"])})


def _thanks(visit: Visit, placed: dict[str, Any]) -> Reply:
    terms = visit.shop.terms
    facts: dict[str, Any] = {"total": int(placed["total"]), "currency": terms.currency}
    return visit.show("done.html", number=placed["order_id"], email="", **facts)
