"""
Take the answer to a document that a tax service does not have, or of which it computes another tax.

Called by   functions/intake/queues/answers.py
Returns     nothing: the answer is committed with the request
Raises      NotFound for an item that does not wait, or that the service has and that therefore is not told again
"""

from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.dynamodb import transaction
from comanda.aws.orders import tax_records
from comanda.aws.runtime.invoke import start_function
from comanda.aws.runtime.settings import settings
from comanda.domain.taxes.records import RETRY


def answer(request: IdempotentRequest, document_id: str, given: str, done: Answer) -> None:
    """Take the document out of the queue. The room taxes tells the service again on `retry`.

    The room is started first: a start alone changes nothing but what the service has, and comes before a lost answer.
    """
    again = given == RETRY
    end = tax_records.end(document_id, again=again)
    if again:
        start_function(settings.taxes_function, {"documents": [document_id]})
    transaction.commit([request.record(done), end])
