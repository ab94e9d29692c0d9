"""
Say what of an NF-e stands on the PDF of its invoice, or of the credit note that takes goods back. Pure.

Called by   comanda.domain.documents.invoice_document, functions/documents
Returns     the key and the protocol by which the authority took it; lines that are written out. The PDF is no DANFE: it lacks the
            time of the authorisation, which nobody tells
Raises      nothing

Source      Nota Técnica 2020.004 v1.10 (DANFE Simplificado - Etiqueta), section 02.4: what the short paper of an NF-e shows
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comanda.domain.billing import nfe_results
from comanda.domain.documents.nfe import access_key
from comanda.domain.orders.nfe_result import CANCELLED
from comanda.domain.orders.order import Order

_GROUP = 4  # papers show a key in groups of so many characters


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperNfe:
    """The NF-e of a document that the authority took. `protocol` is that of its cancellation, once it is cancelled."""

    key: str
    protocol: str
    cancelled: bool


def of_document(order: Order, invoice: int, credit_note: int) -> PaperNfe | None:
    """Return the NF-e of an invoice by its number within the order, or of a credit note of it. None: the authority took none."""
    if not nfe_results.known_key(order, invoice, credit_note):
        return None
    said = nfe_results.result_of(order, invoice, credit_note)
    assert said is not None  # it has a key
    return PaperNfe(key=said.key, protocol=said.protocol, cancelled=said.result == CANCELLED)


def content(nfe: PaperNfe, seller: Mapping[str, Any], *, comes_in: bool, words: Mapping[str, str]) -> dict[str, Any]:
    """Return what stands on the paper. `comes_in`: it is the NF-e of goods that come back."""
    series, number = access_key.series_and_number(nfe.key)
    facts = [
        [words["nfe_operation"], words["nfe_in" if comes_in else "nfe_out"]],
        [words["nfe_series"], str(series)],
        [words["nfe_number"], str(number)],
        [words["nfe_cancelled_by" if nfe.cancelled else "nfe_protocol"], nfe.protocol],
    ]
    registration = (seller.get("nfe") or {}).get("state_registration")
    if registration:
        facts.append([words["nfe_registration"], registration])
    title = f"{words['nfe']}: {words['nfe_cancelled']}" if nfe.cancelled else words["nfe"]
    return {"title": title, "facts": facts, "key": _grouped(nfe.key)}


def with_house(seller: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a seller whose street has the number of the house and whose second line has the district, as the NF-e has them."""
    nfe = seller.get("nfe") or {}
    street = ", ".join(str(part) for part in (seller.get("line1"), nfe.get("number")) if part)
    more = " - ".join(str(part) for part in (seller.get("line2"), nfe.get("district")) if part)
    return {**seller, "line1": street, "line2": more}


def _grouped(key: str) -> str:
    return " ".join(key[at : at + _GROUP] for at in range(0, len(key), _GROUP))
