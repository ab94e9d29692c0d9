"""
Sell by phone as a call centre does: a cart begun in the shop is claimed, changed, quoted, and confirmed.

Called by   local/demo.py
Returns     the id of the order, and a sentence about the journey
Raises      client.Problem when the API refuses a step
"""

import uuid
from dataclasses import dataclass
from typing import Any

from local.day import Day
from local.retailer import baskets, network
from local.retailer.business import WEB
from ops.client import Client, Problem


@dataclass(frozen=True, kw_only=True)
class PhoneOrder:
    """An order that was begun as a cart."""

    order_id: str
    story: str


def sell(day: Day, basket: baskets.Basket) -> PhoneOrder:
    """Sell a basket: the shop has its first line as the customer's cart, and the agent adds the others."""
    place = network.stores("US")[0]
    wanted = baskets.order(basket, channel=WEB, place=place, run=day.run)
    lines = [{name: line[name] for name in ("line_id", "sku", "quantity")} for line in wanted["lines"]]
    cart = day.shops[WEB].post(
        "/v1/drafts",
        {
            "channel": WEB,
            "currency": wanted["currency"],
            "locale": wanted["locale"],
            "open_cart": True,
            "customer": wanted["customer"],
            "lines": lines[:1],
        },
    )
    path = f"/v1/drafts/{cart['draft_id']}"
    day.admin.post(f"{path}/claim", {})
    refused = not _changed(day.shops[WEB], path, {"tags": ["changed-meanwhile"]})
    step = {"ship_to": wanted["ship_to"], **({"set_lines": lines[1:]} if lines[1:] else {})}
    if not _changed(day.admin, path, step):
        raise RuntimeError("the agent could not change the cart that they had claimed")
    quoted = day.admin.post(f"{path}/quote", {}, etag=_etag(day.admin, path))
    paid = {"method": baskets.CARD, "reference": f"card-{day.run}phone", "authorized": quoted["totals"]["total"]}
    body = {"external_id": f"{day.run}xphone", "payments": [paid]}
    order = day.admin.post(f"{path}/confirm", body, etag=_etag(day.admin, path))
    held = "the shop could not change it meanwhile" if refused else "the shop changed it meanwhile"
    total = quoted["totals"]["total"]["amount"] / 100
    story = (
        f"a cart of the shop was claimed ({held}), {len(lines)} lines at list prices were quoted as "
        f"{quoted['quote']['number']} for ${total:,.2f}, and confirmed"
    )
    return PhoneOrder(order_id=order["order_id"], story=story)


def _changed(client: Client, path: str, fields: dict[str, Any]) -> bool:
    """Return True if the draft took a change, False if another caller has claimed it."""
    headers = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": _etag(client, path)}
    answer = client.send("PATCH", path, body=fields, headers=headers)
    if answer.status_code == 409 and answer.json()["type"].endswith(":claimed"):
        return False
    if answer.is_error:
        raise Problem(answer)
    return True


def _etag(client: Client, path: str) -> str:
    return f'"v{client.get(path)["version"]}"'
