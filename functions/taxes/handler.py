"""
Ask the tax service of a channel for the taxes of a sale. It alone may read the service's key.

Called by   comanda.aws.taxes.room, from the rooms directory, drafts and intake: {"service", "question"}
Returns     {"taxes"} with the tax of each row, or {"failed"} with why the service has said none
Raises      nothing of its own: whoever asks decides what an answer that is missing means
"""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

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
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
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


def _quote(service: str, question: Question) -> list[Rated]:
    answered = accounts.service(service).quote(question)
    places = digits(question.currency)
    try:
        return [
            rated(row.amount, one, places, included=question.included)
            for row, one in zip(question.rows, answered, strict=True)
        ]
    except Unfit as error:
        raise TaxFailed(Failure.UNREADABLE, "tax") from error
