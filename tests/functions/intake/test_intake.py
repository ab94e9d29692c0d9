"""An order is placed whole, or refused with the field of each mistake, and nothing is half applied."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.orders import orders
from tests.functions.world import World, a_body, at_counter, usd
from tests.invariants import broken

Spoil = Callable[[dict[str, Any]], Any]
HOME = {
    "name": "Ada",
    "line1": "12 Main St",
    "city": "Chicago",
    "region": "IL",
    "postal_code": "60601",
    "country": "US",
}
ONE = {"sku": "TEA-001", "quantity": 1, "unit_price": usd(1000)}


def put(path: str, value: Any) -> Spoil:
    """Sets the field at a JSON pointer."""

    def spoil(body: dict[str, Any]) -> None:
        *parents, last = path.strip("/").split("/")
        place: Any = body
        for part in parents:
            place = place[int(part)] if part.isdigit() else place[part]
        place[int(last) if last.isdigit() else last] = value

    return spoil


def drop(name: str) -> Spoil:
    return lambda body: body.pop(name)


def lines(*given: dict[str, Any]) -> Spoil:
    return lambda body: body.update(a_body(*given, external_id=body["external_id"]))


# (what is wrong, how, where it is named, its code)
MISTAKES: tuple[tuple[str, Spoil, str, str], ...] = (
    ("no external id", drop("external_id"), "/external_id", "missing"),
    ("no lines", put("/lines", []), "/lines", "too-short"),
    ("no totals", drop("totals"), "/totals", "missing"),
    ("no customer", drop("customer"), "/customer", "missing"),
    ("no address of what is shipped", drop("ship_to"), "/ship_to", "missing"),
    ("an unknown field", put("/surprise", 1), "/surprise", "extra-forbidden"),
    ("an unknown field of a line", put("/lines/0/surprise", 1), "/lines/0/surprise", "extra-forbidden"),
    ("a quantity in words", put("/lines/0/quantity", "two"), "/lines/0/quantity", "int-type"),
    ("a quantity as text", put("/lines/0/quantity", "2"), "/lines/0/quantity", "int-type"),
    ("half a unit", put("/lines/0/quantity", 0.5), "/lines/0/quantity", "int-type"),
    ("a quantity of yes", put("/lines/0/quantity", True), "/lines/0/quantity", "int-type"),
    ("a kit that goes two ways", lines(*({**ONE, "line_id": s[0], "fulfillment": {"group": "g", "service": s}} for s in ("STANDARD", "EXPRESS"))), "/lines/1/fulfillment/service", "mixed-group"),
    ("no unit", put("/lines/0/quantity", 0), "/lines/0/quantity", "greater-than-equal"),
    ("fewer than nothing", put("/lines/0/quantity", -1), "/lines/0/quantity", "greater-than-equal"),
    ("a billion units", put("/lines/0/quantity", 10**9), "/lines/0/quantity", "less-than-equal"),
    ("a price below zero", put("/lines/0/unit_price/amount", -1), "/lines/0/unit_price/amount", "greater-than-equal"),
    ("cents in a fraction", put("/totals/total/amount", 10.5), "/totals/total/amount", "int-type"),
    ("a line in another currency", put("/lines/0/unit_price/currency", "EUR"), "/lines/0/unit_price", "mixed-currencies"),
    ("totals in another currency", put("/totals/tax/currency", "EUR"), "/totals/tax", "mixed-currencies"),
    ("a payment in another currency", put("/payments/0/authorized/currency", "EUR"), "/payments/0/authorized", "mixed-currencies"),
    ("a currency that the channel does not sell in", lambda body: _in("GBP", body), "/currency", "not-sold-in"),
    ("1,001 lines", lines(*({**ONE, "line_id": str(n)} for n in range(1001))), "/lines", "too-long"),
    ("an unknown sku", put("/lines/0/sku", "NOPE"), "/lines/0/sku", "unknown-sku"),
    ("a sku that would break a key", put("/lines/0/sku", "A#B"), "/lines/0/sku", "unknown-sku"),
    ("a sku of 129 characters", put("/lines/0/sku", "A" * 129), "/lines/0/sku", "string-too-long"),
    ("an unknown counter", lines(at_counter("TEA-001", node="nowhere")), "/lines/0/fulfillment/node_id", "unknown-node"),
    ("a pickup without its store", lines({**ONE, "fulfillment": {"method": "PICKUP"}}), "/lines/0/fulfillment/node_id", "missing"),
    ("a pickup at a warehouse", lines(at_counter("TEA-001", node="dc-1")), "/lines/0/fulfillment/node_id", "no-pickup"),
    ("a node of the shop's own choice", put("/lines/0/fulfillment", {"method": "SHIP", "node_id": "dc-2"}), "/lines/0/fulfillment/node_id", "not-yours-to-choose"),
    ("a method that there is none of", put("/lines/0/fulfillment", {"method": "DRONE"}), "/lines/0/fulfillment/method", "literal-error"),
    ("an unknown channel", put("/channel", "fax"), "/channel", "unknown-channel"),
    ("somebody else's channel", put("/channel", "outlet"), "/channel", "unknown-channel"),
    ("goods that do not add up", put("/totals/goods/amount", 999), "/totals/goods", "does-not-add-up"),
    ("a cent too much", put("/totals/total/amount", 1001), "/totals/total", "does-not-add-up"),
    ("tax that no line has", put("/totals/tax/amount", 1), "/totals/tax", "does-not-add-up"),
    ("a discount larger than the goods", put("/lines/0/discounts", [{"code": "D", "amount": usd(1001)}]), "/lines/0/discounts", "too-large"),
    ("too little authorised", put("/payments/0/authorized/amount", 999), "/payments", "does-not-cover"),
    ("no payment at all", put("/payments", []), "/payments", "does-not-cover"),
    ("a payment of nothing", put("/payments/0/authorized/amount", 0), "/payments/0/authorized", "too-small"),
    ("more captured than authorised", put("/payments/0/captured", usd(1001)), "/payments/0/captured", "more-than-authorized"),
    ("a card number in the note", put("/note", "card 4111 1111 1111 1111"), "/note", "card-number"),
    ("an address without its check digit", put("/attributes", {"electronic_address": "0088:4012345000008"}), "/attributes/electronic_address", "malformed"),
    ("an address of no scheme", put("/attributes", {"electronic_address": "9999:1"}), "/attributes/electronic_address", "unknown-scheme"),
    ("a card number in an attribute", put("/attributes", {"x": "4111-1111-1111-1111"}), "/attributes/x", "card-number"),
    ("a card number as a name", put("/customer/name", "5500005555555559"), "/customer/name", "card-number"),
    ("a card number as a reference", put("/payments/0/reference", "4111 1111 1111 1111"), "/payments/0/reference", "card-number"),
    ("a card number as an external id", put("/external_id", "4111-1111-1111-1111"), "/external_id", "card-number"),
    ("a card number as a tag", put("/tags", ["4111111111111111"]), "/tags/0", "card-number"),
    ("a card number as a customer's id", put("/customer/id", "3782-822463-10005"), "/customer/id", "card-number"),
    ("a card number as a phone", put("/customer/phone", "4111 1111 1111 1111"), "/customer/phone", "card-number"),
    ("a card number as a tax id", put("/customer/tax_id", "4111.1111.1111.1111"), "/customer/tax_id", "card-number"),
    ("a card number as a discount's code", put("/lines/0/discounts", [{"code": "5555555555554444", "amount": usd(1)}]), "/lines/0/discounts/0/code", "card-number"),
    ("a card number as a way to pay", put("/payments/0/method", "CARD 4111111111111111"), "/payments/0/method", "card-number"),
    ("a card number as an attribute's name", put("/attributes", {"4111111111111111": "x"}), "/attributes", "card-number"),
    ("a card number with underscores", put("/note", "4111_1111_1111_1111"), "/note", "card-number"),
    ("a card number with commas", put("/note", "4111,1111,1111,1111"), "/note", "card-number"),
    ("a card number with blanks that nobody sees", put("/note", "4111\u200b1111\u200b1111\u200b1111"), "/note", "card-number"),
    ("an external id with a line break", put("/external_id", "A\nB"), "/external_id", "unseen-character"),
    ("an external id with a NUL", put("/external_id", "A\0B"), "/external_id", "unseen-character"),
    ("an external id of blanks", put("/external_id", " \u00a0"), "/external_id", "string-too-short"),
    ("an external id that reads from right to left", put("/external_id", "A\u202eB"), "/external_id", "unseen-character"),
    ("a line id that nobody sees", put("/lines/0/line_id", "1\u200b"), "/lines/0/line_id", "unseen-character"),
    ("a line id that fits no key", put("/lines/0/line_id", "\U0001f600" * 128), "/lines/0/line_id", "string-too-long"),
    ("a tax rate in percent", put("/lines/0/tax", {"rate": "8.25", "amount": usd(0)}), "/lines/0/tax/rate", "value-error"),
    ("a tax rate a billionth above the price", put("/lines/0/tax", {"rate": "1.000000001", "amount": usd(0)}), "/lines/0/tax/rate", "value-error"),
    ("a tax rate in another alphabet's digits", put("/lines/0/tax", {"rate": "\u0660.\u0661", "amount": usd(0)}), "/lines/0/tax/rate", "string-pattern-mismatch"),
    ("an address to which nobody can mail", put("/customer/email", "ada@localhost"), "/customer/email", "not-mailable"),
    ("an address whose name mail does not take", put("/customer/email", "ad\u00e4@example.com"), "/customer/email", "not-mailable"),
    ("half of a surrogate pair in a note", put("/note", "\ud800"), "/note", "not-text"),
    ("half of a surrogate pair in a country", put("/ship_to/country", "\ud800"), "/ship_to/country", "not-text"),
    ("two spellings of one attribute", put("/attributes", {"a": "1", "a ": "2"}), "/attributes", "named-twice"),
    ("a card number with its expiry date", put("/note", "4111 1111 1111 1111 12/27 123"), "/note", "card-number"),
    ("a card number with dots", put("/gift", "4111.1111.1111.1111"), "/gift", "card-number"),
    ("a card number as a region", put("/ship_to/region", "4111 1111 1111 1111"), "/ship_to/region", "card-number"),
    ("an address with a line break in its e-mail", put("/customer/email", "a@b.example\nBcc: c@d.example"), "/customer/email", "string-pattern-mismatch"),
    ("no e-mail address", put("/customer/email", "ada"), "/customer/email", "string-pattern-mismatch"),
    ("a country in words", put("/ship_to/country", "United States"), "/ship_to/country", "string-pattern-mismatch"),
    ("a country that is not shipped to", put("/ship_to/country", "FR"), "/ship_to/country", "not-shipped-to"),
    ("a ZIP code with a CEP's digits", put("/ship_to/postal_code", "01310-100"), "/ship_to/postal_code", "wrong-country"),
    ("a ZIP code of six digits", put("/ship_to/postal_code", "606011"), "/ship_to/postal_code", "malformed"),
    ("a ZIP code in letters", put("/ship_to/postal_code", "SW1A 1AA"), "/ship_to/postal_code", "malformed"),
    ("a ZIP code in another alphabet's digits", put("/ship_to/postal_code", "٦٠٦٠١"), "/ship_to/postal_code", "malformed"),
    ("a bill to a country that there is not", put("/bill_to", HOME | {"country": "ZZ"}), "/bill_to/country", "unknown-country"),
    ("a bill to the United Kingdom by its other name", put("/bill_to", HOME | {"country": "UK"}), "/bill_to/country", "unknown-country"),
    ("a bill with a ZIP code of six digits", put("/bill_to", HOME | {"postal_code": "606011"}), "/bill_to/postal_code", "malformed"),
    ("a bill with a CEP in the US", put("/bill_to", HOME | {"postal_code": "01310-100"}), "/bill_to/postal_code", "wrong-country"),
    ("a bill to a region where its ZIP code is not", put("/bill_to", HOME | {"region": "NY"}), "/bill_to/region", "contradicts-postal-code"),
    ("a bill to a region of another country", put("/bill_to", HOME | {"region": "MX-CMX"}), "/bill_to/region", "other-country"),
    ("a bill to the military at a ZIP code of Chicago", put("/bill_to", HOME | {"city": "APO"}), "/bill_to/postal_code", "not-military"),
    ("half a coordinate of a bill", put("/bill_to", HOME | {"latitude": 41.9}), "/bill_to", "half-a-coordinate"),
    ("half a coordinate", put("/ship_to/latitude", None), "/ship_to", "half-a-coordinate"),
    ("a latitude beyond the pole", put("/ship_to/latitude", 91), "/ship_to/latitude", "less-than-equal"),
    ("a time without a zone", put("/placed_at", "2026-11-19T10:00:00"), "/placed_at", "no-time-zone"),
    ("a day with words behind it", put("/requested", {"deliver_by": "2026-12-01 for Ada"}), "/requested/deliver_by", "string-pattern-mismatch"),
    ("a day that is none", put("/requested", {"deliver_by": "2026-02-30"}), "/requested/deliver_by", "not-a-day"),
    ("a time in seconds", put("/placed_at", 1795000000), "/placed_at", "not-a-time"),
    ("a time that is no day", put("/placed_at", "2026-02-30T10:00:00Z"), "/placed_at", "not-a-time"),
    ("a latitude that is a truth", put("/ship_to/latitude", True), "/ship_to/latitude", "float-type"),
    ("a latitude in quotes", put("/ship_to/latitude", "41.8"), "/ship_to/latitude", "float-type"),
    ("a time to come", put("/placed_at", "2027-01-01T00:00:00Z"), "/placed_at", "in-the-future"),
    ("a time before there were shops", put("/placed_at", "0001-01-01T00:00:00+14:00"), "/placed_at", "too-long-ago"),
    ("an authorisation without a zone", put("/payments/0/expires_at", "2026-12-19T10:00:00"), "/payments/0/expires_at", "no-time-zone"),
    ("a line id twice", lines({**ONE, "line_id": "1"}, {**ONE, "line_id": "1"}), "/lines/1/line_id", "duplicate"),
    ("a bundle without components", put("/lines/0/kind", "BUNDLE"), "/lines/0", "no-components"),
    ("an unknown reservation", put("/reservation_id", "rsv-1"), "/reservation_id", "unknown-reservation"),
    ("a priority of 10", put("/priority", 10), "/priority", "less-than-equal"),
    ("51 attributes", put("/attributes", {f"a{n}": "x" for n in range(51)}), "/attributes", "too-long"),
    ("a field name that breaks a pointer", put("/a~b", 1), "/a~0b", "extra-forbidden"),
)  # fmt: skip


def _in(currency: str, body: dict[str, Any]) -> None:
    body.update(json.loads(json.dumps(body).replace('"USD"', f'"{currency}"')))


def test_a_wrong_order_is_refused_by_its_field_and_leaves_nothing(world: World, subtests: pytest.Subtests):
    before = world.tables()
    for what, spoil, pointer, code in MISTAKES:
        body = a_body()
        spoil(body)

        reply = world.call("POST", "/v1/orders", body)

        with subtests.test(what):
            assert (reply.status, reply.problem) == (422, "invalid")
            assert (pointer, code) in reply.errors
            assert reply.headers["Content-Type"] == "application/problem+json"
    assert world.tables() == before


NOT_ORDERS = (
    ("{", 400, "malformed-request"),
    ("nonsense", 400, "malformed-request"),
    ("[1, 2]", 422, "invalid"),
    ("null", 422, "invalid"),
    ('"text"', 422, "invalid"),
    ('{"external_id": "1", "external_id": "2"}', 400, "malformed-request"),
    ('{"lines": NaN}', 400, "malformed-request"),
    ('{"lines": ' + "9" * 5000 + "}", 400, "malformed-request"),
    ("[" * 100_000, 400, "malformed-request"),
    ('{"external_id": "\\ud800"}', 422, "invalid"),
    ('{"\\ud800": 1}', 422, "invalid"),
    ('{"note": "' + "x" * 1_000_001 + '"}', 413, "body-too-large"),
)


def test_a_body_that_is_no_order_is_refused(world: World, subtests: pytest.Subtests):
    before = world.tables()
    for raw, status, problem in NOT_ORDERS:
        reply = world.call("POST", "/v1/orders", raw=raw)

        with subtests.test(raw[:40]):
            assert (reply.status, reply.problem) == (status, problem)
            json.dumps(reply.body, ensure_ascii=False).encode()  # as Lambda does: no half of a character
    assert world.tables() == before


def test_every_mistake_is_named_at_once(world: World):
    body = a_body(("NOPE", 1), ("TEA-001", 1), external_id="X")
    body["totals"]["total"] = {"amount": 1, "currency": "EUR"}

    reply = world.call("POST", "/v1/orders", body)

    assert {("/lines/0/sku", "unknown-sku"), ("/totals/total", "mixed-currencies")} <= set(reply.errors)


@pytest.mark.parametrize(
    ("line_tax", "charge_tax", "discount", "pointer"),
    [
        (1001, 0, 0, "/lines/0/tax/amount"),
        (160, 501, 0, "/charges/0/tax"),
        (160, 80, 1261, "/totals/tax"),
        (160, 80, 1500, "/totals/tax"),
        (1000, 500, 0, None),
        (160, 80, 1260, None),
    ],
)
def test_no_price_has_more_tax_inside_than_it_costs(
    world: World, line_tax: int, charge_tax: int, discount: int, pointer: str | None
) -> None:
    tax, total = line_tax + charge_tax, 1500 - discount
    amounts = {"goods": 1000, "discounts": discount, "charges": 500, "tax": tax, "total": total}

    placed = world.place_order(
        {**ONE, "tax": {"rate": "0.19", "amount": usd(line_tax)}},
        prices_include_tax=True,
        charges=[{"kind": "SHIPPING", "amount": usd(500), "tax": usd(charge_tax)}],
        discounts=[{"code": "TEN", "amount": usd(discount)}] if discount else [],
        totals={name: usd(amount) for name, amount in amounts.items()},
        payments=[{"method": "CARD", "reference": "auth-1", "authorized": usd(total)}] if total else [],
    )

    assert placed.status == (422 if pointer else 201), placed.body
    assert not pointer or placed.errors == [(pointer, "too-large")]


@pytest.mark.parametrize(
    "changes",
    [
        {"region": "Illinois"},
        {"region": "", "postal_code": ""},
        {"region": "Greater London", "postal_code": "SW1A 1AA", "country": "GB"},
        {"region": "anywhere", "postal_code": "10000", "country": "XK"},
        {"city": "APO", "region": "AE", "postal_code": "09012"},
    ],
)
def test_a_bill_goes_to_any_country_and_its_address_is_kept_as_it_was_sent(world: World, changes: dict[str, str]):
    order_id = world.placed(("TEA-001", 1), bill_to=HOME | changes)

    contact = world.call("GET", f"/v1/orders/{order_id}/contact").body

    assert contact["bill_to"].items() >= (HOME | changes).items()


def test_a_wrong_total_is_refused_with_the_difference(world: World):
    body = a_body(("TEA-001", 3))
    body["totals"]["total"] = usd(2990)

    reply = world.call("POST", "/v1/orders", body)

    assert "-10 minor units" in reply.body["errors"][0]["message"]


def test_an_order_is_answered_with_its_place_its_version_and_no_contact(world: World):
    reply = world.place_order(("TEA-001", 2), note="ring twice")

    assert reply.status == 201
    assert reply.headers["Location"] == f"/v1/orders/{reply.body['order_id']}"
    assert reply.etag == '"v1"'
    assert reply.body["quantities"] == {"CREATED": 2}
    assert "Ada" not in json.dumps(reply.body)
    contact = world.call("GET", f"/v1/orders/{reply.body['order_id']}/contact")
    assert (contact.body["customer"]["name"], contact.body["note"]) == ("Ada Byron", "ring twice")


def test_one_transaction_holds_the_order_its_event_its_keys_its_contact_and_its_place_in_the_sweepers_list(
    world: World,
):
    order_id = world.placed()

    tables = world.tables()
    of_orders = sorted(row["pk"].split("#")[0] + " " + row["sk"] for row in tables["Orders"])
    assert of_orders == ["IDEM #", "O #", "O E#00000001", "O J#00000001", "O W#open#0", "X #"]
    of_customers = sorted(
        row["pk"].partition("#")[0] + " " + row["sk"].partition("#")[0] for row in tables["Customers"]
    )
    guest = next(row["pk"][2:] for row in tables["Customers"] if row["pk"].startswith("C#"))
    assert of_customers == ["C O", f"E {guest}", "N ada%20byron", "N byron%20ada", "O V"]
    assert all(order_id in row["pk"] + row["sk"] for row in tables["Customers"])


def test_two_lines_of_one_sku_are_served_together(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2), ("TEA-001", 3))

    world.settle()

    assert world.order(order_id)["quantities"] == {"RELEASED": 5}
    assert broken(world.tables()) == []


def test_an_order_of_a_thousand_lines_is_placed_and_a_sku_with_a_hash_sign_is_sold(world: World):
    world.product("A#B/ü?")
    reply = world.place_order(*(("TEA-001", 1) for _ in range(999)), ("A#B/ü?", 1))

    assert reply.status == 201
    assert len(reply.body["lines"]) == 1000


def test_a_channel_names_an_order_once_and_for_ever(world: World):
    first = world.place_order(("TEA-001", 1), external_id="WEB-1").body["order_id"]

    before = world.tables()

    again = world.place_order(("TEA-001", 2), external_id="WEB-1")

    assert (again.status, again.problem, again.body["order_id"]) == (409, "already-exists", first)
    assert world.tables() == before


def test_health_says_which_cell_answers(world: World):
    assert world.call("GET", "/v1/health").body == {"status": "ok", "cell": "us1"}


def test_units_are_picked_up_only_where_the_channel_sells(world: World):
    world.node("lisbon", (38.7, -9.1), type="STORE", pickup=True, country="PT")
    packs.rebuild(())
    directory.forget()

    reply = world.place_order(at_counter("TEA-001", node="lisbon"))
    asked = {"channel": "web", "lines": [{"line_id": "1", "sku": "TEA-001", "quantity": 1}], "node_ids": ["lisbon"]}
    promised = world.call("POST", "/v1/promises", {**asked, "methods": ["PICKUP"]})

    assert (reply.status, reply.errors) == (422, [("/lines/0/fulfillment/node_id", "other-country")])
    assert (promised.status, promised.errors) == (422, [("/node_ids/0", "other-country")])


def test_another_callers_channel_is_unknown_whatever_else_is_wrong(world: World):
    theirs = world.place_order(("NOTHING", 1), channel="outlet")
    nobodys = world.place_order(("NOTHING", 1), channel="moon")

    assert theirs.errors == nobodys.errors == [("/channel", "unknown-channel"), ("/lines/0/sku", "unknown-sku")]


def test_a_channels_description_of_a_product_is_shown_and_counts_where_the_directory_has_none(world: World):
    world.entry(directory.PRODUCT, "TEA-001", {"title": "A TEA-001", "weight_g": 0, "class": "goods"})
    world.stocked("TEA-001", dc_1=5)
    said = {"title": "Green tea, the large one", "gtin": "4006381333931", "weight_g": 700, "dims_mm": [100, 80, 60]}

    order_id = world.placed({"sku": "TEA-001", "quantity": 1, "product": {**said, "class": "goods"}})
    world.settle()

    order = orders.load(order_id)
    assert (order.lines[0].weight_g, order.lines[0].dims_mm) == (700, (100, 80, 60))
    (row,) = world.order(order_id)["fulfillments"][0]["lines"]
    assert (row["title"], row["gtin"]) == ("Green tea, the large one", "4006381333931")
    assert any("Green tea, the large one" in str(mail["Content"]) for mail in world.hops.sent)


def test_a_product_that_differs_from_the_directory_is_refused_by_its_field(world: World):
    world.entry(
        directory.PRODUCT, "TEA-001", {"title": "T", "weight_g": 120, "class": "goods", "gtin": "4006381333931"}
    )
    said = {"gtin": "4006381333948", "class": "hazmat", "weight_g": 9}

    refused = world.place_order({"sku": "TEA-001", "quantity": 1, "product": said})

    assert (refused.status, refused.errors) == (
        422,
        [("/lines/0/product/gtin", "another-gtin"), ("/lines/0/product/class", "another-class")],
    )


def test_a_list_of_orders_begins_with_the_newest_if_asked(world: World):
    made = []
    for _ in range(5):
        made.append(world.placed(("TEA-001", 1), customer={"id": "c-1", "name": "Ada"}))
        world.pass_time(60)
    day = f"{world.now:%Y-%m-%d}"

    for filters in ({"customer_id": "c-1"}, {"channel": "web", "day": day}):
        first = world.call("GET", "/v1/orders", query={**filters, "newest": "true", "limit": "3"})
        rest = world.call("GET", "/v1/orders", query={**filters, "newest": "true", "cursor": first.body["next"]})
        assert [row["order_id"] for row in (*first.body["items"], *rest.body["items"])] == made[::-1]
    assert world.call("GET", "/v1/orders", query={"customer_id": "c-1", "newest": "yes"}).status == 422
    oldest = world.call("GET", "/v1/orders", query={"customer_id": "c-1", "cursor": first.body["next"]})
    assert oldest.body["type"] == "urn:comanda:problem:bad-cursor"
