"""
Write sales as AvaTax wants them, and read what it answers. Pure.

Called by   comanda.aws.taxes.avalara
Returns     JSON objects; answers of comanda.domain.taxes
Raises      TaxFailed for an answer that is not about what was asked

AvaTax knows amounts in units of the currency, as numbers of JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from comanda.domain.money import digits
from comanda.domain.taxes.failures import Failure, TaxFailed
from comanda.domain.taxes.records import KeptDocument, KeptRow, TaxedDocument
from comanda.domain.taxes.services import Address, Answered, Asked, Part, Question

_MOST_CODE = 50  # characters of an error's code
_DECLARED = ("Committed", "Locked")  # the states of what is in a tax return, or will be
_LARGEST = 10**15  # more than any amount or rate


def quote(question: Question) -> dict[str, Any]:
    """Return the document that asks for a tax and that AvaTax does not keep."""
    first = question.rows[0].to
    return {
        "type": "SalesOrder",
        "companyCode": question.company,
        "customerCode": question.customer,
        "date": question.day,
        "currencyCode": question.currency,
        "addresses": _addresses(question.origin, first),
        "lines": [
            {
                "number": str(n),
                "quantity": 1,
                "amount": _major(row.amount, question.currency),
                "taxIncluded": question.included,
                **({"taxCode": row.code} if row.code else {}),
                **({"addresses": _addresses(question.origin, row.to)} if row.to != first else {}),
            }
            for n, row in enumerate(question.rows, 1)
        ],
    }


def record(document: TaxedDocument) -> dict[str, Any]:
    """Return the document of a sale that AvaTax keeps, with the tax that was invoiced or credited. What is credited is negative."""
    sold, sign = quote(document.question), -1 if document.credits else 1
    currency = document.question.currency

    def line(sent: dict[str, Any], tax: int) -> dict[str, Any]:
        override = {
            "type": "TaxAmount",
            "taxAmount": sign * _major(tax, currency),
            "taxDate": document.taxed_on,
            "reason": "The tax of the document",
        }
        return {**sent, "amount": sign * sent["amount"], "taxOverride": override}

    return {
        **sold,
        "type": kind(document),
        "code": document.code,
        "commit": True,
        "lines": [line(sent, tax) for sent, tax in zip(sold["lines"], document.taxes, strict=True)],
    }


def kind(document: TaxedDocument) -> str:
    """Return AvaTax's name of the kind of a document."""
    return "ReturnInvoice" if document.credits else "SalesInvoice"


def _addresses(origin: Address | None, to: Address) -> dict[str, Any]:
    if origin is None:
        return {"singleLocation": _address(to)}
    return {"shipFrom": _address(origin), "shipTo": _address(to)}


def _address(one: Address) -> dict[str, str]:
    named = {
        "line1": one.line1,
        "city": one.city,
        "region": one.region,
        "postalCode": one.postal_code,
        "country": one.country,
    }
    return {name: value for name, value in named.items() if value}


def _major(amount: int, currency: str) -> float:
    """Return minor units as units of the currency. Fifteen digits are exact in a number of JSON."""
    return float(Decimal(amount).scaleb(-digits(currency)))


def answered(question: Question, thing: Mapping[str, Any]) -> list[Answered]:
    """Return the tax of each row of a question. Raises TaxFailed, also for the taxes of other amounts."""
    rows = _answered_rows(question, thing)
    amounts = [Decimal(one.amount).scaleb(-digits(question.currency)) for one in question.rows]
    if [row.amount(sent) for row, sent in zip(rows, amounts, strict=True)] != amounts:
        raise TaxFailed(Failure.UNREADABLE, "amount")
    return [Answered(tax=row.tax, parts=row.parts, exempt=row.exempt) for row in rows]


def kept_document(document: TaxedDocument, thing: Mapping[str, Any]) -> KeptDocument:
    """Return a document as AvaTax keeps it. Raises TaxFailed for another document."""
    if thing.get("code") != document.code:
        raise TaxFailed(Failure.UNREADABLE, "code")
    question, sign = document.question, -1 if document.credits else 1
    places = digits(question.currency)

    def row(sent: Asked, found: _Row) -> KeptRow:
        amount = found.amount(Decimal(sign * sent.amount).scaleb(-places))
        return KeptRow(
            amount=(sign * amount).scaleb(places),
            tax=(sign * found.tax).scaleb(places),
            computed=round(abs(found.computed).scaleb(places)),
            authorities=len(found.parts),
        )

    rows = [row(sent, found) for sent, found in zip(question.rows, _answered_rows(question, thing), strict=True)]
    return KeptDocument(committed=thing.get("status") in _DECLARED, day=str(thing.get("date"))[:10], rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row of an answer, in units of the currency."""

    net: Decimal
    tax: Decimal
    computed: Decimal
    parts: Sequence[Part]
    included: bool
    exempt: bool

    def amount(self, sent: Decimal) -> Decimal:
        """Return the amount that was taxed, with its tax if the one that was sent includes it: AvaTax says the net one then."""
        return self.net if self.net == sent or not self.included else self.net + self.tax


def _answered_rows(question: Question, thing: Mapping[str, Any]) -> list[_Row]:
    """Return the rows of an answer in the order of those of its question. Raises TaxFailed."""
    if thing.get("currencyCode") != question.currency:
        raise TaxFailed(Failure.UNREADABLE, "currency")
    try:
        rows = {str(row["lineNumber"]): _row(row) for row in thing["lines"]}
        found = [rows[str(n)] for n in range(1, len(question.rows) + 1)]
    except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise TaxFailed(Failure.UNREADABLE, "lines") from error
    if not len(rows) == len(thing["lines"]) == len(question.rows):
        raise TaxFailed(Failure.UNREADABLE, "lines")
    if any(row.included != question.included for row in found):
        raise TaxFailed(Failure.UNREADABLE, "included")
    return found


def _row(row: Mapping[str, Any]) -> _Row:
    return _Row(
        net=_number(row["lineAmount"]),
        tax=_number(row["tax"]),
        computed=_number(row["taxCalculated"]),
        parts=[Part(name=str(part.get("taxName") or ""), rate=_number(part["rate"])) for part in row["details"]],
        included=row["taxIncluded"],
        exempt=_number(row.get("exemptAmount", 0)) != 0,
    )


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError("is no number")
    number = Decimal(value)
    if not number.is_finite() or abs(number) > _LARGEST:
        raise InvalidOperation("is no amount")
    return number


def code_of(thing: Mapping[str, Any]) -> str:
    """Return the code of an error. Its message is not returned: it may repeat an address."""
    error = thing.get("error")
    code = error.get("code") if isinstance(error, Mapping) else None
    return code[:_MOST_CODE] if isinstance(code, str) and code.isalnum() else ""
