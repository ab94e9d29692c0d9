"""
Read from a file's path its partner, its kind, and the path of its receipt.

Called by   functions/inbox/handler.py and functions/inbox/recovery.py
Returns     an Arrival
Raises      Refused for a place that is not accepted
"""

from dataclasses import dataclass
from hashlib import sha256

from comanda.domain.reconciliation.movement import BANK, STRIPE
from comanda.domain.text import ID
from functions.inbox.reading import Refused

SHIPMENTS, STOCK, SUPPLIES, TRACKING, PRICES = "shipments", "stock", "supplies", "tracking", "prices"
SETTLEMENTS, STATEMENTS, CARRIER_INVOICES = "settlements", "statements", "carrier-invoices"
KINDS = (SHIPMENTS, STOCK, SUPPLIES, TRACKING, PRICES, SETTLEMENTS, STATEMENTS, CARRIER_INVOICES)
# Kinds of files that name people whom nothing else keeps: they are deleted when their receipt is written.
DELETED = (SETTLEMENTS, STATEMENTS)
# Kinds of files that only a partner brings whose entry names this provider of money.
_PROVIDERS = {SETTLEMENTS: STRIPE, STATEMENTS: BANK}

# The codes that refuse a file because of its place. Its partner may not read the receipt there, so the retailer is notified too.
MISPLACED = ("unknown-place", "unknown-partner", "unknown-kind")

_INBOX, _OUTBOX, _RECEIPT = "inbox/", "outbox/", "receipt.jsonl"
_MOST_KEY = 1024  # bytes of a key in S3


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One version of one file. `partner` and `kind` come from its place; "" if the place has another form."""

    key: str
    version: str
    partner: str = ""
    kind: str = ""

    @property
    def owner(self) -> str:
        """Return the partner that the file's progress is kept under, or "" if the place names no possible partner."""
        return self.partner if ID.fits(self.partner) else ""

    @property
    def source(self) -> str:
        return f"{self.key}@{self.version}"

    @property
    def receipt(self) -> str:
        """Return the key of the receipt: the file's key with outbox/ for inbox/ and an ending."""
        ending = f".{self.version[:8]}.{_RECEIPT}"
        key = _OUTBOX + self.key.removeprefix(_INBOX) + ending
        if len(key.encode()) <= _MOST_KEY:
            return key
        # A name that leaves no room for the ending is shortened to its hash, in the folder that its partner may read.
        folder = f"{self.partner}/{self.kind}/" if self.owner and self.kind in KINDS else "refused/"
        return f"{_OUTBOX}{folder}{sha256(self.key.encode()).hexdigest()[:16]}{ending}"


def arrival(key: str, version: str) -> Arrival:
    """Read a key of the form inbox/<partner>/<kind>/<name>."""
    parts = key.split("/")
    if len(parts) != 4 or not all(parts):  # the four parts that the docstring names
        return Arrival(key=key, version=version)
    return Arrival(key=key, version=version, partner=parts[1], kind=parts[2])


def require_place(arrived: Arrival, *, known: bool, settles: str = "", bills: bool = False) -> None:
    """Raise Refused for a place without a known partner, for an unknown kind, and for a kind that is not the partner's.

    `settles` is the provider of money whose reports the partner brings, `bills` says that it brings carriers' invoices.
    """
    if not arrived.partner:
        raise Refused("unknown-place", "files are taken at inbox/<partner>/<kind>/<name>; no part of it is empty")
    if not known:
        raise Refused("unknown-partner", "the partner in the file's place is not known")
    if arrived.kind not in KINDS:
        raise Refused("unknown-kind", f"the kind in the file's place is not known; {', '.join(KINDS)} are")
    if _PROVIDERS.get(arrived.kind, settles) != settles or (arrived.kind == CARRIER_INVOICES and not bills):
        raise Refused("not-of-partner", "the partner's entry does not say that it brings these reports of money")
