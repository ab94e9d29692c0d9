"""
Read the bodies of the routes of cases, and decide what a caller may say. Pure.

Called by   functions/cases
Returns     values of the domain
Raises      Invalid, Forbidden
"""

from datetime import datetime, timedelta
from typing import Any

from comanda.aws.api.callers import Caller
from comanda.domain import ids
from comanda.domain.cases import mail
from comanda.domain.cases.case import Author, CaseText
from comanda.domain.errors import Forbidden, Invalid, NotFound, Problem
from comanda.domain.orders.order import Order
from functions.cases import contract

FARTHEST = timedelta(days=400)  # that a case may be due from now


def text_of(
    who: Caller, words: str, now: datetime, *, author: str | None = None, internal: bool | None = None
) -> CaseText:
    """Return the text that a caller writes. Words of the office are its own and internal, unless it says otherwise.

    Raises Forbidden for a shop that writes words of the office.
    """
    if not who.office and (internal or author == Author.STAFF):
        field = "internal" if internal else "author"
        problem = Problem(
            pointer=f"/{field}", code="not-yours", message="is for the office: a shop sends its customers' words"
        )
        raise Forbidden("a shop writes no text of the office", problem)
    whose = Author(author) if author else Author.STAFF if who.office else Author.CUSTOMER
    hidden = internal if internal is not None else who.office and whose is Author.STAFF
    if hidden and whose is Author.CUSTOMER:
        raise Invalid(
            Problem(pointer="/internal", code="not-together", message="words of the customer are not internal")
        )
    return CaseText(number=0, author=whose, by=who.id, at=now, text=words, internal=hidden)


def words_of(who: Caller, words: str | None, internal: bool | None, now: datetime) -> CaseText | None:
    """Return the office's words that come with a step, None without."""
    if words is None:
        if internal is not None:
            raise Invalid(Problem(pointer="/internal", code="not-together", message="is about a text: send text, too"))
        return None
    return text_of(who, words, now, internal=internal)


def moment(given: datetime | None, field: str, now: datetime) -> datetime | None:
    """Return the time until which something is due. Raises Invalid for one that is over, or too far away."""
    if given is None:
        return None
    if given <= now:
        raise Invalid(Problem(pointer=f"/{field}", code="in-the-past", message="is over already"))
    if given - now > FARTHEST:
        message = f"is more than {FARTHEST.days} days away"
        raise Invalid(Problem(pointer=f"/{field}", code="too-far", message=message))
    return given


def require_office_fields(who: Caller, wanted: contract.CaseIn) -> None:
    """Raise Forbidden if a shop chooses who deals with its case, or by when."""
    if who.office:
        return
    problems = [
        Problem(pointer=f"/{field}", code="not-yours", message="is for the office to choose")
        for field in ("owner", "due")
        if getattr(wanted, field) is not None
    ]
    if problems:
        raise Forbidden("a shop opens cases, and the office says who deals with them", *problems)


def links(order: Order, wanted: contract.CaseOfOrderIn, cell: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the lines and the numbers of the fulfillments that the case is about. Raises Invalid for those of no such order."""
    lines = {line.line_id for line in order.lines} | {bundle.line_id for bundle in order.bundles}
    there = {fulfillment.number for fulfillment in order.fulfillments}
    problems = [
        Problem(pointer=f"/line_ids/{i}", code="unknown-line", message=f"the order has no line {name}")
        for i, name in enumerate(wanted.line_ids)
        if name not in lines
    ]
    numbers = [_fulfillment(order, name, cell) for name in wanted.fulfillment_ids]
    problems += [
        Problem(
            pointer=f"/fulfillment_ids/{i}", code="unknown-fulfillment", message="the order has no such fulfillment"
        )
        for i, number in enumerate(numbers)
        if number not in there
    ]
    if problems:
        raise Invalid(*problems)
    return tuple(wanted.line_ids), tuple(number for number in numbers if number is not None)


def _fulfillment(order: Order, name: str, cell: str) -> int | None:
    try:
        order_id, number = ids.parse("ful", name, cell)
    except NotFound:
        return None
    return number if order_id == order.order_id else None


def mail_text(mailed: contract.CaseMailIn, sender: str, by: str, now: datetime) -> CaseText:
    """Return what is kept of a mail."""
    return CaseText(
        number=0,
        author=Author.CUSTOMER,
        by=by,
        at=now,
        text=mail.plain(mailed.text, html=mailed.format == "HTML"),
        subject=mail.one_line(mailed.subject) or None,
        sender=sender,
        proven=mail.is_of_sender(sender, headers(mailed)) and mail.is_proven(sender, mailed.authentication_results),
    )


def headers(mailed: contract.CaseMailIn) -> list[tuple[str, str]]:
    """Return the headers of a mail by their names, which may occur several times."""
    return [(header.name, header.value) for header in mailed.headers]


def mail_content(mailed: contract.CaseMailIn) -> list[Any]:
    """Return what makes two mails with one id different ones."""
    return [mailed.from_, mailed.subject, mailed.text]
