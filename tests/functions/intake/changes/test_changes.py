"""Changes of an order over its door: previews that hold or are stale, money that is missing, limits of people, and the books."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.functions.world import Reply, World, a_set, usd
from tests.invariants import broken

CHEAPER = {"modification": "price", "line_id": "1", "unit_price": usd(500)}
FEWER = {"modification": "quantity", "line_id": "1", "quantity": 1}
LINE_1 = {"lines": [{"line_id": "1", "quantity": 1}]}
WRAP = {"modification": "charge", "kind": "GIFT_WRAP", "amount": usd(300)}


@pytest.fixture
def order_id(world: World) -> str:
    world.stocked("TEA-001", dc_1=9)
    name = world.placed(("TEA-001", 3))
    world.settle()
    return name


def change_order(world: World, order_id: str, *changes: dict[str, Any], who: str = "office", **body: Any) -> Reply:
    """Preview changes, or make them on the version that the caller has just read."""
    return world.change(order_id, "changes", {"reason": "asked to", "changes": list(changes), **body}, who=who)


def previewed(world: World, order_id: str, *changes: dict[str, Any], **body: Any) -> dict[str, Any]:
    reply = change_order(world, order_id, *changes, preview=True, **body)
    assert reply.status == 201, reply.body
    found: dict[str, Any] = reply.body
    return found


def test_an_answer_to_an_item_is_a_change_and_a_nodes_answer_about_its_work_is_a_step(world: World):
    order_id = world.placed(("TEA-001", 3))
    world.settle()  # it waits for stock: there is none
    before = world.order(order_id)["change_version"]
    item = f"{order_id}.backorder"

    reply = world.call("POST", f"/v1/queues/backorder/items/{item}/resolve", {"answer": "retry"}, who="office")

    assert reply.status == 200, reply.body
    after = world.order(order_id)
    assert before < after["change_version"] <= after["version"]
    world.stocked("TEA-001", dc_1=9)
    world.settle()
    world.steps(order_id, "accept", "pick")
    world.change(order_id, "cancel", {"reason": "late"})
    world.settle()
    (task,) = world.call("GET", "/v1/queues/put-back", who="office").body["items"]
    before = world.order(order_id)["change_version"]
    done = world.call("POST", f"/v1/queues/put-back/items/{task['item_id']}/resolve", {"answer": "done"}, who="picker")
    assert done.status == 200, done.body
    assert world.order(order_id)["change_version"] == before


def test_a_change_does_what_its_preview_said(world: World, order_id: str):
    before = world.order(order_id)
    preview = previewed(world, order_id, CHEAPER, FEWER)

    assert world.order(order_id) == before
    assert preview["difference"]["amount"] == 500 - before["totals"]["total"]["amount"]
    assert (preview["to_pay"]["amount"], preview["denied"]) == (0, [])
    assert preview["cancelled"] == [{"line_id": "1", "quantity": 2}]
    (work,) = preview["recalled"]
    assert (work["node_id"], work["lines"]) == ("dc-1", [{"line_id": "1", "quantity": 2}])

    made = change_order(world, order_id, CHEAPER, FEWER, preview_id=preview["preview_id"])

    assert made.status == 200
    assert made.body["totals"] == preview["totals"]
    assert made.body["change_version"] == made.body["version"]
    world.settle()
    assert any("cancelled" in str(mail["EmailTags"]) for mail in world.hops.sent)
    world.steps(order_id, "accept", "ship")
    world.settle()
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def test_a_preview_is_stale_when_the_order_has_moved(world: World, order_id: str):
    preview = previewed(world, order_id, FEWER)
    world.steps(order_id, "accept", "pick")
    assert change_order(world, order_id, {"modification": "tags", "tags": ["vip"]}).status == 200

    stale = change_order(world, order_id, FEWER, preview_id=preview["preview_id"])

    assert (stale.status, stale.problem) == (409, "preview-stale")
    assert change_order(world, order_id, FEWER, preview_id=stale.body["preview"]["preview_id"]).status == 200


def test_a_scan_makes_no_preview_stale(world: World, order_id: str):
    preview = previewed(world, order_id, FEWER)
    etag = world.call("GET", f"/v1/orders/{order_id}").etag
    world.steps(order_id, "accept", "pick")

    body = {"reason": "fewer", "changes": [FEWER], "preview_id": preview["preview_id"]}
    made = world.call("POST", f"/v1/orders/{order_id}/changes", body, who="office", if_match=etag)

    assert made.status == 200
    again = world.call(
        "POST", f"/v1/orders/{order_id}/changes", {**body, "preview_id": None}, who="office", if_match=etag
    )
    assert again.status == 412


def test_a_preview_is_of_its_own_changes_and_lives_an_hour(world: World, order_id: str):
    preview = previewed(world, order_id, FEWER)["preview_id"]

    assert change_order(world, order_id, CHEAPER, preview_id=preview).errors == [("/preview_id", "another-change")]
    world.pass_time(3601)
    assert change_order(world, order_id, FEWER, preview_id=preview).problem == "not-found"
    assert change_order(world, order_id, FEWER, preview_id="prv_us1_none").problem == "not-found"


def test_the_preview_that_asks_for_money_is_made_with_its_payment(world: World, order_id: str):
    preview = previewed(world, order_id, WRAP)
    payment = {"method": "CARD", "reference": "auth-2", "authorized": preview["to_pay"]}

    made = change_order(world, order_id, WRAP, preview_id=preview["preview_id"], payments=[payment])

    assert made.status == 200, made.body
    assert made.body["totals"] == preview["totals"]


def test_money_that_pays_for_the_order_pays_for_no_change_as_well(world: World, order_id: str):
    known = world.order(order_id)["payments"][0]
    again = {"method": known["method"], "reference": known["reference"], "authorized": usd(300)}

    assert change_order(world, order_id, WRAP, payments=[again]).errors == [("/payments/0/reference", "duplicate")]
    twice = [{**again, "reference": "auth-2"}] * 2
    assert change_order(world, order_id, WRAP, payments=twice).errors == [("/payments/1/reference", "duplicate")]


def test_more_money_comes_with_the_change_or_the_change_is_refused(world: World, order_id: str):
    assert previewed(world, order_id, WRAP)["to_pay"] == usd(300)
    refused = change_order(world, order_id, WRAP)

    assert (refused.problem, refused.body["to_pay"], refused.errors) == (
        "needs-payment", usd(300), [("/payments", "needs-payment")],
    )  # fmt: skip
    payment = {"method": "CARD", "reference": "auth-2", "authorized": usd(300)}
    made = change_order(world, order_id, WRAP, payments=[payment])
    assert [p["authorized"]["amount"] for p in made.body["payments"]][-1] == 300
    world.steps(order_id, "accept", "ship")
    world.settle()
    assert broken(world.tables()) == []


def test_more_units_are_routed(world: World, order_id: str):
    payment = {"method": "CARD", "reference": "auth-2", "authorized": usd(20_000)}
    more = {"modification": "quantity", "line_id": "1", "quantity": 5}

    assert change_order(world, order_id, more, payments=[payment]).status == 200
    world.settle()

    assert world.order(order_id)["quantities"] == {"RELEASED": 5}
    for number in (1, 2):
        world.steps(order_id, "accept", "ship", number=number)
    world.settle()
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def test_a_note_is_in_the_contact_alone_also_when_the_order_is_complete(world: World, order_id: str):
    world.steps(order_id, "accept", "ship")
    world.settle()

    reply = change_order(world, order_id, {"modification": "note", "note": "toca el timbre 🔔 لا {{ 7 * 7 }}"})
    world.settle()
    world.sweep()
    world.settle()

    assert reply.status == 200
    assert world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body["note"].startswith("toca el timbre")
    events = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    assert "timbre" not in str(events)
    assert change_order(world, order_id, {"modification": "note"}).status == 200
    assert "note" not in world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    assert broken(world.tables()) == []


def test_a_person_gives_no_more_than_their_limits(world: World, order_id: str):
    off = {"modification": "discount", "code": "SORRY", "amount": usd(100)}
    assert change_order(world, order_id, CHEAPER, off, who="sales").errors == [
        ("/changes/0/unit_price", "above-limit"),
        ("/changes/1/amount", "above-limit"),
    ]
    limits = {"override_percent": 50, "appeasement": [usd(150)]}
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits=limits)
    directory.forget()

    assert change_order(world, order_id, CHEAPER, off, who="sales").status == 200
    assert change_order(world, order_id, off, who="sales").errors == [("/changes/0/amount", "above-limit")]
    assert change_order(world, order_id, off, who="office").status == 200  # an application has no limit


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"modification": "teleport"}, ("/changes/0/modification", "value-error")),
        ({"modification": "cancel"}, ("/changes/0/modification", "value-error")),
        ({"modification": "price", "line_id": "1"}, ("/changes/0/unit_price", "missing")),
        ({**CHEAPER, "note": "x"}, ("/changes/0/note", "not-for-kind")),
        ({**CHEAPER, "line_id": "9"}, ("/changes/0/line_id", "unknown-line")),
        ({**CHEAPER, "unit_price": {"amount": -1, "currency": "USD"}}, ("/changes/0/unit_price/amount", None)),
        ({**CHEAPER, "unit_price": {"amount": 1, "currency": "EUR"}}, ("/changes/0/unit_price", "mixed-currencies")),
        ({**FEWER, "quantity": -1}, ("/changes/0/quantity", None)),
        ({"modification": "priority", "priority": 10}, ("/changes/0/priority", None)),
        ({"modification": "tags", "tags": ["  "]}, ("/changes/0/tags/0", None)),
        ({"modification": "note", "note": "x" * 5001}, ("/changes/0/note", None)),
        ({"modification": "note", "note": "\ud800"}, ("/changes/0/note", None)),
    ],
)
def test_a_wrong_change_is_refused_by_its_field(world: World, order_id: str, change: Any, wrong: Any):
    before = world.order(order_id)
    reply = change_order(world, order_id, change)

    pointer, code = wrong
    assert reply.status == 422
    assert pointer in [at for at, _ in reply.errors]
    assert code is None or code in [found for _, found in reply.errors]
    assert world.order(order_id) == before


def test_a_denied_change_says_why_and_nothing_of_the_others_is_made(world: World, order_id: str):
    world.steps(order_id, "accept", "pick", "pack")
    both = (FEWER, {"modification": "tags", "tags": ["vip"]})

    (denied,) = previewed(world, order_id, *both)["denied"]
    refused = change_order(world, order_id, *both)

    assert (denied["change"], [d["code"] for d in denied["denials"]]) == (0, ["packed"])
    assert refused.errors == [("/changes/0", "not-allowed")]
    assert world.order(order_id)["tags"] == []


def test_a_change_is_made_once_and_only_of_ones_own_order(world: World, order_id: str):
    etag = world.call("GET", f"/v1/orders/{order_id}").etag
    path, body = f"/v1/orders/{order_id}/changes", {"reason": "no", "changes": [FEWER]}
    replies = [world.call("POST", path, body, who="shop", if_match=etag, key="k-1") for _ in range(2)]

    assert [reply.status for reply in replies] == [200, 200]
    assert replies[0].body == replies[1].body
    assert world.call("POST", path, body, who="other-shop", if_match=etag).problem == "not-found"
    assert world.call("POST", path, {**body, "preview": True}, who="other-shop").problem == "not-found"
    assert world.call("POST", path, body, who="shop").problem == "if-match-missing"


def test_a_type_of_hold_blocks_changes_and_one_of_lines_only_those_of_lines(world: World, order_id: str):
    kind = {"blocks": ["price", "discount"], "reason": "an audit", "queue": "holds"}
    of_lines = world.call("PUT", "/v1/hold-types/AUDIT", {**kind, "level": "line"}, who="office")
    assert of_lines.status == 422
    assert "discount" in of_lines.body["detail"]
    assert world.call("PUT", "/v1/hold-types/AUDIT", kind, who="office").status == 201
    assert world.change(order_id, "holds", {"type": "AUDIT", "reason": "look"}).status == 200

    (denied,) = previewed(world, order_id, CHEAPER)["denied"]

    assert [(d["code"], d["hold_id"], d["hold_type"]) for d in denied["denials"]] == [("held", "h1", "AUDIT")]
    assert change_order(world, order_id, FEWER).status == 200


def test_every_refusal_of_a_held_change_names_the_hold(world: World, order_id: str):
    world.hold_type("AUDIT", "holds", level="line", blocks=["price", "cancel"], applies_when=None)
    world.change(order_id, "holds", {"type": "AUDIT", "reason": "look", "lines": ["1"]})
    path = f"/v1/orders/{order_id}/allowed-changes"
    rows = world.call("GET", path, who="office").body["changes"]

    refused = [change_order(world, order_id, WRAP, CHEAPER), change_order(world, order_id, FEWER)]
    refused += [world.change(order_id, "cancel", {"reason": "no", **lines}) for lines in ({}, LINE_1)]

    assert [(r.status, r.problem, r.body["hold_id"], r.body["hold_type"]) for r in refused] == [
        (409, "held", "h1", "AUDIT")
    ] * 4
    assert [r.errors for r in refused[:2]] == [[("/changes/1", "held")], [("/changes/0", "held")]]
    denied = [d for row in rows if row["modification"] in ("cancel", "price", "replace") for d in row["denials"]]
    assert {(d["code"], d["hold_id"], d["hold_type"]) for d in denied} == {("held", "h1", "AUDIT")}
    assert len(denied) == 4


def test_a_hold_of_a_bundles_line_blocks_changes_of_the_bundle(world: World):
    world.hold_type("AUDIT", "holds", level="line", blocks=["price", "quantity"], applies_when=None)
    order_id = world.placed(*a_set())
    world.change(order_id, "holds", {"type": "AUDIT", "reason": "look", "lines": ["b"]})

    for change in ({**CHEAPER, "line_id": "b"}, {"modification": "quantity", "line_id": "b", "quantity": 9}):
        refused = change_order(world, order_id, change)
        assert (refused.problem, refused.body["hold_id"]) == ("held", "h1")


@pytest.mark.parametrize("captured", [1, 1000, 2500, 3000])
def test_money_that_the_shop_had_captured_is_counted_once(world: World, captured: int):
    world.stocked("TEA-001", dc_1=9)
    payment = {"method": "CARD", "reference": "auth-1", "authorized": usd(3000), "captured": usd(captured)}
    order_id = world.placed(("TEA-001", 3), payments=[payment])
    more = {"method": "CARD", "reference": "auth-2", "authorized": usd(300), "captured": usd(150)}
    world.settle()

    assert change_order(world, order_id, WRAP, payments=[more]).status == 200
    assert change_order(world, order_id, FEWER).status == 200
    for step in ("accept", "ship"):
        world.steps(order_id, step)
        world.settle()

    order = world.order(order_id)
    assert (order["status"], order["totals"]["total"]) == ("SHIPPED", usd(1300))
    assert broken(world.tables()) == []


def test_no_change_makes_a_sum_that_no_answer_could_show(world: World, order_id: str):
    most = {"amount": 10**12, "currency": "USD"}
    payment = {"method": "CARD", "reference": "auth-2", "authorized": most}
    before = world.order(order_id)
    dearer = {"modification": "price", "line_id": "1", "unit_price": most}

    for mode in ({"preview": True}, {"pending": True}, {"payments": [payment]}):
        refused = change_order(world, order_id, {"modification": "tags", "tags": ["x"]}, dearer, **mode)
        assert set(refused.errors) == {("/changes/1/unit_price", "too-large")}, refused.body

    assert world.order(order_id) == before


def test_a_note_that_the_order_has_is_no_change(world: World, order_id: str):
    a_note = {"modification": "note", "note": "ring twice"}
    none = {"modification": "note", "note": None}

    assert change_order(world, order_id, none).errors == [("/changes/0/note", "the-same")]
    assert change_order(world, order_id, a_note).status == 200
    for how in ({}, {"preview": True}, {"pending": True}):
        assert change_order(world, order_id, a_note, **how).errors == [("/changes/0/note", "the-same")]
    assert change_order(world, order_id, none).status == 200


def test_a_charge_beside_a_cancel_of_all_units_is_refused_at_its_place(world: World, order_id: str):
    none = {**FEWER, "quantity": 0}
    before = world.order(order_id)

    for how in ({}, {"preview": True}, {"pending": True}):
        refused = change_order(world, order_id, none, WRAP, **how)
        assert (refused.status, refused.errors) == (422, [("/changes/1/amount", "nothing-left")])

    assert world.order(order_id) == before
    assert broken(world.tables()) == []


def test_a_payment_beside_a_change_that_ends_the_order_is_given_back(world: World, order_id: str):
    payment = {"method": "CARD", "reference": "auth-2", "authorized": usd(700)}

    ended = change_order(world, order_id, {**FEWER, "quantity": 0}, payments=[payment])
    world.settle()

    order = world.order(order_id)
    assert (ended.status, order["status"], order["totals"]["total"]) == (200, "CANCELLED", usd(0))
    assert [(p["captured"], p["released"]) for p in order["payments"]] == [
        (usd(0), p["authorized"]) for p in order["payments"]
    ]
    assert broken(world.tables()) == []


def test_a_quantity_that_was_lowered_by_mistake_is_raised_again_and_all_units_are_shipped(world: World):
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    total = world.order(order_id)["totals"]
    assert change_order(world, order_id, FEWER).status == 200
    world.settle()

    preview = previewed(world, order_id, {**FEWER, "quantity": 3})
    made = change_order(world, order_id, {**FEWER, "quantity": 3}, preview_id=preview["preview_id"])
    world.settle()

    assert (preview["to_pay"], preview["denied"], made.status) == (usd(0), [], 200)
    order = world.order(order_id)
    assert (order["totals"], order["quantities"]) == (total, {"RELEASED": 3, "CANCELLED": 2})
    for fulfillment in order["fulfillments"]:
        if fulfillment["status"] == "OFFERED":
            world.steps(order_id, "accept", "ship", number=int(fulfillment["fulfillment_id"][-3:]))
    world.settle()
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []
