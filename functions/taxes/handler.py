"""
Ask the tax service of a channel for the taxes of a sale, and tell it of invoices and credit notes. It alone may read the key.

Called by   comanda.aws.taxes.room, from the rooms directory, drafts and intake: {"service", "question"};
            a queue that the bus feeds with the CloudEvents of numbered invoices and credit notes of channels with a service;
            intake, with {"documents": [ids]}: a person has them told again; the sweeper, of documents whose events were lost
Returns     {"taxes"} with the tax of each row of a question, or {"failed"} with why the service has said none
Raises      TaxFailed for a document that comes again; whoever asks a question decides what an answer that is missing means
"""

import json
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.runtime import clock
from comanda.aws.runtime.retries import MOST_DELIVERIES
from comanda.aws.runtime.room import room
from comanda.aws.taxes import room as calls
from comanda.domain.money import digits
from comanda.domain.taxes.failures import Failure, TaxFailed
from comanda.domain.taxes.services import Question, Rated, Unfit, rated
from functions.taxes import accounts

logger = Logger()
metrics = Metrics()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> dict[str, Any] | None:
    if "question" not in event:
        _tell(event)
        return None
    question = calls.question(event["question"])
    try:
        found = _quote(event["service"], question)
    except TaxFailed as error:
        logger.warning(
            "no tax", extra={"tax_service": event["service"], "failure": error.failure, "detail": error.detail}
        )
        metrics.add_metric("TaxesNotSaid", MetricUnit.Count, 1)
        return calls.failed(error)
    metrics.add_metric("TaxesSaid", MetricUnit.Count, 1)
    return calls.taxes(found)


def _tell(event: dict[str, Any]) -> None:
    """Tell the service of documents. The code is imported here: no caller waits for it."""
    from functions.taxes import documents

    now = clock.now()
    for document_id in event.get("documents", ()):
        documents.tell(document_id, now, last=True)
    for record in event.get("Records", ()):
        data = json.loads(record["body"])["detail"]["data"]
        last = int(record["attributes"]["ApproximateReceiveCount"]) >= MOST_DELIVERIES
        documents.tell(data.get("credit_note") or data["invoice"], now, last=last)


def _quote(service: str, question: Question) -> list[Rated]:
    answered = accounts.ask_account(service, lambda account: account.quote(question))
    places = digits(question.currency)
    try:
        return [
            rated(row.amount, one, places, included=question.included)
            for row, one in zip(question.rows, answered, strict=True)
        ]
    except Unfit as error:
        raise TaxFailed(Failure.UNREADABLE, "tax") from error
