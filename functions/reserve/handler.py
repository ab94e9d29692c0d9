"""
Reserve units for a customer before there is an order: softly until a time, or hard without an expiry.

Called by   API Gateway: POST /v1/reservations, GET /v1/reservations/{id}, POST .../extend, .../promote, .../release
Returns     the reservation as it is now
Raises      Invalid, NotAvailable with a problem for each row, RequestReused; ReservationExpired, ReservationEnded
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.api import idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.contracts import Contract, Nothing
from comanda.aws.api.http import Answer, door, read, respond, serve
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory
from comanda.aws.reservations import reservations, reserve_units
from comanda.aws.reservations.reservations import ExtraWrites
from comanda.aws.routing import promises
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.reservations.reservations import Reservation, expiry
from functions.reserve import contract, rules

logger = Logger()
metrics = Metrics()
app = door()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return serve(app, event, context)


@app.post("/v1/reservations")
def reserve() -> Response[str]:
    event = app.current_event.raw_event
    who, now = caller(event), clock.now()

    with idempotency.begin(event, who, settings.stock_table, now) as request:
        wanted = _request(who, read(event, contract.ReservationIn), now)
        made = reserve_units.reserve(wanted, lambda after: [request.record(_created(after, now))])
        units = sum(line.reserved for line in made.lines)
        logger.info("reserved", extra={"reservation_id": made.reservation_id, "lines": len(made.lines), "units": units})
        metrics.add_metric("UnitsReserved", MetricUnit.Count, units)
        request.answer = _created(made, now)  # an earlier reservation may have no record under this idempotency key
    return request.response()


@app.get("/v1/reservations/<reservation_id>")
def show(reservation_id: str) -> Response[str]:
    found = _load_own(caller(app.current_event.raw_event), reservation_id)
    return respond(Answer(status=200, body=rules.reservation_json(found, clock.now())))


@app.post("/v1/reservations/<reservation_id>/extend")
def extend(reservation_id: str) -> Response[str]:
    def act(given: contract.ExtensionIn, name: str, now: datetime, also: ExtraWrites) -> Reservation:
        return reservations.extend(name, expiry(now, given.ttl_seconds), now, also)

    return _changed(reservation_id, contract.ExtensionIn, act)


@app.post("/v1/reservations/<reservation_id>/promote")
def promote(reservation_id: str) -> Response[str]:
    return _changed(reservation_id, Nothing, lambda _, *what: reservations.promote(*what))


@app.post("/v1/reservations/<reservation_id>/release")
def release(reservation_id: str) -> Response[str]:
    return _changed(reservation_id, Nothing, lambda _, *what: reservations.release(*what))


def _changed[Given: Contract](
    reservation_id: str, model: type[Given], act: Callable[[Given, str, datetime, ExtraWrites], Reservation]
) -> Response[str]:
    """Change a reservation of the caller once, and record the answer in the same transaction."""
    event = app.current_event.raw_event
    who, now = caller(event), clock.now()

    def require_own() -> object:
        return _load_own(who, reservation_id)

    with idempotency.begin(event, who, settings.stock_table, now, require_own=require_own) as request:
        given, found = read(event, model), _load_own(who, reservation_id)
        after = act(
            given,
            found.reservation_id,
            now,
            lambda r: [request.record(Answer(status=200, body=rules.reservation_json(r, now)))],
        )
        logger.info("reservation changed", extra={"reservation_id": after.reservation_id, "state": after.state})
    return request.response()


def _load_own(who: Caller, reservation_id: str) -> Reservation:
    """Return a reservation of the caller. Raises NotFound for another caller's, as if it did not exist."""
    found = reservations.load(ids.parse_reservation(reservation_id, settings.cell))
    if not (who.office or found.owner == who.id):
        raise NotFound("reservation", reservation_id)
    return found


def _created(made: Reservation, now: datetime) -> Answer:
    headers = {"Location": f"/v1/reservations/{made.reservation_id}"}
    return Answer(status=201, body=rules.reservation_json(made, now), headers=headers)


def _request(who: Caller, given: contract.ReservationIn, now: datetime) -> reserve_units.ReservationRequest:
    """Return the request for units. Raises Invalid with everything that is wrong."""
    lines, method, channel = given.lines or (), given.method, _channel(who, given.channel)
    if given.promise_id is not None:
        promise = _promise(given.promise_id, given.option_id or "", who, now)
        if given.channel not in (None, promise["channel"]):
            message = f"the promise was made for the channel {promise['channel']}"
            raise Invalid(Problem(pointer="/channel", code="another-channel", message=message))
        lines = rules.promise_lines(promises.parts(promise, given.option_id or ""), now)
        method, channel = promise["options"][given.option_id]["method"], promise["channel"]
    named = {node for line in lines for node in (line.node_id, *(line.nodes or ())) if node}
    offers, countries = directory.offers({line.sku for line in lines}, named), _countries(who, channel)
    wrong = list(rules.problems(lines, offers.products, offers.nodes, countries, now))
    if wrong:
        raise Invalid(*wrong)
    return reserve_units.ReservationRequest(
        reservation_id=ids.reservation(settings.cell, who.id, given.request_id),
        owner=who.id,
        content=rules.content(given),
        kind=given.kind,
        wanted=rules.wanted(lines, offers.nodes, countries, method, now),
        expires=rules.expiry(given, now),
        now=now,
        partial=given.allow_partial,
        channel=channel,
        method=method,
        offers=offers,
    )


def _promise(promise_id: str, option_id: str, who: Caller, now: datetime) -> dict[str, Any]:
    """Return a promise of the caller's that has the option. Raises Invalid otherwise, as for a sku that does not
    exist."""
    try:
        found = promises.load(promise_id, who.id, now)
    except NotFound as error:
        raise Invalid(Problem(pointer="/promise_id", code="unknown-promise", message=str(error))) from error
    if option_id not in found["options"]:
        message = f"{promise_id} has no option {option_id}"
        raise Invalid(Problem(pointer="/option_id", code="unknown-option", message=message))
    return found


def _channel(who: Caller, given: str | None) -> str | None:
    """Return the channel that the units are reserved for; its protected units count for it. Raises Invalid.

    Return None if the request names no channel and the caller has not exactly one.
    """
    if given is None:
        return next(iter(who.channels)) if len(who.channels) == 1 else None
    if not who.sees_channel(given) or directory.find(directory.CHANNEL, given) is None:
        raise Invalid(Problem(pointer="/channel", code="unknown-channel", message=f"there is no channel {given}"))
    return given


def _countries(who: Caller, channel: str | None) -> frozenset[str] | None:
    """Return the countries whose nodes may keep the units: where the channel sells, or any channel of the caller.

    Return None, which allows all countries, for an office without a channel.
    """
    if channel is None and who.office:
        return None
    sold = directory.entries(directory.CHANNEL, {channel} if channel else who.channels)
    return frozenset(country for doc in sold.values() for country in doc["countries"])
