"""
Say in the codes of the NF-e how an invoice is paid. Pure.

Called by   comanda.domain.documents.nfe
Returns     payments that add up to the total of the invoice
Raises      nothing
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from comanda.domain.documents.sale_document import SaleDocument

OTHER = "99"  # with words of its own
NONE = "90"  # nothing is to be paid
_CODES: Mapping[str, str] = {"PIX": "17", "GIFT_CARD": "12", "STORE_CREDIT": "21"}
_ON_ACCOUNT = "05"  # the seller's own credit
# Cards are not told apart: the entity's `payment_codes` may say that they are all of credit.
_WORDS: Mapping[str, str] = {
    "CARD": "Cartão",
    "REFERENCE": "Pago em outro sistema",
    "PAY_IN_STORE": "Pagamento na loja",
}
_AT_HAND_OVER = "Pagamento na entrega"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A part of the total. `words` say what the code 99 means; `later`: it is paid after the sale."""

    code: str
    amount: int
    words: str = ""
    later: bool = False


NOTHING = (Payment(code=NONE, amount=0),)


def of_document(document: SaleDocument, codes: Mapping[str, str]) -> tuple[Payment, ...]:
    """Return the payments of an invoice. `codes` are those of the legal entity, by method."""
    return tuple(_payments(document, codes)) or NOTHING


def _payments(document: SaleDocument, codes: Mapping[str, str]) -> Iterator[Payment]:
    for one in document.paid:
        code = codes.get(one.method) or _CODES.get(one.method, OTHER)
        words = _WORDS.get(one.method, one.method.replace("_", " ").capitalize()) if code == OTHER else ""
        yield Payment(code=code, amount=one.amount, words=words)
    left = document.payable
    if at_hand_over := min(document.at_hand_over, left):
        yield Payment(code=OTHER, amount=at_hand_over, words=_AT_HAND_OVER)
    if left > at_hand_over:
        yield Payment(code=codes.get("ON_ACCOUNT") or _ON_ACCOUNT, amount=left - at_hand_over, later=True)
