"""A draft becomes one order, by the rules by which orders are placed, and the draft says which."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.faults import Crash, Crashed
from tests.functions.channels import a_list
from tests.functions.drafts.test_drafts import CHICAGO, a_row, act, create, get, patch
from tests.functions.drafts.test_quotes import WEEK, a_line, quote
from tests.functions.world import Reply, World, usd
from tests.invariants import broken

BUYER = {"buyer_reference": "PO-7", "electronic_address": "0088:4006381333931"}


def paid(draft: dict[str, Any]) -> dict[str, Any]:
    return {"method": "CARD", "reference": "pi_1", "authorized": draft["totals"]["total"]}


def confirm(
    world: World, draft: dict[str, Any], who: str = "sales", if_match: str | None = "", key: str = "", **body: Any
) -> Reply:
    now = get(world, draft)
    etag = f'"v{now["version"]}"' if if_match == "" else if_match
    body.setdefault("payments", [paid(now)])
    path = f"/v1/drafts/{draft['draft_id']}/confirm"
    return world.call("POST", path, body, who=who, if_match=etag, key=key)


def ready(world: World, **changes: Any) -> dict[str, Any]:
    """A draft that lacks nothing."""
    return create(world, **{"ship_to": CHICAGO, **changes})


def test_a_confirmed_draft_is_an_order_that_is_routed_like_any_other(world: World):
    world.stocked("TEA-001", dc_1=5)
    shipping = [{"kind": "shipping", "amount": usd(599), "tax_rate": "0.1"}]
    off = [{"code": "WELCOME", "amount": usd(100)}]
    lines = [a_row("1", 2, tax_rate="0.0825", discounts=[{"code": "TEA", "amount": usd(50)}])]
    draft = ready(
        world, lines=lines, charges=shipping, discounts=off, tags=["vip"], note="ring twice", attributes=BUYER
    )

    reply = confirm(world, draft, payments=[{**paid(draft), "authorized": usd(3_000)}])

    assert reply.status == 201, reply.body
    order = reply.body
    assert order["order_id"] == draft["draft_id"].replace("drf_", "ord_")
    assert reply.headers["Location"] == f"/v1/orders/{order['order_id']}"
    assert (order["external_id"], order["channel"], order["tags"]) == (draft["draft_id"], "web", ["vip"])
    assert order["totals"] == draft["totals"]
    assert order["payments"][0]["authorized"] == usd(3_000)
    after = get(world, draft)
    assert (after["status"], after["order_id"], after["claim"]) == ("CONFIRMED", order["order_id"], None)
    world.settle()
    routed = world.order(order["order_id"])
    assert routed["quantities"] == {"RELEASED": 2}
    contact = world.call("GET", f"/v1/orders/{order['order_id']}/contact", who="office").body
    assert (contact["customer"]["email"], contact["ship_to"], contact["note"]) == (
        "ada@example.org",
        CHICAGO,
        "ring twice",
    )
    assert contact["attributes"] == BUYER
    steps = [one["data"] for one in world.hops.published if one["type"] == "comanda.draft.changed.v1"]
    assert (steps[-1]["step"], steps[-1]["order_id"]) == ("confirmed", order["order_id"])
    assert broken(world.tables()) == []


def test_the_journey_from_a_cart_to_a_routed_order(world: World):
    """The shop stores a cart, an agent claims it, changes it, quotes it, and confirms what the customer wants."""
    a_list(world)
    world.stocked("TEA-001", dc_1=5)
    world.stocked("CUP-001", dc_1=5)
    cart = create(world, lines=[a_line()])
    act(world, cart, "claim")
    assert confirm(world, cart, who="shop").problem == "claimed"
    changed = patch(world, get(world, cart), who="sales", set_lines=[a_line("2", "CUP-001", 2)], ship_to=CHICAGO)
    quoted = quote(world, changed.body, valid_until=WEEK)
    a_list(world, tea=9_999)

    order = confirm(world, quoted.body).body

    assert order["totals"]["goods"] == usd(1_299 + 2 * 500)
    world.settle()
    assert world.order(order["order_id"])["quantities"] == {"RELEASED": 3}
    found = world.call("GET", "/v1/drafts", query={"email": "ada@example.org"}, who="sales").body["items"]
    assert [(one["status"], one["open_cart"]) for one in found] == [("CONFIRMED", False)]
    assert broken(world.tables()) == []


def test_a_draft_that_was_confirmed_answers_the_same_order_to_every_caller(world: World):
    draft = ready(world)
    first = confirm(world, draft, key="k", if_match='"v1"')

    same = confirm(world, draft, key="k", if_match='"v1"')
    another = confirm(world, draft, who="shop", if_match=None)
    reused = confirm(world, draft, key="k", external_id="X-2")

    assert (same.status, same.body, same.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    assert (another.status, another.body["order_id"]) == (200, first.body["order_id"])
    assert reused.problem == "idempotency-key-reused"
    assert patch(world, get(world, draft), tags=["x"]).problem == "draft-ended"


def test_of_many_who_confirm_at_once_all_get_the_one_order(world: World):
    draft = ready(world)
    together = threading.Barrier(6)

    def one(n: int) -> Reply:
        together.wait()
        return confirm(world, draft, if_match='"v1"', key=f"k{n}")

    with ThreadPoolExecutor(6) as threads:
        replies = list(threads.map(one, range(6)))

    assert sorted(reply.status for reply in replies) == [200] * 5 + [201], [r.body for r in replies if r.status > 299]
    assert len({reply.body["order_id"] for reply in replies}) == 1
    assert len([row for row in world.tables()["Orders"] if row["pk"].startswith("O#") and row["sk"] == "#"]) == 1


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"ship_to": None}, [("/ship_to", "missing")]),
        ({"customer": {"id": "77"}}, [("/customer/name", "missing")]),
        ({"customer": None, "open_cart": False}, [("/customer", "missing")]),
        ({"lines": []}, [("/lines", "too-short")]),
        (
            {"ship_to": {**CHICAGO, "country": "FR", "region": "", "postal_code": "75001"}},
            [("/ship_to/country", "not-shipped-to")],
        ),
    ],
    ids=["no address", "no name", "no customer", "no lines", "another country"],
)
def test_what_an_order_needs_and_the_draft_lacks_is_named_by_the_field_of_the_draft(
    world: World, changes: Any, wrong: list[tuple[str, str]]
):
    made = world.call(
        "POST", "/v1/drafts", {**_body(), **{k: v for k, v in changes.items() if v is not None}}, who="shop"
    )
    if made.status == 422:  # the draft itself refuses it already
        assert made.errors == wrong
        return
    draft = made.body
    for name, value in changes.items():
        if value is None:
            draft = patch(world, draft, **{name: None if name != "open_cart" else False}).body
    refused = confirm(world, draft)

    assert (refused.status, refused.errors) == (422, wrong)
    assert get(world, draft)["status"] == "OPEN"
    assert world.aws.items("Orders", keys.order(draft["draft_id"].replace("drf_", "ord_"))["pk"]) == []


def _body() -> dict[str, Any]:
    from tests.functions.drafts.test_drafts import a_cart

    return {**a_cart(), "ship_to": CHICAGO}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"external_id": ""}, "/external_id"),
        ({"colour": "red"}, "/colour"),
        (
            {"payments": [{"method": "CARD", "reference": "x", "authorized": {"amount": 1, "currency": "EUR"}}]},
            "/payments/0/authorized",
        ),
        ({"payments": [{"method": "CARD", "authorized": usd(1)}]}, "/payments/0/reference"),
    ],
    ids=["blank number", "unknown field", "another currency", "no reference"],
)
def test_a_wrong_field_of_the_request_is_named(world: World, body: Any, pointer: str):
    draft = ready(world)

    refused = confirm(world, draft, **body)

    assert (refused.status, [at for at, _ in refused.errors]) == (422, [pointer])
    assert get(world, draft)["status"] == "OPEN"


def test_a_stale_version_a_strangers_draft_and_a_wrong_id_are_refused(world: World):
    draft = ready(world)
    patch(world, draft, tags=["vip"])

    assert confirm(world, draft, if_match='"v1"').status == 412
    assert confirm(world, draft, if_match=None).status == 428
    assert confirm(world, draft, who="other-shop").status == 404
    assert confirm(world, draft, who="dc-1-system").status == 403
    assert world.call("POST", "/v1/drafts/drf_x/confirm", {}, who="sales", if_match='"v1"').status == 404


def test_an_external_id_that_another_order_has_is_refused_and_the_order_is_named(world: World):
    other = world.placed(("TEA-001", 1), external_id="WEB-7")
    draft = ready(world)

    refused = confirm(world, draft, external_id="WEB-7")
    assert (refused.status, refused.problem, refused.body["order_id"]) == (409, "already-exists", other)
    assert get(world, draft)["status"] == "OPEN"
    assert confirm(world, draft, external_id="WEB-8").body["external_id"] == "WEB-8"


def test_the_id_of_a_draft_is_the_external_id_of_its_own_order_alone(world: World):
    draft, other = ready(world), ready(world)
    mine, foreign = draft["draft_id"], other["draft_id"]

    placed = world.place_order(("TEA-001", 1), external_id=mine)
    assert (placed.status, placed.errors) == (422, [("/external_id", "id-of-a-draft")])
    elsewhere = mine.replace("drf_us1", "drf_br1")
    assert world.place_order(("TEA-001", 1), external_id=elsewhere).errors == placed.errors
    swapped = confirm(world, draft, external_id=foreign)
    assert (swapped.status, swapped.errors) == (422, [("/external_id", "id-of-a-draft")])
    assert get(world, draft)["status"] == "OPEN"
    assert confirm(world, draft, external_id=mine).body["external_id"] == mine
    assert confirm(world, other).body["external_id"] == foreign


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"set_lines": [a_row("1", 100_000, 10_000_001)]}, ("/set_lines/0/quantity", "too-large")),
        ({"set_lines": [a_row("1", 1, 10**12), a_row("2")]}, ("/lines", "too-large")),
        ({"set_lines": [a_row("1", 1, 10**12, tax_rate="0.1")]}, ("/lines", "too-large")),
        ({"charges": [{"kind": k, "amount": usd(10**12)} for k in ("shipping", "duty")]}, ("/charges", "too-large")),
        ({"charges": [{"kind": "shipping", "amount": usd(10**12)}]}, ("/charges", "too-large")),
    ],
    ids=["a line", "the goods", "the total", "the charges", "the total by a charge"],
)
def test_a_draft_of_an_amount_that_no_order_can_have_is_refused_at_the_step(world: World, changes: Any, wrong: Any):
    draft = ready(world)

    refused = patch(world, draft, **changes)

    assert (refused.status, refused.errors[0]) == (422, wrong)
    assert confirm(world, draft).status == 201


def test_the_largest_draft_becomes_an_order(world: World):
    draft = ready(world, lines=[a_row("1", 100_000, 10_000_000)])

    assert confirm(world, draft).body["totals"]["total"] == usd(10**12)


def test_an_expired_quote_and_a_changed_price_are_refused_by_name(world: World):
    a_list(world)
    quoted = ready(world, lines=[a_line()])
    quote(world, quoted, valid_until=WEEK)
    opened = ready(world, lines=[a_line()], customer={"id": "78", "name": "Bo"})
    a_list(world, tea=1_399)

    changed = confirm(world, opened)
    assert (changed.status, changed.problem) == (409, "price-changed")
    assert changed.errors == [("/lines/0/unit_price", "price-changed")]
    world.pass_time(timedelta(days=7).total_seconds())
    over = confirm(world, quoted)

    assert (over.status, over.problem) == (409, "quote-expired")
    world.pass_time(60)
    world.sweep()
    assert confirm(world, quoted).problem == "quote-expired"


def test_a_draft_that_was_given_up_is_not_confirmed(world: World):
    draft = ready(world)
    act(world, draft, "abandon", who="shop")

    assert confirm(world, draft).problem == "draft-ended"


def test_a_hold_rule_holds_the_order_of_a_draft_too(world: World):
    world.hold_type(applies_when={"total_at_least": usd(500)})
    order = confirm(world, ready(world)).body

    assert [hold["type"] for hold in order["holds"]] == ["SALES_REVIEW"]


def test_a_bundle_a_service_and_a_pickup_become_lines_of_the_order(world: World):
    lines = [
        a_row("1", 2, 3_000, kind="BUNDLE", sku="POT-001", tax_rate="0.1"),
        a_row("1a", 2, None, kind="COMPONENT", parent_line_id="1", ratio=1, price_share=400_000),
        a_row("1b", 4, None, kind="COMPONENT", parent_line_id="1", ratio=2, price_share=600_000, sku="CUP-001"),
        a_row("2", 1, 900, kind="SERVICE"),
        a_row("3", 1, 700, fulfillment={"method": "PICKUP", "node_id": "store-1"}),
    ]
    world.stocked("TEA-001", dc_1=5, store_1=5)
    world.stocked("CUP-001", dc_1=5)
    draft = ready(world, lines=lines)

    order = confirm(world, draft)

    assert order.status == 201, order.body
    assert order.body["totals"] == draft["totals"]
    world.settle()
    assert world.order(order.body["order_id"])["quantities"] == {"RELEASED": 7, "SCHEDULED": 1}
    assert broken(world.tables()) == []


def test_the_reservation_of_a_draft_is_kept_for_its_order(world: World):
    world.stocked("TEA-001", dc_1=2)
    wanted = {"request_id": "r", "channel": "web", "lines": [{"sku": "TEA-001", "quantity": 2, "node_id": "dc-1"}]}
    kept = world.call("POST", "/v1/reservations", wanted, who="shop").body
    draft = ready(world, lines=[a_row("1", 2)], reservation_id=kept["reservation_id"])

    order = confirm(world, draft).body  # by an agent, who has not made the reservation

    world.pass_time(timedelta(hours=5).total_seconds())
    world.sweep()
    world.settle()
    assert world.order(order["order_id"])["quantities"] == {"RELEASED": 2}
    assert broken(world.tables()) == []


def test_a_reservation_that_has_ended_is_refused_by_name(world: World):
    world.stocked("TEA-001", dc_1=2)
    wanted = {"request_id": "r", "lines": [{"sku": "TEA-001", "quantity": 2, "node_id": "dc-1"}], "ttl_seconds": 600}
    kept = world.call("POST", "/v1/reservations", wanted, who="shop").body
    draft = ready(world, lines=[a_row("1", 2)], reservation_id=kept["reservation_id"])
    world.pass_time(700)

    refused = confirm(world, draft)

    assert (refused.status, [at for at, _ in refused.errors]) == (422, ["/reservation_id"])
    assert confirm(world, patch(world, get(world, draft), reservation_id=None).body).status == 201


def test_a_claim_that_comes_between_decides_the_confirm_again(world: World, monkeypatch: pytest.MonkeyPatch):
    """An agent claims the draft after the shop's confirm has read it: the confirm is refused, and no order is left."""
    from functions.intake import orders as placing

    draft, real, once = ready(world), placing.save_new, []

    def slow(*args: Any) -> None:
        if not once:
            once.append(1)
            assert act(world, draft, "claim").status == 200
        real(*args)

    monkeypatch.setattr(placing, "save_new", slow)

    refused = confirm(world, draft, who="shop", if_match='"v1"')

    assert (refused.status, refused.problem) == (409, "claimed")
    assert [row for row in world.tables()["Orders"] if row["pk"].startswith("O#")] == []
    assert confirm(world, draft).status == 201


@pytest.mark.parametrize("verb", ["quote", "confirm"])
def test_a_crash_at_any_call_of_a_step_and_the_same_request_again_end_in_one_step(world: World, verb: str):
    """All that follows is repeated too: relay, mail, route."""
    a_list(world)
    world.stocked("TEA-001", dc_1=500)

    def body(n: int) -> dict[str, Any]:
        return {"lines": [a_line()], "customer": {"id": f"c{n}", "name": "Ada", "email": f"a{n}@example.org"}}

    def step(draft: dict[str, Any], n: int) -> Reply:
        path = f"/v1/drafts/{draft['draft_id']}/{verb}"
        body = {"payments": [paid(draft)]} if verb == "confirm" else {}
        return world.call("POST", path, body, who="sales", if_match='"v1"', key=f"{verb}-{n}")

    assert step(ready(world, **body(-1)), -1).status in (200, 201)  # this process has read its secrets
    draft = ready(world, **body(0))
    directory.forget()
    with Crash() as counting:
        assert step(draft, 0).status in (200, 201)
    points = [(at, after) for at in range(1, len(counting.calls) + 1) for after in (False, True)]

    for n, (at, after) in enumerate(points, 1):
        draft = ready(world, **body(n))
        directory.forget()
        with Crash(at, after=after) as crash, pytest.raises(Crashed):
            step(draft, n)
        directory.forget()
        reply = step(draft, n)
        assert reply.status in (200, 201), (crash.happened, reply.body)
        now = get(world, draft)
        assert (now["version"], now["status"]) == (2, "QUOTED" if verb == "quote" else "CONFIRMED"), crash.happened
        if verb == "confirm":
            assert reply.body["order_id"] == now["order_id"] == draft["draft_id"].replace("drf_", "ord_")
    world.settle()
    if verb == "quote":
        assert len(world.hops.sent) == len(points) + 2
    else:
        orders = [row["pk"] for row in world.tables()["Orders"] if row["pk"].startswith("O#") and row["sk"] == "#"]
        assert len(orders) == len(points) + 2
        assert {world.order(pk[2:])["status"] for pk in orders} == {"RELEASED"}
    assert broken(world.tables()) == []
    print(f"crash: {verb} of a draft: {len(points)} points, each repaired by the same request")  # noqa: T201  a figure
