"""
Keep the documents of a company as AvaTax does: an order is answered and forgotten, an invoice is kept once by its code.

Called by   local/avalara/server.py
Returns     documents with their taxes
Raises      Refused
"""

import json
import threading
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from local.avalara import rates
from local.avalara.rates import Refused
from local.instance import write_whole

KEPT = ("SalesInvoice", "ReturnInvoice")
ONLY_ASKED = ("SalesOrder", "ReturnOrder")


class Documents:
    """The documents of an account, by company, kind and code. `currency` is that of every answer; empty: that of the request.

    With a file, each that is kept is a line there before it is answered, and an end that cuts a line keeps the lines before it.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.kept: dict[tuple[str, str, str], dict[str, Any]] = _read(file) if file else {}
        self._file = file
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
                self._keep(key, made)
            return made

    def _keep(self, key: tuple[str, str, str], made: dict[str, Any]) -> None:
        if self._file is not None:
            with self._file.open("a") as file:
                file.write(json.dumps([key, made]) + "\n")
        self.kept[key] = made

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


def _read(file: Path) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return the documents of a file. A line that is cut off is dropped: its document was not answered."""
    whole, _, cut = (file.read_text() if file.exists() else "").rpartition("\n")
    if cut:
        write_whole(file, whole + "\n" if whole else "")
    return {tuple(key): made for key, made in map(json.loads, whole.splitlines())}


def _to(addresses: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = addresses.get("shipTo") or addresses["singleLocation"]
    return found
