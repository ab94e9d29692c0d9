"""
Promise a basket: list every way to have it, by when and for how much, and recommend one with the reason.

Called by   API Gateway: POST /v1/promises
Returns     the options; they are kept for half an hour, so that one can be reserved by its id
Raises      Invalid for unknown channels, skus and stores, and for a postal code of another country
"""

import secrets
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer, door, read, respond, serve
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory
from comanda.aws.geography import destinations
from comanda.aws.routing import inputs, promises
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.errors import Invalid
from comanda.domain.promise.promise import Basket, Promise, options
from functions.promise import contract, rules

logger = Logger()
metrics = Metrics()
app = door()

_MOST_SECONDS = 8.0  # of search for all options; the API has twenty seconds


@room
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return serve(app, event, context)


@app.post("/v1/promises")
def promise() -> Response[str]:
    event = app.current_event.raw_event
    who, given, now = caller(event), read(event, contract.Basket), clock.now()
    basket = _basket(who, given, now)
    router_inputs = inputs.for_basket(given.channel, {want.sku for want in basket.wants}, now)
    found = options(basket, router_inputs, now, clock.time_limit(_MOST_SECONDS))
    promise_id = ids.promise(settings.cell, ids.ulid(int(now.timestamp() * 1000), secrets.randbits(80)))
    promises.save(promise_id, rules.promise_document(basket, found, given.channel, who.id, now))
    _log_promise(promise_id, basket, found)
    channel = directory.find(directory.CHANNEL, given.channel) or {}
    currency = rules.currency(given, basket.to, channel, router_inputs.carriers)
    of_bundles = given.lines if rules.bundled(given) else ()
    body = rules.promise_json(promise_id, basket, found, currency, now, of_bundles)
    return respond(Answer(status=200, body=body))


def _basket(who: Caller, given: contract.Basket, now: datetime) -> Basket:
    """Return the request as a basket of the domain. Raises Invalid with everything that is wrong."""
    products = directory.entries(directory.PRODUCT, {line.sku for line in given.lines})
    nodes = directory.node_documents(given.node_ids)
    channel = directory.find(directory.CHANNEL, given.channel) if who.sees_channel(given.channel) else None
    wrong = rules.problems(given, products, nodes, channel, now)
    if wrong:
        raise Invalid(*wrong)
    unknown_places = (channel or {}).get("unknown_places")
    to = destinations.locate(given.to, pointer="/to", unknown_places=unknown_places) if given.to else None
    return rules.basket(given, products, nodes, to, breakable=bool((channel or {}).get("breakable")))


def _log_promise(promise_id: str, basket: Basket, found: Promise) -> None:
    best = next((option for option in found.options if option.option_id == found.recommended), None)
    logger.info(
        "promised",
        extra={"promise_id": promise_id, "lines": len(basket.wants), "options": len(found.options)}
        | {"recommended": found.recommended, "reason": found.reason.code},
    )
    metrics.add_metric("PromisesMade", MetricUnit.Count, 1)
    metrics.add_metric("PromisesWithoutDate", MetricUnit.Count, int(best is None or best.deliver_on is None))
