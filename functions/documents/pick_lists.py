"""
Show the pick list of a fulfillment, and find its PDF or make it.

Called by   functions/documents/handler.py
Returns     the list as JSON; a link that holds for a minute
Raises      NoDocument for a fulfillment of which nothing is left to pick
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from comanda.aws.stock import locations
from comanda.domain.documents import pick_list
from comanda.domain.labels import labels
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.order import Order
from comanda.domain.picking import walk
from functions.documents import kept

NAME = pick_list.NAME
_TEMPLATE = "pick_list"
# Characters of a Code 128 whose narrowest bar is 0.18 mm or more in the room that it has. An id of a fulfillment has 37 to 42.
_MOST_OF_LIST, _MOST_OF_ROW = 45, 20


def view(order: Order, fulfillment: Fulfillment, node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the list of the units that are still to be picked, in the order of the walk. `node` is the entry of its node."""
    rows = pick_list.rows_to_pick(order, fulfillment)
    if not rows:
        raise kept.NoDocument(NAME, "nothing of this fulfillment is left to pick")
    places = locations.find(fulfillment.node, rows)
    walked = []
    for sku in walk.in_order(places):
        where = places[sku]
        walked.append({**rows[sku], "location": {**asdict(where), "bin": where.bin or None} if where else None})
    return pick_list.view(order, fulfillment, walked, node)


def link(order: Order, fulfillment: Fulfillment, node: Mapping[str, Any], now: datetime) -> str:
    """Return a link to the list of the work as it is now, in the language of its node's country."""
    listed, country = view(order, fulfillment, node), node.get("country")
    content = pick_list.content(listed, country, _language(country))
    wanted = kept.Wanted(
        order_id=order.order_id,
        name=NAME,
        digest=pick_list.digest(content, kept.template(_TEMPLATE)),
        file_name=f"{NAME}-{content['fulfillment_id']}.pdf",
    )
    return kept.link(wanted, lambda: _made(content), now)


def _language(country: str | None) -> str:
    """Return the language of whoever picks: the first official one of the country, if we have words in it."""
    from babel.languages import get_official_languages

    spoken = get_official_languages(country, de_facto=True) if country else ()
    return labels.supported(spoken[0] if spoken else "en")


def _made(content: Mapping[str, Any]) -> bytes:
    from functions.documents import press

    return press.pdf(_TEMPLATE, with_bars(content))


def with_bars(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands on the list with the barcodes of the fulfillment and of each row."""
    from functions.documents import press

    rows = [{**row, "bars": press.scanned(row["gtin"] or row["sku"], _MOST_OF_ROW)} for row in content["rows"]]
    bars = press.scanned(content["fulfillment_id"], _MOST_OF_LIST)
    return {**content, "rows": rows, "bars": bars}
