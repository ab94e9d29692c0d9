"""
Read the retailer's modification matrix.

Called by   functions/intake
Returns     Matrix of the domain; the built-in one if the retailer has stored none
"""

from typing import Any

from comanda.aws.directory.directory import MODIFICATION_MATRIX, THE_POLICY, find
from comanda.domain.lifecycle.modifications.modification_matrix import Level, Matrix, Modification, Rule
from comanda.domain.orders.status import Status


def modification_matrix() -> Matrix:
    """Return the matrix, at most a minute old."""
    return matrix(find(MODIFICATION_MATRIX, THE_POLICY) or {})


def matrix(doc: dict[str, Any]) -> Matrix:
    """Return the matrix of a document."""
    return Matrix(
        rules=tuple(
            Rule(
                modification=Modification(rule["modification"]),
                allow=rule["allow"],
                statuses=frozenset(map(Status, rule["statuses"])),
                levels=frozenset(map(Level, rule.get("levels", ()))),
                channels=frozenset(rule.get("channels", ())),
                reason=rule.get("reason") or "",
            )
            for rule in doc.get("rules", ())
        )
    )
