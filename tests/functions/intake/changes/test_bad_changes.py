"""Changes that no order takes: each is refused in the words of its own field, however it is asked, and nothing of it is made."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.drafts import acts
from tests.functions.intake.changes.test_changes import change_order, previewed
from tests.functions.intake.changes.test_changes_of_lines import HOME, PAYMENT, a_line, adding, instead
from tests.functions.world import Reply, World, a_set, usd
from tests.invariants import broken

FINE = {"modification": "tags", "tags": ["vip"]}  # it is not made when another change of the request is refused
EUR = {"amount": 500, "currency": "EUR"}
MINUS = {"amount": -1, "currency": "USD"}
MORE_THAN_THERE_IS = 10**12 + 1

type Changes = dict[str, Any]
type Errors = list[tuple[str, str]]


@pytest.fixture
def order_id(world: World) -> str:
    """An order of tea that is sent, pots at a counter, and two sets, which was changed once."""
    for sku in ("TEA-001", "POT-001", "CUP-001", "TEA-002"):
        world.stocked(sku, dc_1=50, store_1=50)
    counter = {"method": "PICKUP", "node_id": "store-1"}
    pickup = {"line_id": "2", "sku": "POT-001", "quantity": 2, "unit_price": usd(700), "fulfillment": counter}
    tea = {"line_id": "1", "sku": "TEA-001", "quantity": 3, "unit_price": usd(1000)}
    name = world.placed(tea, pickup, *a_set(2))
    world.settle()
    assert change_order(world, name, a_change("priority", priority=4)).status == 200
    world.settle()
    return name


def a_change(modification: str, **fields: Any) -> Changes:
    return {"modification": modification, **fields}


def with_parts(*parts: dict[str, Any], **changes: Any) -> Changes:
    """Return a change that adds a bundle with other components than the usual pot and cups."""
    bundle, *usual = a_set(2, line_id="n", **changes)
    return adding(bundle, *({**row, **part} for row, part in zip(usual, parts, strict=False)))


def a_thousand_components() -> Changes:
    bundle, pot, _ = a_set(1, line_id="n")
    return adding(bundle, *({**pot, "line_id": f"n{n}", "price_share": 1000} for n in range(1000)))


LINES = "/changes/1/lines"
SHARES = (f"{LINES}/0", "shares-do-not-add-up")
REFUSED: dict[str, tuple[Changes, Errors]] = {
    # the fields of changes
    "a modification that is none": (a_change("refund"), [("/changes/1/modification", "value-error")]),
    "no modification": ({"line_id": "1"}, [("/changes/1/modification", "missing")]),
    "a field of another modification": (a_change("tags", tags=[], note="x"), [("/changes/1/note", "not-for-kind")]),
    "a field that nothing has": (a_change("tags", tags=[], colour="red"), [("/changes/1/colour", "extra-forbidden")]),
    "an unknown line": (a_change("price", line_id="77", unit_price=usd(1)), [("/changes/1/line_id", "unknown-line")]),
    # amounts
    "a price below zero": (a_change("price", line_id="1", unit_price=MINUS), [("/changes/1/unit_price/amount", "greater-than-equal")]),
    "a discount below zero": (a_change("discount", code="X", amount=MINUS), [("/changes/1/amount/amount", "greater-than-equal")]),
    "a charge below zero": (a_change("charge", kind="X", amount=MINUS), [("/changes/1/amount/amount", "greater-than-equal")]),
    "a tax below zero": (a_change("charge", kind="X", amount=usd(1), tax=MINUS), [("/changes/1/tax/amount", "greater-than-equal")]),
    "a price with a part of a cent": (a_change("price", line_id="1", unit_price={"amount": 9.99, "currency": "USD"}), [("/changes/1/unit_price/amount", "int-type")]),
    "a price in words": (a_change("price", line_id="1", unit_price={"amount": "999", "currency": "USD"}), [("/changes/1/unit_price/amount", "int-type")]),
    "a price that is too large": (a_change("price", line_id="1", unit_price=usd(MORE_THAN_THERE_IS)), [("/changes/1/unit_price/amount", "less-than-equal")]),
    "a sum that is too large": (a_change("price", line_id="1", unit_price=usd(10**12)), [("/changes/1/unit_price", "too-large")] * 2),
    "a discount above what is left": (a_change("discount", code="X", amount=usd(6401)), [("/changes/1/amount", "too-large")]),
    "an appeasement above what is left": (a_change("appeasement", why="LATE", amount=usd(6401)), [("/changes/1/amount", "too-large")]),
    "a discount of nothing": (a_change("discount", code="X", amount=usd(0)), [("/changes/1/amount", "too-small")]),
    "an appeasement of nothing": (a_change("appeasement", why="LATE", amount=usd(0)), [("/changes/1/amount", "too-small")]),
    "a charge of nothing with a tax": (a_change("charge", kind="X", amount=usd(0), tax=usd(5)), [("/changes/1/amount", "too-small")]),
    "an appeasement for no reason": (a_change("appeasement", amount=usd(1)), [("/changes/1/why", "missing")]),
    "an appeasement for another reason": (a_change("appeasement", why="NICE", amount=usd(1)), [("/changes/1/why", "value-error")]),
    # another currency
    "a price in another currency": (a_change("price", line_id="1", unit_price=EUR), [("/changes/1/unit_price", "mixed-currencies")]),
    "a discount in another currency": (a_change("discount", code="X", amount=EUR), [("/changes/1/amount", "mixed-currencies")]),
    "a tax in another currency": (a_change("charge", kind="X", amount=usd(1), tax=EUR), [("/changes/1/tax", "mixed-currencies")]),
    "a line in another currency": (adding(a_line("n", unit_price=EUR)), [(f"{LINES}/0/unit_price", "mixed-currencies")]),
    "a replacement in another currency": (instead(1, new_line_id="n", unit_price=EUR), [("/changes/1/unit_price", "mixed-currencies")]),
    # units
    "more replaced than there are": (instead(4, new_line_id="n"), [("/changes/1/quantity", "too-large")]),
    "none replaced": (instead(0, new_line_id="n"), [("/changes/1/quantity", "too-small")]),
    "fewer than none": (a_change("quantity", line_id="1", quantity=-1), [("/changes/1/quantity", "greater-than-equal")]),
    "half a unit": (a_change("quantity", line_id="1", quantity=1.5), [("/changes/1/quantity", "int-type")]),
    "too many units": (a_change("quantity", line_id="1", quantity=100_001), [("/changes/1/quantity", "less-than-equal")]),
    "a replacement under a name of the order": (instead(1, new_line_id="2"), [("/changes/1/new_line_id", "duplicate")]),
    "a replacement by the same": (instead(1, new_line_id="n", sku="TEA-001"), [("/changes/1/sku", "the-same")]),
    "a replacement by what is not sold": (instead(1, new_line_id="n", sku="NOPE"), [("/changes/1/sku", "unknown-sku")]),
    # bundles
    "a component without a parent": (with_parts({"parent_line_id": None}, {}), [(f"{LINES}/1/parent_line_id", "missing"), SHARES]),
    "a parent that is not there": (with_parts({"parent_line_id": "x"}, {}), [(f"{LINES}/1/parent_line_id", "unknown-line"), SHARES]),
    "a parent that the order has": (with_parts({"parent_line_id": "b"}, {}), [(f"{LINES}/1/parent_line_id", "unknown-line"), SHARES]),
    "a cycle of parents": (with_parts({"parent_line_id": "n2"}, {"parent_line_id": "n1"}), [(f"{LINES}/0", "no-components"), (f"{LINES}/1/parent_line_id", "not-a-bundle"), (f"{LINES}/2/parent_line_id", "not-a-bundle")]),
    "itself as a parent": (with_parts({"parent_line_id": "n1"}, {}), [(f"{LINES}/1/parent_line_id", "not-a-bundle"), SHARES]),
    "ratios that do not add up": (with_parts({"ratio": 2}, {}), [(f"{LINES}/1/quantity", "does-not-fit-its-bundle")]),
    "shares of too little": (with_parts({"price_share": 1}, {}), [SHARES]),
    "shares of too much": (with_parts({"price_share": 700_000}, {}), [SHARES]),
    "a component with a price": (with_parts({"unit_price": usd(1)}, {}), [(f"{LINES}/1/unit_price/amount", "priced-by-its-bundle")]),
    "a thousand components": (a_thousand_components(), [(LINES, "too-long")]),
    # further lines
    "a line under a name of the order": (adding(a_line("2")), [(f"{LINES}/0/line_id", "duplicate")]),
    "a line under the name of a component": (adding(a_line("b1")), [(f"{LINES}/0/line_id", "duplicate")]),
    "two lines of one name": (adding(a_line("n"), a_line("n")), [(f"{LINES}/1/line_id", "duplicate")]),
    "a line of what is not sold": (adding(a_line("n", "NOPE")), [(f"{LINES}/0/sku", "unknown-sku")]),
    "a line at no counter": (adding(a_line("n", fulfillment={"method": "PICKUP"})), [(f"{LINES}/0/fulfillment/node_id", "missing")]),
    "a line whose discounts exceed it": (adding(a_line("n", discounts=[{"code": "X", "amount": usd(1001)}])), [(f"{LINES}/0/discounts", "too-large")]),
    "no lines": (adding(), [(LINES, "too-short")]),
    # places and days
    "an address for a pickup line": (a_change("ship_to", line_id="2", ship_to=HOME), [("/changes/1/ship_to", "picked-up")]),
    "an address in another country": (a_change("ship_to", ship_to={**HOME, "country": "DE", "region": "BE", "postal_code": "10115"}), [("/changes/1/ship_to/country", "not-shipped-to")]),
    "a service for a pickup line": (a_change("service", line_id="2", service="EXPRESS"), [("/changes/1/service", "picked-up")]),
    "a day that has passed": (a_change("requested", requested={"not_before": "2026-11-01"}), [("/changes/1/requested/not_before", "in-the-past")]),
    "a counter that is none": (a_change("store", line_id="2", node_id="dc-1"), [("/changes/1/node_id", "no-pickup")]),
    "a counter that is not there": (a_change("store", line_id="2", node_id="nope"), [("/changes/1/node_id", "unknown-node")]),
    "a pickup with an address": (a_change("method", line_id="1", method="PICKUP", node_id="store-1", ship_to=HOME), [("/changes/1/ship_to", "picked-up")]),
}  # fmt: skip


def kept(world: World) -> dict[str, list[dict[str, Any]]]:
    """Return all rows but those of requests."""
    tables = world.tables()
    return {name: [row for row in rows if not row["pk"].startswith("IDEM#")] for name, rows in tables.items()}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_change_names_its_field_and_nothing_is_made(world: World, order_id: str, name: str):
    bad, errors = REFUSED[name]
    before = kept(world)

    for how in ({}, {"preview": True}, {"pending": True}, {"payments": [PAYMENT]}):
        reply = change_order(world, order_id, FINE, bad, **how)
        assert (reply.status, reply.problem) == (422, "invalid"), reply.body
        assert set(reply.errors) == set(errors)
        assert all(error["message"] for error in reply.body["errors"])

    assert kept(world) == before


def stale_version(world: World, order_id: str) -> Reply:
    path = f"/v1/orders/{order_id}/changes"
    return world.call("POST", path, {"reason": "x", "changes": [FINE]}, who="office", if_match='"v1"')


def version_to_come(world: World, order_id: str) -> Reply:
    path = f"/v1/orders/{order_id}/changes"
    return world.call("POST", path, {"reason": "x", "changes": [FINE]}, who="office", if_match='"v99"')


def version_of_nothing(world: World, order_id: str) -> Reply:
    path = f"/v1/orders/{order_id}/changes"
    return world.call("POST", path, {"reason": "x", "changes": [FINE]}, who="office", if_match='"v0"')


def preview_of_a_preview(world: World, order_id: str) -> Reply:
    return change_order(world, order_id, FINE, preview=True, preview_id="prv_us1_01M8NS51A2WMDNJR3DZX59AWFQ")


def payment_of_nothing(world: World, order_id: str) -> Reply:
    nothing = {"method": "CARD", "reference": "auth-0", "authorized": usd(0)}
    return world.change(order_id, "payments", {"payments": [nothing]})


def no_version(world: World, order_id: str) -> Reply:
    path = f"/v1/orders/{order_id}/changes"
    return world.call("POST", path, {"reason": "x", "changes": [FINE]}, who="office")


def strange_preview(world: World, order_id: str) -> Reply:
    return change_order(world, order_id, FINE, preview_id="prv_us1_01M8NS51A2WMDNJR3DZX59AWFQ")


def price_of_a_component(world: World, order_id: str) -> Reply:
    return change_order(world, order_id, FINE, a_change("price", line_id="b1", unit_price=usd(1)))


def another_shop(world: World, order_id: str) -> Reply:
    return change_order(world, order_id, FINE, who="other-shop")


def override_above_the_limit(world: World, order_id: str) -> Reply:
    return change_order(world, order_id, FINE, a_change("price", line_id="1", unit_price=usd(999)), who="sales")


def node_by_a_shop(world: World, order_id: str) -> Reply:
    return change_order(world, order_id, FINE, a_change("node", line_id="1", node_id="dc-2"), who="shop")


def more_cancelled_than_ordered(world: World, order_id: str) -> Reply:
    body = {"reason": "x", "lines": [{"line_id": "1", "quantity": 1}, {"line_id": "2", "quantity": 3}]}
    return world.change(order_id, "cancel", body)


def more_sets_cancelled_than_ordered(world: World, order_id: str) -> Reply:
    return world.change(order_id, "cancel", {"reason": "x", "lines": [{"line_id": "b", "quantity": 3}]})


def part_of_a_set_cancelled(world: World, order_id: str) -> Reply:
    return world.change(order_id, "cancel", {"reason": "x", "lines": [{"line_id": "b1", "quantity": 1}]})


def thousand_components_of_a_new_order(world: World, _: str) -> Reply:
    bundle, pot, _cup = a_set(1)
    parts = ({**pot, "line_id": f"b{n}", "price_share": 1000} for n in range(1000))
    return world.place_order(bundle, *parts)


def erasure_of_nobody(world: World, _: str) -> Reply:
    return world.call("DELETE", "/v1/customers/cus_us1_01M8NS51A2WMDNJR3DZX59AWFQ", who="office")


def case_about_a_strangers_order(world: World, order_id: str) -> Reply:
    body = {"kind": "LATE", "text": "Where is it?"}
    return world.call("POST", f"/v1/orders/{order_id}/cases", body, who="other-shop")


def payment_of_a_strangers_order(world: World, order_id: str) -> Reply:
    return world.call("POST", f"/v1/orders/{order_id}/payments", {"payments": [PAYMENT]}, who="other-shop")


OTHERS: tuple[tuple[Callable[[World, str], Reply], int, str, list[str]], ...] = (
    (stale_version, 412, "if-match-stale", []),
    (version_to_come, 412, "if-match-stale", []),
    (no_version, 428, "if-match-missing", []),
    (strange_preview, 404, "not-found", []),
    (price_of_a_component, 409, "not-allowed", ["/changes/1"]),
    (another_shop, 404, "not-found", []),
    (override_above_the_limit, 403, "forbidden", ["/changes/1/unit_price"]),
    (node_by_a_shop, 403, "forbidden", ["/changes/1/modification"]),
    (more_cancelled_than_ordered, 409, "not-allowed", ["/lines/1/quantity"]),
    (more_sets_cancelled_than_ordered, 409, "not-allowed", ["/lines/0/quantity"]),
    (part_of_a_set_cancelled, 409, "not-allowed", ["/lines/0/quantity"]),
    (thousand_components_of_a_new_order, 422, "invalid", ["/lines"]),
    (version_of_nothing, 400, "malformed-request", []),
    (preview_of_a_preview, 422, "invalid", ["/preview_id"]),
    (payment_of_nothing, 422, "invalid", ["/payments/0/authorized"]),
    (erasure_of_nobody, 404, "not-found", []),
    (case_about_a_strangers_order, 404, "not-found", []),
    (payment_of_a_strangers_order, 404, "not-found", []),
)


@pytest.mark.parametrize(("ask", "status", "problem", "pointers"), OTHERS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_bad_request_is_refused_by_its_name_and_nothing_is_made(
    world: World, order_id: str, ask: Callable[[World, str], Reply], status: int, problem: str, pointers: list[str]
):
    before = kept(world)

    reply = ask(world, order_id)

    assert (reply.status, reply.problem) == (status, problem), reply.body
    assert [error["pointer"] for error in reply.body["errors"]] == pointers, reply.body
    assert reply.body["detail"]
    assert kept(world) == before


def test_a_denied_change_says_why_in_words(world: World, order_id: str):
    refused = price_of_a_component(world, order_id)

    assert refused.body["detail"] == "the order does not take this change now: Only together with its set"


def test_a_preview_that_is_no_longer_true_is_answered_with_the_one_of_now(world: World, order_id: str):
    preview = previewed(world, order_id, FINE)["preview_id"]
    change_order(world, order_id, a_change("priority", priority=1))
    before = world.order(order_id)

    stale = change_order(world, order_id, FINE, preview_id=preview)

    assert (stale.status, stale.problem) == (409, "preview-stale")
    assert stale.body["preview"]["version"] == before["version"]
    assert world.order(order_id) == before
    now = stale.body["preview"]["preview_id"]
    assert change_order(world, order_id, FINE, preview_id=now).status == 200


def test_of_two_claims_of_one_cart_the_later_one_changes_nothing(world: World):
    cart = acts.create(world)
    first = acts.act(world, cart, "claim").body

    second = acts.act(world, cart, "claim", who="office")

    assert (second.status, second.problem, second.body["until"]) == (409, "claimed", first["claim"]["until"])
    assert acts.get(world, cart)["claim"] == first["claim"]


def test_a_refused_request_is_refused_again_and_its_key_stays_free(world: World, order_id: str):
    etag = world.call("GET", f"/v1/orders/{order_id}", who="office").etag
    bad = {"reason": "x", "changes": [a_change("price", line_id="1", unit_price=EUR)]}
    good = {"reason": "x", "changes": [FINE]}

    def ask(body: dict[str, Any]) -> Reply:
        path = f"/v1/orders/{order_id}/changes"
        return world.call("POST", path, body, who="office", if_match=etag, key="k-1")

    assert (ask(bad).status, ask(bad).status, ask(good).status) == (422, 422, 200)
    assert broken(world.tables()) == []
