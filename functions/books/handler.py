"""
Show the books of a channel, the documents and taxes of a legal entity, and how the reports of a provider compare with what we moved:
as JSON, or as a file.

Called by   API Gateway: /v1/books/trial-balance, /v1/books/trial-balance-file, /v1/books/reconciliation,
            /v1/books/reconciliation-file, /v1/books/documents-file, /v1/books/taxes-file
Returns     debits and credits by currency and account; sums by day and status; files in CSV
Raises      Invalid, NotFound as problems
"""

from calendar import monthrange
from dataclasses import replace
from datetime import date
from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.api.query_dates import utc_day, utc_month
from comanda.aws.api.resolver import Response
from comanda.aws.books import added_taxes, settlement_report, trial_balance
from comanda.aws.books.added_taxes import Added
from comanda.aws.directory import directory, legal_entities
from comanda.aws.dynamodb import list_pages
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.reconciliation.movement import PROVIDERS
from functions.books import reconciliation, rules

app = http.door()

MOST_DOCUMENTS = 10_000  # of one answer: they are read and written within the time of a door


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
    progress = trial_balance.progress(channel)  # read first: a day that is closed meanwhile has its old sums
    days = trial_balance.of_days(channel, first, _last_of(first))
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


@app.get("/v1/books/documents-file")
def get_documents_file() -> Response[str]:
    """List the invoices and credit notes of a legal entity. The code of documents is imported here: few requests need it."""
    from comanda.aws.orders import issued_documents
    from functions.books import documents

    event = app.current_event.raw_event
    who = caller(event)
    entity, (first, last, period) = _entity(event), _period(event)
    bound_to = f"{who.id}\ndocuments-file\n{entity}\n{period}"
    channels, after = legal_entities.channels(entity), list_pages.after(http.query(event), bound_to)
    places = issued_documents.places(channels, first, last, MOST_DOCUMENTS, after)
    some = places[:MOST_DOCUMENTS]
    following = list_pages.cursor(some[-1]["gsi2sk"], bound_to) if len(places) > MOST_DOCUMENTS else None
    body = documents.documents_csv(entity, issued_documents.load(some))
    return http.csv_file(f"documents-{period}.csv", body, http.next_link(event, following))


@app.get("/v1/books/taxes-file")
def get_taxes_file() -> Response[str]:
    """Add up what the same documents say of taxes. Each request adds some of them up; the last one answers the file."""
    from functions.books import documents

    event = app.current_event.raw_event
    caller(event)
    entity, (first, last, period), now = _entity(event), _period(event), clock.now()
    added = added_taxes.find(entity, period, now)
    if not added.done:
        added = _with_more(entity, first, last, added)
        if (added.after or added.rev is not None) and not added_taxes.save(entity, period, added, now):
            added = added_taxes.find(entity, period, now)  # another request was faster
            if not added.done:
                return _not_yet(added)
        elif added.after:
            return _not_yet(added)
    return http.csv_file(f"taxes-{period}.csv", documents.TaxSums(added.sums).csv(entity))


def _with_more(entity: str, first: date, last: date, added: Added) -> Added:
    """Return the sums with those of the next documents."""
    from comanda.aws.orders import issued_documents
    from functions.books import documents

    places = issued_documents.places(legal_entities.channels(entity), first, last, MOST_DOCUMENTS, added.after)
    some = places[:MOST_DOCUMENTS]
    sums = documents.TaxSums(added.sums)
    sums.add(issued_documents.load(some))
    after = some[-1]["gsi2sk"] if len(places) > MOST_DOCUMENTS else ""
    return replace(added, sums=sums.text(), documents=added.documents + len(some), after=after)


def _not_yet(added: Added) -> Response[str]:
    return http.respond(Answer(status=202, body={"documents": added.documents}))


def _entity(event: dict[str, Any]) -> str:
    """Return the legal entity that the query names. Raises Invalid without one, NotFound if it does not exist."""
    name = http.required(event, "legal_entity")
    if legal_entities.entity(name) is None:
        raise NotFound("legal entity", name)
    return name


def _period(event: dict[str, Any]) -> tuple[date, date, str]:
    """Return the first and the last day of the month or of the day that the query names, and its name."""
    given = http.query(event)
    if "day" in given and "month" in given:
        raise Invalid(Problem(pointer="/day", code="not-taken", message="name a month or a day, not both"))
    if "day" in given:
        day = utc_day(given["day"])
        return day, day, f"{day:%Y-%m-%d}"
    first = utc_month(http.required(event, "month"))
    return first, _last_of(first), f"{first:%Y-%m}"


def _last_of(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


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
