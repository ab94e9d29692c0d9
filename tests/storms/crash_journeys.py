"""
List the journeys on which a process ends before and after each of its calls of AWS, and drive them.

Called by   tests/storms/test_crash.py and other tests of crashes; bench/crash.py
Returns     the number of points of a journey, and what is wrong after each of them

Nothing is repaired by hand: clients, streams, queues and machines come again, and the sweeper looks. A new journey is one row
of JOURNEYS.

This file is long because it has all journeys, each of a few lines.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from comanda.aws.customers import customer_rows
from comanda.aws.directory import directory, packs
from comanda.aws.dynamodb import keys
from comanda.aws.orders import orders
from tests.faults import Crash
from tests.functions.crashes import Crashes, Moment
from tests.functions.world import CHICAGO, NEW_YORK, Reply, World, a_body, at_counter, usd
from tests.invariants import broken

TO_NEW_YORK: dict[str, Any] = {
    "modification": "ship_to",
    "ship_to": {
        "name": "Grace Canary",
        "line1": "7 Elm St",
        "city": "New York",
        "region": "NY",
        "postal_code": "10001",
        "country": "US",
    },
}
Act = Callable[[World, str], Reply]

A_DAY = 20  # units that a node can do: every journey takes and gives back of it
_SWEEPS = 2


@dataclass(frozen=True)
class Journey:
    """The state before, the request, and the state that the order must reach."""

    before: Callable[[World], str]
    act: Act
    status: str = ""  # of the order in the end; "": the journey is about no single order
    room: str = ""  # where to crash; "" is everywhere
    waits: tuple[str, ...] = ()  # the queues in which the order must wait in the end
    facts: Callable[[World, str], dict[str, bool]] = lambda _, __: {}  # what else must be true in the end, in words


def limit_days(world: World) -> None:
    """Let nodes do so much in a day: what an order takes of it is in the same transactions."""
    for name, at in (("dc-1", CHICAGO), ("dc-2", NEW_YORK)):
        world.node(name, at, units_per_day=A_DAY)
    packs.rebuild(("dc-1", "dc-2"))
    directory.forget()


def placed(*lines: Any, steps: tuple[str, ...] = ()) -> Callable[[World], str]:
    def before(world: World) -> str:
        world.stocked("TEA-001", dc_1=2, dc_2=9)
        world.stocked("TEA-002", dc_1=9, dc_2=9)
        order_id = world.placed(*(lines or (("TEA-001", 2),)))
        world.settle()
        world.steps(order_id, *steps)
        world.settle()
        return order_id

    return before


def nothing(world: World) -> str:
    world.stocked("TEA-001", dc_1=2, dc_2=9)
    return ""


MANY = tuple(f"SKU-{n:02d}" for n in range(47))


def many_lines(world: World) -> str:
    """An order that takes the last unit of 47 skus: more than one transaction can hold."""
    for sku in MANY:
        world.product(sku)
        world.stocked(sku, dc_1=1)
    return world.placed(*((sku, 1) for sku in MANY))


def to_two_addresses(world: World) -> str:
    """An order of which a line goes to another address than the order's own."""
    world.stocked("TEA-001", dc_1=2, dc_2=9)
    line = {"sku": "TEA-001", "quantity": 1}
    return world.placed(line, {**line, "ship_to": {**BODY["ship_to"], "name": "Grace", "line1": "7 Elm St"}})


def many_routed(world: World) -> str:
    order_id = many_lines(world)
    world.settle()
    return order_id


def get_order(world: World, order_id: str) -> Reply:
    return world.call("GET", f"/v1/orders/{order_id}")


DIGITAL = {"sku": "TEA-001", "quantity": 2, "kind": "DIGITAL"}
BODY = a_body(("TEA-001", 4), external_id="WEB-1")


def post(world: World, _: str) -> Reply:
    return world.call("POST", "/v1/orders", BODY, key="k")


def step(name: str, body: Any = None) -> Act:
    return lambda world, order_id: world.step(order_id, name, 1, body, key="k")


def provide(world: World, order_id: str) -> Reply:
    proof = {"line_id": "1", "quantity": 2, "proof": {"kind": "CODE", "text": "ABCD-1234"}}
    return world.call("POST", f"/v1/orders/{order_id}/provide", proof, key="k")


def cancel(world: World, order_id: str) -> Reply:
    return world.call("POST", f"/v1/orders/{order_id}/cancel", {"reason": "x"}, key="k", if_match='"v2"')


def close(world: World, _: str) -> Reply:
    return world.call("POST", "/v1/nodes/dc-1/closures", {"reason": "flood"}, who="office", key="k")


def shipped_now(world: World) -> str:
    """An order that has just shipped: nothing has followed yet."""
    order_id = placed()(world)
    world.steps(order_id, "ship")
    return order_id


def lost(world: World) -> str:
    """A completed order of which the carrier has lost the shipment."""
    order_id = placed(steps=("ship",))(world)
    assert world.step(order_id, "lose", 1, {"reason": "DESTROYED"}).status == 200
    world.settle()
    return order_id


def send_again(world: World, order_id: str) -> Reply:
    item = world.order(order_id)["losses"][0]["item_id"]
    return world.call("POST", f"/v1/queues/lost/items/{item}/resolve", {"answer": "resend"}, who="sales", key="k")


def recall(world: World, order_id: str) -> Reply:
    body = {"reason": "x", "fulfillment_id": f"ful_{order_id[4:]}-001"}
    return world.call("POST", f"/v1/orders/{order_id}/recall", body, who="office", key="k", if_match='"v3"')


def asked_back(world: World) -> str:
    """An order whose picked goods the node is asked to give back."""
    order_id = placed(steps=("accept", "pick"))(world)
    body = {"reason": "x", "fulfillment_id": f"ful_{order_id[4:]}-001"}
    assert world.change(order_id, "recall", body).status == 200
    world.settle()
    return order_id


def at_the_counter(world: World) -> str:
    world.stocked("TEA-001", store_1=5)
    order_id = world.placed(at_counter("TEA-001", 2), ship_to=None)
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ready")
    world.settle()
    return order_id


def in_review(world: World) -> str:
    """The first of two orders that wait for a review: the second one must stay unclaimed."""
    world.hold_type()
    first, _ = (world.placed({"sku": "TEA-001", "quantity": 1, "unit_price": usd(200_000)}) for _ in range(2))
    world.settle()
    return first


def claim_next(world: World, _: str) -> Reply:
    return world.call("POST", "/v1/queues/sales-review/claim", {}, who="sales", key="k")


def claimed_once(world: World, _: str) -> dict[str, bool]:
    claims = [row["claimed_by"] for row in world.tables()["Orders"] if "claimed_by" in row]
    return {"one item is claimed": claims == ["sales"]}


def change(*changes: dict[str, Any], paid: int = 0) -> Act:
    """Return the request that changes an order. The caller has read version 2; steps of its node are no changes."""
    payments = [{"method": "CARD", "reference": "auth-2", "authorized": usd(paid)}] if paid else []
    body = {"reason": "asked to", "changes": [*changes], "payments": payments}

    def send(world: World, order_id: str) -> Reply:
        return world.call("POST", f"/v1/orders/{order_id}/changes", body, who="office", key="k", if_match='"v2"')

    return send


def changed_once(world: World, order_id: str) -> dict[str, bool]:
    events = [row["type"] for row in world.order_items(order_id, "E#")]
    return {"the order was changed once": events.count("changed") == 1}


def with_charge_and_note(world: World, order_id: str) -> dict[str, bool]:
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    charges = [charge["kind"] for charge in world.order(order_id)["charges"]]
    return changed_once(world, order_id) | {
        "it has its note": contact.get("note") == "2nd floor",
        "charged once": charges == ["WRAP"],
    }


def at_new_address(world: World, order_id: str) -> dict[str, bool]:
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    return changed_once(world, order_id) | {"it goes there": contact["ship_to"]["line1"] == "7 Elm St"}


def paid_in_part(world: World) -> str:
    """An order with begun work, and with a change that waits for the rest of its payment."""
    order_id = placed(steps=("accept", "pick"))(world)
    wrap = {"modification": "charge", "kind": "WRAP", "amount": usd(300)}
    body = {"reason": "asked to", "changes": [wrap], "pending": True}
    assert world.change(order_id, "changes", body).status == 202
    payments = {"payments": [{"method": "CARD", "reference": "auth-2", "authorized": usd(100)}]}
    assert world.call("POST", f"/v1/orders/{order_id}/payments", payments).status == 200
    world.settle()
    return order_id


def unpaid_for_a_day(world: World) -> str:
    order_id = paid_in_part(world)
    world.pass_time(24 * 3600 - 60)
    return order_id


def withdraw(world: World, order_id: str) -> Reply:
    path = f"/v1/orders/{order_id}/pending-change/withdraw"
    return world.call("POST", path, {"reason": "x"}, who="office", key="k", if_match='"v6"')


def dropped_once(world: World, order_id: str) -> dict[str, bool]:
    events = [row["type"] for row in world.order_items(order_id, "E#")]
    released = [tender["released"]["amount"] for tender in world.order(order_id)["payments"]]
    return {"dropped once": events.count("change_dropped") == 1, "its payment is released": released == [0, 100]}


def delivered_to_ada(world: World) -> str:
    return placed(steps=("ship", "deliver"))(world)


def erase(world: World, order_id: str) -> Reply:
    customer_id = customer_rows.id_of(orders.load(order_id), BODY)
    reply = world.call("DELETE", f"/v1/customers/{customer_id}", who="office", key=None)
    return Reply(200, {}, {}) if reply.status == 404 else reply  # the process that ended had erased all


def erased(world: World, _: str) -> dict[str, bool]:
    rows = [row for row in world.tables()["Customers"] if not row["pk"].startswith(("AU#", "AS#"))]
    rows = [row for row in rows if not keys.is_legal_copy(row)]
    return {"nothing of her is left": all(set(row) <= {"pk", "sk", "erased_at", "by", "ttl"} for row in rows)}


CART = {
    "channel": "web", "currency": "USD", "locale": "en-US", "open_cart": True, "customer": {"id": "77", "name": "Ada Byron"},
    "lines": [{"line_id": "1", "sku": "TEA-001", "quantity": 1, "unit_price": usd(1000)}],
}  # fmt: skip


def credit(world: World, order_id: str) -> Reply:
    body = {"invoice_id": f"inv_{order_id[4:]}-001", "credit": "AMOUNT", "amount": usd(450), "reason": "late"}
    return world.change(order_id, "credit-notes", body, key="k")


def credited_once(world: World, order_id: str) -> dict[str, bool]:
    refunds = [(row["amount"], row["state"]) for row in world.order_items(order_id, "P#refund")]
    return {
        "one credit note": [row["number"] for row in world.order_items(order_id, "CN#")] == [1],
        "one refund": refunds == [(450, "DONE")],
    }


def store_cart(world: World, _: str) -> Reply:
    return world.call("POST", "/v1/drafts", CART, key="k")


def with_cart(world: World) -> str:
    draft_id = str(store_cart(world, "").body["draft_id"])
    world.settle()
    return draft_id


def change_cart(world: World, draft_id: str) -> Reply:
    lines = [{"line_id": "2", "sku": "TEA-002", "quantity": 2, "unit_price": usd(500)}]
    return world.call("PATCH", f"/v1/drafts/{draft_id}", {"set_lines": lines}, key="k", if_match='"v1"')


def claim_cart(world: World, draft_id: str) -> Reply:
    return world.call("POST", f"/v1/drafts/{draft_id}/claim", {}, who="sales", key="k")


def shop_knows(*steps: str) -> Callable[[World, str], dict[str, bool]]:
    """Return the fact that the channel's one cart took these steps, each once, and that the shop was told of each."""

    def facts(world: World, _: str) -> dict[str, bool]:
        carts = world.call("GET", "/v1/drafts", query={"channel": "web", "customer_id": "77"}).body["items"]
        events = [one for one in world.hops.published if one.get("type") == "comanda.draft.changed.v1"]
        sequence = {one["sequence"]: one["data"]["step"] for one in events}  # an event may be published twice
        return {
            "one open cart": [cart["open_cart"] for cart in carts] == [True],
            "each step": sequence == dict(enumerate(steps, 1)),
        }

    return facts


JOURNEYS = {
    "place and route": Journey(nothing, post, "RELEASED"),
    "ship, invoice, capture": Journey(placed(), step("ship"), "SHIPPED"),
    "ship a part": Journey(
        placed(("TEA-001", 2), ("TEA-002", 1)), step("ship", {"lines": [{"line_id": "2", "quantity": 1}]}), "PARTIALLY_SHIPPED"
    ),
    "cancel": Journey(placed(), cancel, "CANCELLED"),
    "route to two addresses": Journey(to_two_addresses, get_order, "RELEASED", room="route"),
    "provide, invoice, capture": Journey(placed(DIGITAL), provide, "COMPLETED"),
    "decline and route again": Journey(placed(), step("decline", {"reason": "NO_STOCK"}), "RELEASED"),
    "route 47 lines by a plan": Journey(many_lines, get_order, "RELEASED", room="route"),
    "ship 47 lines by a plan": Journey(many_routed, step("ship"), "SHIPPED", room="fulfill"),
    "cancel 47 lines by a plan": Journey(many_routed, cancel, "CANCELLED", room="intake"),
    "close the node": Journey(placed(), close, "RELEASED", room="reroute"),
    "short pick": Journey(
        placed(steps=("accept",)), step("short-pick", {"lines": [{"line_id": "1", "quantity": 1}], "reason": "NOT_FOUND"}), "PARTIALLY_ACCEPTED"
    ),
    "deliver after the books closed": Journey(placed(steps=("ship",)), step("deliver"), "COMPLETED"),
    # What follows these is what follows a decline, a cancel or a placed order: it crashes above.
    "deliver before the invoice": Journey(shipped_now, step("deliver"), "COMPLETED", room="fulfill"),
    "lose": Journey(
        placed(steps=("ship",)), step("lose", {"reason": "DESTROYED"}), "COMPLETED", room="fulfill", waits=("lost",)
    ),
    "send lost units again": Journey(lost, send_again, "COMPLETED", room="intake"),
    "recall at once": Journey(placed(steps=("accept",)), recall, "RELEASED", room="intake"),
    "agree to a recall": Journey(
        asked_back, step("recall-agree"), "RELEASED", room="fulfill", waits=("put-back",)
    ),
    "move to another address and node": Journey(
        placed(steps=("accept",)), change(TO_NEW_YORK, {"modification": "node", "line_id": "1", "node_id": "dc-2"}),
        "RELEASED", room="intake",
    ),
    "move 47 lines to another address by a plan": Journey(many_routed, change(TO_NEW_YORK), "RELEASED", room="intake"),
    "ask for begun work of another day": Journey(
        placed(steps=("accept", "pick")), change({"modification": "requested", "requested": {"not_before": "2026-12-24"}}),
        "PICKED", room="intake",
    ),
    "hand back": Journey(
        placed(steps=("accept", "pick")), step("hand-back", {"reason": "OTHER"}), "RELEASED", room="fulfill",
        waits=("put-back",),
    ),
    "no-show": Journey(at_the_counter, step("no-show"), "CANCELLED", room="fulfill", waits=("put-back",)),
    "claim the next item of a queue": Journey(in_review, claim_next, "CREATED", room="intake", waits=("sales-review",), facts=claimed_once),
    "change units, a charge and the note": Journey(
        placed(steps=("accept", "pick")),
        change(
            {"modification": "quantity", "line_id": "1", "quantity": 1},
            {"modification": "note", "note": "2nd floor"},
            {"modification": "charge", "kind": "WRAP", "amount": usd(100)},
            paid=100,
        ),
        "PICKED", room="intake", waits=("put-back",), facts=with_charge_and_note,
    ),
    "change the address of offered work": Journey(
        placed(), change({"modification": "ship_to", "ship_to": {**BODY["ship_to"], "line1": "7 Elm St"}}), "RELEASED", facts=at_new_address
    ),
    "withdraw a change that is paid in part": Journey(paid_in_part, withdraw, "PICKED", facts=dropped_once),
    "drop a change that was not paid in time": Journey(
        unpaid_for_a_day, get_order, "PICKED", room="sweep", waits=("late-work",), facts=dropped_once
    ),
    "credit an invoice": Journey(placed(steps=("ship",)), credit, "SHIPPED", facts=credited_once),
    "erase a customer": Journey(delivered_to_ada, erase, "COMPLETED", room="erase", facts=erased),
    "store a cart": Journey(nothing, store_cart, facts=shop_knows("created")),
    "change a cart": Journey(with_cart, change_cart, room="drafts", facts=shop_knows("created", "changed")),
    "claim a cart": Journey(with_cart, claim_cart, room="drafts", facts=shop_knows("created", "claimed")),
}  # fmt: skip


def crashed_everywhere(world: World, journey: Journey) -> tuple[int, list[tuple[str, list[str]]]]:
    """Return the number of calls of the journey, and each crash point with a different result, with what was wrong."""
    order_id = journey.before(world)
    runs = crashes_of(world, journey, order_id, journey.room)
    points = [
        (crash.happened, _wrong(world, journey, order_id or reply.body.get("order_id") or "", crash))
        for crash, _, reply in runs
    ]
    return runs.counted.made_by(journey.room), points


def crashes_of(world: World, journey: Journey, order_id: str, room: str) -> Crashes[None, Reply]:
    """Return the crashes of a room, or of all, on a journey of the order that `before` has made."""
    return Crashes(
        world, Moment(world).back, lambda crash, _: lived_through(world, crash, journey, order_id), room=room, least=0
    )


def lived_through(world: World, crash: Crash, journey: Journey, order_id: str) -> Reply:
    """The client asks until it is answered; then everything follows, and the sweeper comes by a few times."""
    reply = crash.outlived(lambda: journey.act(world, order_id))
    assert reply.status in (200, 201), reply.body
    crash.outlived(world.settle)
    for _ in range(_SWEEPS):
        world.pass_time(600)
        crash.outlived(world.sweep)
    return reply


def _wrong(world: World, journey: Journey, order_id: str, crash: Crash) -> list[str]:
    found = broken(world.tables())
    if journey.status and (status := world.order(order_id)["status"]) != journey.status:
        found.append(f"is {status}")
    found += [f"not so: {words}" for words, true in journey.facts(world, order_id).items() if not true]
    found += [
        f"without a number: {row['sk']}"
        for row in world.order_items(order_id)
        if row.get("gsi3pk", "").startswith("W#unnumbered")
    ]
    if (waiting := [queue for queue in world.waiting(order_id) if queue != "backorder"]) != [*journey.waits]:
        found.append(f"waits in {waiting}")
    tags = [str(sorted((tag["Name"], tag["Value"]) for tag in mail["EmailTags"])) for mail in world.hops.sent]
    if len(set(tags)) < len(tags) and not _in_the_window(crash):
        found.append(f"mailed twice: {tags}")
    return found


def _in_the_window(crash: Crash) -> bool:
    """Between SES's answer and the row that says so, the choice is twice or never (comanda/aws/customers/mails.py)."""
    return crash.calls[crash.at - 1 if crash.after else crash.at - 2] == "SendEmail"
