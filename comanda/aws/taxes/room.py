"""
Ask the room `taxes`, which alone holds the keys of tax services, and wait for its answer.

Called by   comanda.aws.directory.tax_service, which asks; functions/taxes, which answers
Returns     the tax of each amount
Raises      TaxFailed when the service does not say them, or the room does not answer

The addresses of a question are in no log and in no store: the call has them alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Throttled
from comanda.domain.taxes.failures import Failure, TaxFailed
from comanda.domain.taxes.services import Address, Asked, Question, Rated


def ask(service: str, question: Question) -> list[Rated]:
    """Return the tax of each row of a question, in their order. Raises TaxFailed."""
    payload = json.dumps({"service": service, "question": asdict(question)}).encode()
    try:
        answer = client("lambda").invoke(FunctionName=settings.taxes_function, Payload=payload)
    except Throttled:
        raise TaxFailed(Failure.NO_ANSWER) from None
    if "FunctionError" in answer:
        raise TaxFailed(Failure.NO_ANSWER)
    found: Mapping[str, Any] = json.loads(answer["Payload"].read())
    if "failed" in found:
        raise TaxFailed(Failure(found["failed"]), found["detail"])
    return [Rated(**row) for row in found["taxes"]]


def question(sent: Mapping[str, Any]) -> Question:
    """Return the question of a call."""
    rows = [Asked(**{**row, "to": Address(**row["to"])}) for row in sent["rows"]]
    origin = sent["origin"]
    return Question(**{**sent, "rows": rows, "origin": None if origin is None else Address(**origin)})


def taxes(found: Sequence[Rated]) -> dict[str, Any]:
    """Return the answer to a call."""
    return {"taxes": [asdict(one) for one in found]}


def failed(error: TaxFailed) -> dict[str, Any]:
    """Return the answer to a call to which the service has none."""
    return {"failed": error.failure, "detail": error.detail}
