"""
Offer the retailer's reasons for cancels, changes and declines, in the reader's language.

Called by   functions/console/pages: order, change, node_offers; functions/console/order_actions.py
Returns     the call of the API, and values that templates read
"""

from collections.abc import Mapping

from comanda.aws.api_client.calls import Answer, get
from comanda.domain.labels import labels
from comanda.domain.orders import decline_reasons
from comanda.domain.orders.cancel_reasons import OF_STEPS

CALL = get("/v1/cancel-reasons", limit="100")
OF_DECLINES = get("/v1/decline-reasons", limit="100")
FIELDS = ("reason_code", "reason")


def words(answer: Answer, locale: str) -> dict[str, str]:
    """Return the words of each reason by its code, also of those that are not in use any more."""
    language = labels.supported(locale)
    return {row["id"]: row["titles"][language] for row in answer.body["items"]} if answer.ok else {}


def options(answer: Answer, locale: str) -> list[tuple[str, str]]:
    """Return (code, words with the party to blame) of the reasons that a person may give, by their words."""
    said = words(answer, locale)
    rows = answer.body["items"] if answer.ok else ()
    offered = (row for row in rows if row["active"] and row["id"] not in OF_STEPS)
    found = [(row["id"], f"{said[row['id']]} ({labels.label('Blame', row['blame'], locale)})") for row in offered]
    return sorted(found, key=lambda one: one[1].casefold())


def of_declines(answer: Answer, locale: str) -> list[tuple[str, str]]:
    """Return (code, words) of the reasons for which a node may decline, by their words."""
    said = words(answer, locale)
    rows = answer.body["items"] if answer.ok else ()
    found = [(row["id"], said[row["id"]]) for row in rows if row["active"] and row["id"] not in decline_reasons.FIXED]
    return sorted(found, key=lambda one: one[1].casefold())


def given(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the reason of a form as the API takes it: a code, words, or both."""
    typed = {name: fields.get(name, "").strip() for name in FIELDS}
    return {name: value for name, value in typed.items() if value}
