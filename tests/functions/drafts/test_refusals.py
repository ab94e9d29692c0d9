"""A wrong request for a draft is refused by its field, in words, and nothing of it is applied."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.functions.drafts.acts import ADA, CHICAGO, a_cart, a_row, act, create, find, get, patch
from tests.functions.world import START, World, usd

EUR = {"amount": 100, "currency": "EUR"}
BUNDLE = {"line_id": "b", "sku": "TEA-002", "quantity": 1, "kind": "BUNDLE", "unit_price": usd(500)}
COMPONENT = {
    "line_id": "c",
    "sku": "CUP-001",
    "quantity": 2,
    "kind": "COMPONENT",
    "parent_line_id": "b",
    "ratio": 2,
    "price_share": 1_000_000,
}


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"set_lines": [a_row("2", price=-1)]}, "/set_lines/0/unit_price/amount", "greater-than-equal"),
        ({"set_lines": [a_row("2", unit_price=EUR)]}, "/set_lines/0/unit_price", "mixed-currencies"),
        ({"charges": [{"kind": "x", "amount": EUR}]}, "/charges/0/amount", "mixed-currencies"),
        ({"discounts": [{"code": "x", "amount": EUR}]}, "/discounts/0/amount", "mixed-currencies"),
        ({"set_lines": [a_row("2", discounts=[{"code": "x", "amount": EUR}])]}, "/set_lines/0/discounts/0/amount", "mixed-currencies"),
        ({"currency": "EUR"}, "/currency", "extra-forbidden"),
        ({"channel": "outlet"}, "/channel", "extra-forbidden"),
        ({"set_lines": [a_row("2", price=None)]}, "/set_lines/0/unit_price", "no-price"),
        ({"set_lines": [a_row("2", sku="NOTHING")]}, "/set_lines/0/sku", "unknown-sku"),
        ({"set_lines": [a_row("2", quantity=0)]}, "/set_lines/0/quantity", "greater-than-equal"),
        ({"set_lines": [a_row("2", quantity=1.5)]}, "/set_lines/0/quantity", "int-type"),
        ({"set_lines": [a_row("2"), a_row("2")]}, "/set_lines/1/line_id", "duplicate"),
        ({"set_lines": []}, "/set_lines", "too-short"),
        ({"remove_lines": ["7"]}, "/remove_lines/0", "unknown-line"),
        ({"lines": [], "set_lines": [a_row("2")]}, "/set_lines", "beside-lines"),
        ({"set_lines": [COMPONENT]}, "/set_lines/0/parent_line_id", "unknown-line"),
        ({"set_lines": [BUNDLE]}, "/set_lines/0", "no-components"),
        ({"set_lines": [BUNDLE, {**COMPONENT, "price_share": 5}]}, "/set_lines/0", "shares-do-not-add-up"),
        ({"set_lines": [BUNDLE, {**COMPONENT, "unit_price": usd(1)}]}, "/set_lines/1/unit_price", "priced-by-its-bundle"),
        ({"set_lines": [a_row("2", tax_rate="10%")]}, "/set_lines/0/tax_rate", "string-pattern-mismatch"),
        ({"set_lines": [a_row("2", tax_rate="8.25")]}, "/set_lines/0/tax_rate", "value-error"),
        ({"charges": [{"kind": "x", "amount": usd(1), "tax_rate": "1"}]}, "/charges/0/tax_rate", "value-error"),
        ({"set_lines": [a_row("2", tax_rate="-0.1")]}, "/set_lines/0/tax_rate", "string-pattern-mismatch"),
        ({"set_lines": [a_row("1", discounts=[{"code": "x", "amount": usd(1001)}])]}, "/set_lines/0/discounts", "too-large"),
        ({"discounts": [{"code": "x", "amount": usd(1001)}]}, "/discounts", "too-large"),
        ({"fulfillment": {"method": "PICKUP"}}, "/fulfillment/node_id", "missing"),
        ({"fulfillment": {"method": "PICKUP", "node_id": "dc-1"}}, "/fulfillment/node_id", "no-pickup"),
        ({"fulfillment": {"method": "PICKUP", "node_id": "moon"}}, "/fulfillment/node_id", "unknown-node"),
        ({"fulfillment": {"node_id": "dc-1"}}, "/fulfillment/node_id", "not-yours-to-choose"),
        ({"fulfillment": {"method": "DRONE"}}, "/fulfillment/method", "literal-error"),
        ({"ship_to": {**CHICAGO, "country": "DE"}}, "/ship_to/country", "not-shipped-to"),
        ({"ship_to": {**CHICAGO, "postal_code": "ABC"}}, "/ship_to/postal_code", "malformed"),
        ({"ship_to": {**CHICAGO, "latitude": 41.9}}, "/ship_to", "half-a-coordinate"),
        ({"ship_to": {**CHICAGO, "name": " \u200b "}}, "/ship_to/name", "string-too-short"),
        ({"bill_to": {**CHICAGO, "country": "XX"}}, "/bill_to/country", "unknown-country"),
        ({"customer": {"email": "ada"}}, "/customer/email", "string-pattern-mismatch"),
        ({"customer": {}}, "/customer", "missing"),
        ({"customer": None}, "/customer", "missing"),
        ({"customer": {"name": "Bob"}}, "/customer", "missing"),
        ({"note": "x" * 501}, "/note", "string-too-long"),
        ({"note": "card 4111 1111 1111 1111"}, "/note", "card-number"),
        ({"note": "\ud83d"}, "/note", "not-text"),
        ({"attributes": {"x": "card 4111 1111 1111 1111"}}, "/attributes/x", "card-number"),
        ({"attributes": {f"a{n}": "x" for n in range(51)}}, "/attributes", "too-long"),
        ({"attributes": {"a": "1", "a ": "2"}}, "/attributes", "named-twice"),
        ({"attributes": {"electronic_address": "0088:4012345000008"}}, "/attributes/electronic_address", "malformed"),
        ({"attributes": {"electronic_address": "9999:1"}}, "/attributes/electronic_address", "unknown-scheme"),
        ({"tags": ["\u202edesrever"]}, "/tags/0", "unseen-character"),
        ({"tags": ["x"] * 21}, "/tags", "too-long"),
        ({"prices_until": "2026-11-19T11:59:59Z"}, "/prices_until", "out-of-range"),
        ({"prices_until": "2029-01-01T00:00:00Z"}, "/prices_until", "out-of-range"),
        ({"prices_until": "2026-12-01"}, "/prices_until", "not-a-time"),
        ({"option_id": "express"}, "/option_id", "without-promise"),
        ({"promise_id": "prm_us1_01M7STV3G0BJM51626G09V8TXJ"}, "/promise_id", "unknown-promise"),
        ({"reservation_id": "rsv_us1_01M7STV3G0BJM51626G09V8TXJ"}, "/reservation_id", "unknown-reservation"),
        ({"unknown": 1}, "/unknown", "extra-forbidden"),
    ],
)  # fmt: skip
def test_a_wrong_field_changes_nothing(world: World, fields: dict[str, Any], pointer: str, code: str):
    cart = create(world)
    before = world.tables()

    reply = patch(world, cart, **fields)

    assert (reply.status, (pointer, code) in reply.errors) == (422, True), reply.body
    assert world.tables() == before


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"channel": "nothing"}, "/channel", "unknown-channel"),
        ({"channel": "outlet"}, "/channel", "unknown-channel"),
        ({"currency": "GBP"}, "/currency", "not-sold-in"),
        ({"lines": [a_row(str(n)) for n in range(1001)]}, "/lines", "too-long"),
        ({"lines": [a_row("1", price=-1)]}, "/lines/0/unit_price/amount", "greater-than-equal"),
        ({"customer": None}, "/customer", "missing"),
        ({"locale": "english"}, "/locale", "string-pattern-mismatch"),
    ],
)
def test_a_wrong_draft_is_not_begun(world: World, changes: dict[str, Any], pointer: str, code: str):
    body = {name: value for name, value in a_cart().items() if name not in changes or changes[name] is not None}
    before = world.tables()

    reply = world.call("POST", "/v1/drafts", {**body, **{n: v for n, v in changes.items() if v is not None}})

    assert (reply.status, (pointer, code) in reply.errors) == (422, True), reply.body
    assert world.tables() == before


def test_the_thousand_and_first_line_is_refused(world: World):
    cart = create(world, lines=[a_row(str(n)) for n in range(1000)])

    reply = patch(world, cart, set_lines=[a_row("one more")])

    assert (reply.status, reply.errors) == (422, [("/lines", "too-many-lines")])
    assert patch(world, cart, set_lines=[a_row("one more")], remove_lines=["0"]).status == 200


def test_a_draft_that_does_not_fit_an_item_is_refused_by_name(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("comanda.aws.drafts.drafts.FITS", 2_000)

    reply = world.call("POST", "/v1/drafts", a_cart(lines=[a_row(str(n)) for n in range(20)]))

    assert (reply.status, reply.errors) == (422, [("/lines", "draft-too-large")])


def test_strange_names_are_kept_as_they_are(world: World):
    for name in ("محمد علي", "Ada 🫖", "{{ 7 * 7 }}", "<b>Ada</b>", "O'Neil; DROP TABLE"):
        cart = create(world, customer={**ADA, "name": name})
        assert get(world, cart, below="/contact")["customer"]["name"] == name


def test_a_stale_version_is_refused(world: World):
    cart = create(world)
    assert patch(world, cart, tags=["a"]).status == 200

    stale = patch(world, cart, tags=["b"])
    missing = world.call("PATCH", f"/v1/drafts/{cart['draft_id']}", {"tags": ["b"]})

    assert (stale.status, stale.problem) == (412, "if-match-stale")
    assert (missing.status, missing.problem) == (428, "if-match-missing")
    assert get(world, cart)["tags"] == ["a"]


def test_a_claim_in_between_makes_no_version_stale(world: World):
    cart = create(world)
    act(world, cart, "claim")
    act(world, cart, "release")

    assert patch(world, cart, tags=["a"]).status == 200


def test_of_two_claims_one_is_first(world: World):
    cart = create(world)
    first, second = act(world, cart, "claim"), act(world, cart, "claim", who="office")

    assert (first.status, second.status, second.problem) == (200, 409, "claimed")
    assert act(world, cart, "release", who="office").problem == "claimed"
    assert act(world, cart, "abandon", who="shop").problem == "claimed"
    assert act(world, cart, "abandon", who="office").problem == "claimed"


def test_a_release_without_a_claim_is_refused(world: World):
    cart = create(world)

    assert act(world, cart, "release").problem == "not-allowed"


def test_a_shop_claims_nothing(world: World):
    cart = create(world)

    assert (act(world, cart, "claim", who="shop").status, act(world, cart, "release", who="shop").status) == (403, 403)


def test_another_channels_draft_does_not_exist(world: World):
    cart = create(world)
    path = f"/v1/drafts/{cart['draft_id']}"

    for method, below, body in (
        ("GET", "", None), ("GET", "/contact", None), ("GET", "/events", None), ("PATCH", "", {"tags": []}), ("POST", "/abandon", {}),
    ):  # fmt: skip
        reply = world.call(method, path + below, body, who="other-shop", if_match='"v1"')
        assert (reply.status, reply.problem) == (404, "not-found"), (method, below)
    assert find(world, who="other-shop", customer_id=cart["customer_id"]) == []
    query = {"channel": "web", "customer_id": "77"}
    assert world.call("GET", "/v1/drafts", who="other-shop", query=query).status == 404


@pytest.mark.parametrize(
    "name", ["drf_us1_short", "ord_us1_01M7STV3G0BJM51626G09V8TXJ", "drf_us1_01M7STV3G0BJM51626G09V8TXJ"]
)
def test_a_draft_that_is_not_there_is_not_found(world: World, name: str):
    assert world.call("GET", f"/v1/drafts/{name}").problem == "not-found"


def test_a_draft_of_another_cell_says_so(world: World):
    reply = world.call("GET", "/v1/drafts/drf_eu1_01M7STV3G0BJM51626G09V8TXJ")

    assert (reply.status, reply.problem, reply.body["cell"]) == (404, "wrong-region", "eu1")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({}, "/"),
        ({"channel": "web"}, "/"),
        ({"email": "a@b.co", "phone": "123456"}, "/"),
        ({"email": "ada"}, "/email"),
        ({"phone": "12"}, "/phone"),
        ({"name": "!"}, "/name"),
        ({"customer_id": "x", "limit": "0"}, "/limit"),
    ],
)
def test_a_list_needs_filters_that_fit_together(world: World, query: dict[str, str], pointer: str):
    reply = world.call("GET", "/v1/drafts", who="office", query=query)

    assert (reply.status, reply.body["errors"][0]["pointer"]) == (422, pointer)


def test_a_list_goes_on_page_by_page(world: World):
    carts = [create(world)["draft_id"] for _ in range(3)]
    query = {"channel": "web", "customer_id": "77", "limit": "2"}

    first = world.call("GET", "/v1/drafts", query=query).body
    rest = world.call("GET", "/v1/drafts", query={**query, "cursor": first["next"]}).body

    assert [one["draft_id"] for one in (*first["items"], *rest["items"])] == sorted(carts, reverse=True)
    assert rest["next"] is None


def test_a_person_says_why_and_keeps_to_no_price_of_nobody(world: World):
    cart = create(world)

    reply = patch(world, cart, who="sales", set_lines=[a_row("2")])

    assert reply.errors == [("/set_lines/0/price_reason", "missing")]
    said = patch(world, cart, who="sales", set_lines=[a_row("2", price_reason="as promised")])
    assert said.body["lines"][1]["price"] == {"source": "CALLER", "reason": "as promised", "price_list": None}


def test_a_bundle_goes_with_its_components_in_one_request(world: World):
    cart = create(world, lines=[BUNDLE, COMPONENT])
    assert cart["totals"]["total"] == usd(500)

    for names in (["b"], ["c"]):
        assert patch(world, cart, remove_lines=names).status == 422
    assert patch(world, cart, remove_lines=["b", "c"]).body["lines"] == []


def reserved(world: World, who: str = "shop", **fields: Any) -> dict[str, Any]:
    line = {"sku": "TEA-001", "quantity": 1, "node_id": "dc-1"}
    body = {"request_id": "r-1", "kind": "SOFT", "lines": [line], **fields}
    reply = world.call("POST", "/v1/reservations", body, who=who)
    assert reply.status == 201, reply.body
    found: dict[str, Any] = reply.body
    return found


def test_a_reservation_lives_as_long_as_the_claim_of_its_draft(world: World):
    world.stocked("TEA-001", dc_1=5)
    kept = reserved(world, ttl_seconds=600)
    cart = create(world, reservation_id=kept["reservation_id"])
    path = f"/v1/reservations/{kept['reservation_id']}"

    world.pass_time(240)
    claimed = act(world, cart, "claim").body
    assert world.call("GET", path).body["expires_at"] == "2026-11-19T12:20:00.000Z"
    world.pass_time(600)
    patch(world, claimed, who="sales", tags=["x"])
    assert world.call("GET", path).body["expires_at"] == "2026-11-19T12:30:00.000Z"


def test_a_longer_reservation_is_not_cut_short_and_an_ended_one_stops_nobody(world: World):
    world.stocked("TEA-001", dc_1=5)
    kept = reserved(world, ttl_seconds=14_400)
    cart = create(world, reservation_id=kept["reservation_id"])
    path = f"/v1/reservations/{kept['reservation_id']}"

    act(world, cart, "claim")
    assert world.call("GET", path).body["expires_at"] == kept["expires_at"]
    world.now = START + timedelta(hours=5)
    assert act(world, cart, "claim").status == 200
    assert world.call("GET", path).body["status"] == "EXPIRED"


def test_a_draft_takes_a_soft_reservation_of_its_own_caller_and_channel(world: World):
    world.stocked("TEA-001", dc_1=9)
    hard = reserved(world, kind="HARD")
    theirs = reserved(world, who="other-shop", ttl_seconds=600)
    cart = create(world)

    assert patch(world, cart, reservation_id=hard["reservation_id"]).errors == [("/reservation_id", "hard-reservation")]
    assert patch(world, cart, reservation_id=theirs["reservation_id"]).errors == [
        ("/reservation_id", "unknown-reservation")
    ]
    other = world.call(
        "PATCH",
        f"/v1/drafts/{cart['draft_id']}",
        {"reservation_id": theirs["reservation_id"]},
        who="office",
        if_match='"v1"',
    )
    assert other.errors == [("/reservation_id", "another-channel")]


def test_a_promise_of_the_caller_is_attached(world: World):
    world.stocked("TEA-001", dc_1=5)
    basket = {
        "channel": "web",
        "lines": [{"line_id": "1", "sku": "TEA-001", "quantity": 1}],
        "to": {"country": "US", "region": "IL"},
    }
    promise = world.call("POST", "/v1/promises", basket, key=None).body

    cart = create(world, promise_id=promise["promise_id"], option_id=promise["recommended"])

    assert (cart["promise_id"], cart["option_id"]) == (promise["promise_id"], promise["recommended"])
    assert patch(world, cart, option_id="nothing").errors == [("/option_id", "unknown-option")]
    assert patch(world, cart, promise_id=None, option_id=None).body["promise_id"] is None


def test_an_erased_customer_leaves_nothing_in_their_drafts(world: World):
    cart = create(world, ship_to=CHICAGO, note="rings twice")
    guest = create(world, customer={"name": "Bob"}, open_cart=False)
    act(world, cart, "claim")

    reply = world.call("DELETE", f"/v1/customers/{cart['customer_id']}", who="office", key=None)

    assert (reply.status, reply.body["drafts"], reply.body["left"]) == (200, 1, 0)
    found = get(world, cart)
    assert (found["status"], found["customer_id"], found["claim"]) == ("ABANDONED", None, None)
    assert get(world, cart, below="/contact") == {}
    assert not re.search(r"\bada\b", str(world.aws.items("Customers")).lower())
    assert get(world, guest)["status"] == "OPEN"
    assert [one["step"] for one in get(world, cart, below="/events")["items"]] == ["created", "claimed", "erased"]
    again = world.call("DELETE", f"/v1/customers/{cart['customer_id']}", who="office", key=None)
    assert (again.status, again.body["drafts"]) == (200, 0)


def test_a_person_gets_what_their_drafts_store_of_them(world: World):
    cart = create(world, ship_to=CHICAGO, note="rings twice")
    path = f"/v1/customers/{cart['customer_id']}/export"

    (found,) = world.call("GET", path, who="office").body["drafts"]
    assert (found["draft"]["draft_id"], found["contact"]["customer"]) == (cart["draft_id"], ADA)
    assert found["contact"]["note"] == "rings twice"
    assert world.call("GET", path.replace(cart["customer_id"], f"cus_{'0' * 32}"), who="office").status == 404
