"""
Ask AvaTax, Avalara's service of taxes, for the taxes of a sale, and have it keep what was invoiced and credited.

Called by   functions/taxes
Returns     the tax of each amount
Raises      TaxFailed when it does not say them

A request may arrive twice: a quote is not kept by AvaTax, and a document once. Its SDK is not used: it brings a second HTTP client, and two calls are used.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from comanda.aws.api_client.server import NoAnswer, Raw, server_at
from comanda.aws.taxes import avalara_words as words
from comanda.domain.taxes.failures import Failure, TaxFailed
from comanda.domain.taxes.records import KeptDocument, TaxedDocument
from comanda.domain.taxes.services import Answered, Question

ADDRESS = "https://rest.avatax.com"
SECONDS = 4.0  # a caller waits at a door
_CREATE = "/api/v2/transactions/create?$include=Details"
_REFUSED = (400, 404, 409, 422)
_NOT_NOW = {401: Failure.NOT_ADMITTED, 403: Failure.NOT_ADMITTED, 429: Failure.BUSY}


class Avalara:
    """One account at AvaTax."""

    def __init__(self, account: str, license_key: str, *, address: str = ADDRESS) -> None:
        self._address = address
        self._headers = {
            "Authorization": f"Basic {b64encode(f'{account}:{license_key}'.encode()).decode()}",
            "Content-Type": "application/json",
            "X-Avalara-Client": "comanda; 1; REST; v2",
        }

    def quote(self, question: Question) -> Sequence[Answered]:
        """Return the tax of each row of a question, in their order. Raises TaxFailed."""
        return words.answered(question, self._send("POST", _CREATE, words.quote(question)))

    def record(self, document: TaxedDocument) -> KeptDocument:
        """Have a document kept, once under its code, and return what AvaTax keeps of it. Raises TaxFailed.

        A code that is taken is refused: then the document of that code is this one, which had come before, or somebody entered it.
        """
        try:
            thing = self._send("POST", _CREATE, words.record(document))
        except TaxFailed as failed:
            if failed.failure is not Failure.REFUSED:
                raise
            thing = self._kept(document, failed)
        return words.kept_document(document, thing)

    def _kept(self, document: TaxedDocument, refused: TaxFailed) -> Mapping[str, Any]:
        company, code = (quote(one, safe="") for one in (document.question.company, document.code))
        path = f"/api/v2/companies/{company}/transactions/{code}/types/{words.kind(document)}?$include=Details"
        try:
            return self._send("GET", path)
        except TaxFailed as failed:
            raise (refused if failed.failure is Failure.REFUSED else failed) from None

    def _send(self, method: str, path: str, document: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        body = None if document is None else json.dumps(document).encode()
        try:
            raw = server_at(self._address, SECONDS).send(method, path, self._headers, body)
        except NoAnswer:
            raise TaxFailed(Failure.NO_ANSWER) from None
        thing = _thing(raw)
        if raw.status in (200, 201) and thing:
            return thing
        if raw.status in _REFUSED and "error" in thing:
            raise TaxFailed(Failure.REFUSED, words.code_of(thing))
        raise TaxFailed(_NOT_NOW.get(raw.status, Failure.SERVICE_FAILED))


def _thing(raw: Raw) -> dict[str, Any]:
    """Return the object in an answer; an empty one when there is none, as in that of a machine between us and AvaTax."""
    try:
        thing = json.loads(raw.body, parse_float=Decimal)
    except ValueError:
        return {}
    return thing if isinstance(thing, dict) else {}
