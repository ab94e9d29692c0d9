"""
Take the request of a customer for a new link to their order, and answer every request alike.

Called by   functions/customers/handler.py: POST /v1/order-lookups, without a token of a caller
Returns     202 with one and the same body, whether there is such an order or not
Raises      Invalid for a request without exactly one proof; TooManyRequests

Nothing is read of any order here, so neither the answer nor its time tells whether one exists. The room notify compares what
was typed with the order, and mails the link to the address of the order alone. It gets a keyed hash of what was typed.
"""

from typing import Any

from comanda.aws.api import http, networks
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.orders import order_links
from comanda.aws.runtime import clock
from comanda.aws.runtime.invoke import start_function
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Invalid, Problem, TooManyRequests
from functions.customers import contract

_ANSWER = {"detail": "If this is an order of yours, a link to it is on its way to the e-mail of the order."}


def look_up(event: dict[str, Any]) -> Response[str]:
    now, given = clock.now(), http.read(event, contract.OrderLookupIn)
    if (given.email is None) == (given.postal_code is None):
        message = "send either the e-mail of the order or a postal code of its addresses"
        raise Invalid(Problem(pointer="/email", code="one-proof", message=message))
    if not order_links.may_look_up(networks.network(event), now):
        raise TooManyRequests("too many lookups from your network: try again in ten minutes")
    lookup = {
        "channel": given.channel,
        "external_id": given.external_id,
        "by": "email" if given.email else "postal_code",
        "proof": order_links.lookup_proof(given.email or given.postal_code or "", now),
    }
    start_function(settings.notify_function, {"lookup": lookup})
    return http.respond(Answer(status=202, body=_ANSWER))
