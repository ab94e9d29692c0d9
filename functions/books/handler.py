"""
Show the books of a channel, and how the reports of a provider compare with what we moved: as JSON, or as a file.

Called by   API Gateway: /v1/books/trial-balance, /v1/books/trial-balance-file, /v1/books/reconciliation,
            /v1/books/reconciliation-file
Returns     debits and credits by currency and account; sums by day and status; files in CSV
Raises      Invalid, NotFound as problems
"""

from calendar import monthrange
from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.api.query_dates import utc_day, utc_month
from comanda.aws.api.resolver import Response
from comanda.aws.books import settlement_report, trial_balance
from comanda.aws.directory import directory
from comanda.aws.runtime.room import room
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.reconciliation.movement import PROVIDERS
from functions.books import reconciliation, rules

app = http.door()


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.get("/v1/books/trial-balance")
def get_trial_balance() -> Response[str]:
    event = app.current_event.raw_event
    caller(event)
    channel = _channel(event)
    day = utc_day(http.required(event, "day"))
    progress = trial_balance.progress(channel)
    balance = trial_balance.of_days(channel, day, day).get(day)
    return http.respond(Answer(status=200, body=rules.shown(channel, day, balance, progress)))


@app.get("/v1/books/trial-balance-file")
def get_trial_balance_file() -> Response[str]:
    event = app.current_event.raw_event
    caller(event)
    channel = _channel(event)
    first = utc_month(http.required(event, "month"))
    last = first.replace(day=monthrange(first.year, first.month)[1])
    progress = trial_balance.progress(channel)  # read first: a day that is closed meanwhile has its old sums
    days = trial_balance.of_days(channel, first, last)
    return http.csv_file(f"trial-balance-{first:%Y-%m}.csv", rules.csv_of(channel, days, progress))


@app.get("/v1/books/reconciliation")
def get_reconciliation() -> Response[str]:
    event = app.current_event.raw_event
    caller(event)
    provider, month = _provider(event), f"{utc_month(http.required(event, 'month')):%Y-%m}"
    body = reconciliation.shown(provider, month, settlement_report.of_month(provider, month))
    return http.respond(Answer(status=200, body=body))


@app.get("/v1/books/reconciliation-file")
def get_reconciliation_file() -> Response[str]:
    event = app.current_event.raw_event
    caller(event)
    provider, month = _provider(event), f"{utc_month(http.required(event, 'month')):%Y-%m}"
    body = reconciliation.csv_of(provider, settlement_report.of_month(provider, month))
    return http.csv_file(f"reconciliation-{provider}-{month}.csv", body)


def _provider(event: dict[str, Any]) -> str:
    """Return the provider that the query names. Raises Invalid for one that reports nothing here."""
    name = http.required(event, "provider")
    if name not in PROVIDERS:
        message = f"takes {' or '.join(PROVIDERS)}"
        raise Invalid(Problem(pointer="/provider", code="malformed", message=message))
    return name


def _channel(event: dict[str, Any]) -> str:
    """Return the channel that the query names. Raises Invalid without one, NotFound if it does not exist."""
    name = http.required(event, "channel")
    if directory.find(directory.CHANNEL, name) is None:
        raise NotFound("channel", name)
    return name
