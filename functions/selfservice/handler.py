"""
Show a customer the order or the quote of the signed link in a mail, and take what the customer decides about the order.

Called by   API Gateway: GET|POST /v1/s/{token}, without a token of a caller
Returns     pages; one and the same page for every link that opens nothing
Raises      nothing that was expected: it is said on a page

Programs that scan mails open links, so GET changes nothing. An act is the form of the page, with a value that is right once,
and with the postal code of the order. The room decides by the rules of the domain, as the other doors do, and not by a call of
the API: a client of the API could read and cancel the orders of all customers, and this room can reach only the order that a
signature names.
"""

from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api.form_fields import TooLarge
from comanda.aws.api.replies import Reply, file, response
from comanda.aws.orders import order_links
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import report, room
from comanda.domain.errors import Busy, NotFound
from comanda.domain.orders.order_link import Purpose
from functions.selfservice import pages, render, visits

_NOT_FOUND, _TOO_LARGE, _UNAVAILABLE = 404, 413, 503
FILES = "files"  # stands in the place of a token in the addresses of files, which so have no token in them

logger = Logger()


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    try:
        return response(_answer(event))
    except NotFound:
        return response(pages.message(event, "no-link", _NOT_FOUND))
    except TooLarge:
        return response(pages.message(event, "too-large", _TOO_LARGE))
    except Busy as error:
        report(error, event, context)
        return response(pages.message(event, "unavailable", _UNAVAILABLE))


def _answer(event: dict[str, Any]) -> Reply:
    token = str((event.get("pathParameters") or {}).get("token", ""))
    if token == FILES:
        found = render.file(str((event.get("queryStringParameters") or {}).get("file", "")))
        if found is None:
            raise NotFound("file", "of this name")
        return file(found.text, found.media_type)
    now = clock.now()
    link = order_links.read(token, now)
    if link.purposes & Purpose.QUOTE:
        from functions.selfservice import quote_page  # with the code of drafts, which links to orders do not need

        return quote_page.show(link, now)
    opened = order_links.find(token, now)
    visit = visits.visit(opened, now)
    if event["httpMethod"] != "POST":
        return pages.show(visit)
    from functions.selfservice import acts  # with the code that cancels, which most visits do not need

    done = acts.act(visit, event)
    logger.info("act", extra={"order_id": opened.order.order_id, "outcome": done.notice})
    return pages.show(done.visit, done)
