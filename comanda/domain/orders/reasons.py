"""
Define what all reasons of the retailer's lists have: a code, words in each language, and the party to blame.

Called by   comanda.domain.orders: cancel_reasons, decline_reasons; functions/directory
Returns     values
Raises      nothing
"""

from dataclasses import dataclass
from enum import StrEnum

type Words = tuple[str, str, str]  # in each of LANGUAGES

LANGUAGES = ("en-US", "pt-BR", "es")  # those of comanda.domain.labels, which few rooms load


class Blame(StrEnum):
    """Name the party because of which units are cancelled or given back. The values are stored."""

    CUSTOMER = "customer"
    RETAILER = "retailer"
    NODE = "node"
    CARRIER = "carrier"
    FRAUD = "fraud"


class UnitsGo(StrEnum):
    """Name where units go that a node has. The values are stored."""

    SALE = "SALE"  # they may be sold again
    QUARANTINE = "QUARANTINE"  # they are somewhere at the node, and somebody must look at them
    MISSING = "MISSING"  # they leave the node's count


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason with its code."""

    code: str
    words: Words
    blame: Blame

    def facts(self, quarantined: int = 0) -> dict[str, object]:
        """Return what an event says of the reason: its words in each language, the party to blame, and the units that are
        not for sale any more."""
        return {
            "reason_code": self.code,
            "reason_words": list(self.words),
            "blame": self.blame.value,
            **({"quarantined": quarantined} if quarantined else {}),
        }
