"""
Keep the documents of a company as AvaTax does: an order is answered and forgotten, an invoice is kept once by its code.

Called by   local/avalara/server.py
Returns     documents with their taxes
Raises      Refused
"""

import threading
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.avalara import rates
from local.avalara.rates import Refused

KEPT = ("SalesInvoice", "ReturnInvoice")
ONLY_ASKED = ("SalesOrder", "ReturnOrder")


class Documents:
    """The documents of an account, by company, kind and code. `currency` is that of every answer; empty: that of the request."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.asked: list[Mapping[str, Any]] = []  # each request, as it came
        self.currency = ""
        self._lock = threading.Lock()

    def create(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Return a new document. One whose code is taken is refused."""
        with self._lock:
            self.asked.append(sent)
            kind, code = sent.get("type", "SalesOrder"), str(sent.get("code", ""))
            if kind not in (*KEPT, *ONLY_ASKED):
                raise Refused("ValueRequiredError", "The type is not known.")
            if not sent.get("companyCode") or not sent.get("customerCode") or not sent.get("lines"):
                raise Refused("ValueRequiredError", "A required value is missing.")
            key = (sent["companyCode"], kind, code)
            if kind in KEPT and key in self.kept:
                raise Refused("DuplicateEntry", "The transaction code is already in use.")
            made = self._made(sent, kind, code)
            if kind in KEPT:
                self.kept[key] = made
            return made

    def find(self, company: str, code: str, kind: str) -> dict[str, Any]:
        with self._lock:
            found = self.kept.get((company, kind, code))
        if found is None:
            raise Refused("EntityNotFoundError", "The transaction was not found.")
        return found

    def _made(self, sent: Mapping[str, Any], kind: str, code: str) -> dict[str, Any]:
        currency, customer = sent["currencyCode"], sent["customerCode"]
        lines = [
            rates.line(one, _to(one.get("addresses") or sent["addresses"]), currency, customer) for one in sent["lines"]
        ]

        def total(name: str) -> float:
            return float(sum((Decimal(str(one[name])) for one in lines), Decimal(0)))

        return {
            "id": len(self.kept) + 1 if kind in KEPT else 0,
            "code": code,
            "type": kind,
            "status": ("Committed" if sent.get("commit") else "Saved") if kind in KEPT else "Temporary",
            "date": sent["date"],
            "currencyCode": self.currency or currency,
            "customerCode": customer,
            "totalAmount": total("lineAmount"),
            "totalTax": total("tax"),
            "totalTaxCalculated": total("taxCalculated"),
            "lines": lines,
        }


def _to(addresses: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = addresses.get("shipTo") or addresses["singleLocation"]
    return found
