"""Orders are paid by gift cards and store credit: what they reserve leaves the account, and what they do not need comes back."""

from collections.abc import Callable
from typing import Any

import pytest

from comanda.aws.books import gift_cards
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.orders import orders
from comanda.domain.gift_cards import codes
from tests.functions.channels import set_channel
from tests.functions.intake.changes.test_changes import WRAP, change_order
from tests.functions.world import Reply, World, usd
from tests.invariants import broken

OWN = {"GIFT_CARD": "comanda", "STORE_CREDIT": "comanda"}
CUSTOMER = {"id": "c-17", "name": "Ada Byron", "email": "ada@example.org"}


@pytest.fixture
def world(world: World) -> World:
    set_channel(world, payment_providers=OWN)
    world.stocked("TEA-001", dc_1=9)
    return world


def card(world: World, amount: int = 5_000, currency: str = "USD") -> dict[str, Any]:
    money = {"amount": amount, "currency": currency}
    reply = world.call("POST", "/v1/gift-cards", {"channel": "web", "amount": money, "reason": "sold"})
    assert reply.status == 201, reply.body
    return dict(reply.body)


def credit(world: World, amount: int = 5_000, customer: str = "c-17") -> dict[str, Any]:
    body = {"channel": "web", "customer_id": customer, "amount": usd(amount), "reason": "sorry"}
    reply = world.call("POST", "/v1/store-credits", body)
    assert reply.status == 201, reply.body
    return dict(reply.body)


def by_card(code: str, amount: int) -> dict[str, Any]:
    return {"method": "GIFT_CARD", "code": code, "authorized": usd(amount)}


def by_credit(amount: int) -> dict[str, Any]:
    return {"method": "STORE_CREDIT", "authorized": usd(amount)}


def left(world: World, account: dict[str, Any]) -> int:
    reply = world.call("GET", f"/v1/gift-cards/{account['account_id']}", who="office")
    return int(reply.body["balance"]["amount"])


def ledger(world: World, account: dict[str, Any]) -> list[tuple[str, int]]:
    rows = world.call("GET", f"/v1/gift-cards/{account['account_id']}", who="office").body["entries"]
    return sorted((row["purpose"], row["amount"]) for row in rows)


def shipped(world: World, order_id: str) -> None:
    world.settle()
    world.steps(order_id, "ship")
    world.settle()


def books(world: World, order_id: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in world.order_items(order_id, "J#"):
        for account, amount in row["entries"].items():
            found[account] = found.get(account, 0) + amount
    return {account: amount for account, amount in found.items() if amount}


def test_an_order_is_paid_by_a_card_credit_and_money_in_their_sequence(
    world: World, capsys: pytest.CaptureFixture[str]
):
    gift, store = card(world, 700), credit(world, 900)
    money = {"method": "CARD", "reference": "auth-1", "authorized": usd(600)}
    order_id = world.placed(
        ("TEA-001", 2), payments=[by_card(gift["code"], 700), by_credit(700), money], customer=CUSTOMER
    )

    assert (left(world, gift), left(world, store)) == (0, 200)
    shown = world.order(order_id)["payments"]
    assert [(one["provider"], one["last4"]) for one in shown] == [
        ("comanda", gift["last4"]),
        ("comanda", None),
        ("reference", None),
    ]
    assert shown[0]["reference"] == gift["account_id"]
    shipped(world, order_id)
    paid = world.order(order_id)["payments"]
    assert [one["captured"]["amount"] for one in paid] == [700, 700, 600]
    assert books(world, order_id) == {"captured": 600, "gift_cards": 700, "store_credit": 700, "revenue": -2_000}
    assert ledger(world, gift) == [("issue", 700), ("redeem", -700)]
    assert broken(world.tables()) == []
    said, stored = capsys.readouterr(), str(world.tables())
    for secret in (gift["code"], gift["code"].replace("-", "")):
        assert secret not in said.out + said.err
        assert secret not in stored


def test_a_cancel_gives_back_what_the_order_does_not_need_when_it_ends(world: World):
    gift = card(world, 5_000)
    order_id = world.placed(("TEA-001", 2), payments=[by_card(gift["code"], 2_000)])
    world.settle()
    assert world.change(order_id, "cancel", {"reason": "x", "lines": [{"line_id": "1", "quantity": 1}]}).status == 200
    shipped(world, order_id)

    assert left(world, gift) == 4_000
    assert ledger(world, gift) == [("issue", 5_000), ("redeem", -2_000), ("release", 1_000)]
    assert books(world, order_id) == {"gift_cards": 1_000, "revenue": -1_000}
    assert broken(world.tables()) == []


def test_a_cancelled_order_gives_everything_back(world: World):
    gift = card(world, 5_000)
    order_id = world.placed(("TEA-001", 2), payments=[by_card(gift["code"], 2_000)])
    world.settle()
    assert world.change(order_id, "cancel", {"reason": "x"}).status == 200
    world.settle()

    assert left(world, gift) == 5_000
    assert books(world, order_id) == {}
    assert broken(world.tables()) == []


def test_a_repeated_order_is_paid_once(world: World):
    gift = card(world, 2_000)
    payments = [by_card(gift["code"], 2_000)]
    body = {"payments": payments, "external_id": "WEB-1"}

    first = world.place_order(("TEA-001", 2), key="k", **body)
    again = world.place_order(("TEA-001", 2), key="k", **body)

    assert (first.status, again.body["order_id"]) == (201, first.body["order_id"])
    assert left(world, gift) == 0
    assert not [row for row in world.tables()["Orders"] if row["pk"].startswith("GCM#")]  # it guessed nothing


def refused(world: World, *payments: dict[str, Any], **changes: Any) -> Reply:
    reply = world.place_order(("TEA-001", 1), payments=[*payments], **changes)
    assert reply.status == 422, reply.body
    assert [row for row in world.tables()["Orders"] if row["sk"].startswith("E#")] == []
    return reply


def test_cards_that_do_not_pay_are_refused_alike(world: World):
    set_channel(world, gift_card_days=1)
    expired = card(world)
    world.now = world.now.replace(day=world.now.day + 2)
    set_channel(world, gift_card_days=None)
    little, euro = card(world, 999), card(world, 5_000, "EUR")

    replies = [
        refused(world, by_card(code, 1_000), external_id="WEB-1")
        for code in (expired["code"], little["code"], euro["code"], codes.make(5), "0" * 20)
    ]

    assert all(reply.errors == [("/payments/0/code", "not-usable")] for reply in replies)
    assert len({str({**reply.body, "trace_id": ""}) for reply in replies}) == 1
    assert all(code not in str(reply.body) for reply in replies for code in (little["code"], little["account_id"]))


@pytest.mark.parametrize(
    "other", [{**CUSTOMER, "id": "c-18"}, {"name": "Ada", "email": "a@b.example"}, {"name": "Ada"}]
)
def test_ten_wrong_codes_in_a_minute_lock_their_customer_and_no_other_of_the_shop(world: World, other: dict[str, Any]):
    gift = card(world)
    for _ in range(10):
        refused(world, by_card(codes.make(5), 1_000), customer=CUSTOMER)
    pays = [by_card(gift["code"], 1_000)]

    assert world.place_order(("TEA-001", 1), payments=pays, customer=CUSTOMER).problem == "too-many-requests"
    assert left(world, gift) == 5_000
    assert world.place_order(("TEA-001", 1), payments=pays, customer=other).status == 201
    world.pass_time(60)
    assert world.place_order(("TEA-001", 1), payments=pays, customer=CUSTOMER).status == 201


@pytest.mark.parametrize("customer", [{"name": "Ada", "email": "a@b.example"}, {"name": "Ada"}])
def test_ten_wrong_codes_lock_guests_by_their_e_mail_and_those_without_one_together(
    world: World, customer: dict[str, Any]
):
    gift = card(world)
    for _ in range(10):
        refused(world, by_card(codes.make(5), 1_000), customer=customer)

    reply = world.place_order(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)], customer=customer)

    assert reply.problem == "too-many-requests"


def test_a_card_that_is_spent_is_no_guess_of_a_code(world: World):
    gift, other = card(world, 1_000), card(world)
    world.placed(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)])
    for _ in range(11):
        assert world.place_order(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)]).errors

    assert world.place_order(("TEA-001", 1), payments=[by_card(other["code"], 1_000)]).status == 201


def test_an_order_that_was_placed_is_answered_also_when_its_card_is_spent_or_its_customer_locked(world: World):
    gift = card(world, 1_000)
    order = {"payments": [by_card(gift["code"], 1_000)], "external_id": "WEB-1", "customer": CUSTOMER}
    placed = world.place_order(("TEA-001", 1), **order).body["order_id"]

    again = world.place_order(("TEA-001", 1), **order)
    assert (again.status, again.problem, again.body["order_id"]) == (409, "already-exists", placed)
    for _ in range(10):
        world.place_order(("TEA-001", 1), **{**order, "external_id": "WEB-2", "payments": [by_card(codes.make(5), 1)]})
    again = world.place_order(("TEA-001", 1), **order)
    assert (again.problem, again.body["order_id"]) == ("already-exists", placed)
    guessed = {**order, "payments": [by_card(codes.make(5), 1_000)]}
    assert world.place_order(("TEA-001", 1), **guessed).problem == "already-exists"


def a_draft(world: World) -> tuple[Reply, Callable[..., Reply], int]:
    """Make a draft. Return it, how it is confirmed with the code of a card, and its total."""
    line = {"line_id": "1", "sku": "TEA-001", "quantity": 1, "unit_price": usd(1_000)}
    draft = {"channel": "web", "currency": "USD", "locale": "en-US", "lines": [line], "customer": {"name": "Ada"}}
    draft["ship_to"] = {"name": "Ada", "line1": "1 Main St", "city": "Chicago", "country": "US", "postal_code": "60601"}
    made = world.call("POST", "/v1/drafts", {**draft, "ship_to": {**draft["ship_to"], "region": "IL"}})
    assert made.status == 201, made.body
    path = f"/v1/drafts/{made.body['draft_id']}/confirm"
    total = world.call("GET", f"/v1/drafts/{made.body['draft_id']}").body["totals"]["total"]["amount"]

    def confirm(code: str, who: str = "shop") -> Reply:
        return world.call("POST", path, {"payments": [by_card(code, total)]}, who=who, if_match=made.etag)

    return made, confirm, total


def test_five_wrong_codes_lock_a_draft_for_everybody(world: World):
    gift = card(world)
    _, confirm, _ = a_draft(world)

    for n in range(5):
        assert confirm(codes.make(n)).errors == [("/payments/0/code", "not-usable")]
        world.pass_time(61)
    assert confirm(gift["code"]).problem == "too-many-requests"
    assert confirm(gift["code"], who="office").problem == "too-many-requests"
    assert left(world, gift) == 5_000


def test_a_draft_that_another_request_confirms_meanwhile_is_answered_with_its_order(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    gift = card(world, 1_000)
    made, confirm, total = a_draft(world)
    find = gift_cards.find

    def after_another(account_id: str) -> Any:
        monkeypatch.setattr(gift_cards, "find", find)
        assert confirm(gift["code"]).status == 201
        return find(account_id)

    monkeypatch.setattr(gift_cards, "find", after_another)
    reply = confirm(gift["code"])

    assert (total, reply.status, reply.body["order_id"][4:]) == (1_000, 200, made.body["draft_id"][4:])
    assert left(world, gift) == 0


def test_store_credit_is_that_of_the_known_customer_of_the_channel(world: World):
    credit(world, 1_000, "c-17")
    pays = by_credit(1_000)

    for customer in ({**CUSTOMER, "id": "c-18"}, {**CUSTOMER, "id": "g_0"}, {"name": "Ada", "email": "a@b.example"}):
        assert refused(world, pays, customer=customer).errors == [("/payments/0/method", "not-usable")]
    assert world.place_order(("TEA-001", 1), payments=[pays], customer=CUSTOMER).status == 201
    assert refused_after(world, pays).errors == [("/payments/0/method", "not-usable")]


def refused_after(world: World, payment: dict[str, Any]) -> Reply:
    return world.place_order(("TEA-001", 1), payments=[payment], customer=CUSTOMER)


@pytest.mark.parametrize(
    ("payment", "errors"),
    [
        ({"method": "GIFT_CARD"}, [("/payments/0/code", "missing")]),
        ({"method": "GIFT_CARD", "reference": "gc_" + "0" * 32}, [("/payments/0/reference", "not-taken"), ("/payments/0/code", "missing")]),
        ({"method": "STORE_CREDIT", "reference": "x"}, [("/payments/0/reference", "not-taken")]),
        ({"method": "STORE_CREDIT", "code": "0" * 20}, [("/payments/0/code", "not-taken")]),
        ({"method": "STORE_CREDIT", "captured": usd(1)}, [("/payments/0/captured", "not-taken")]),
        ({"method": "STORE_CREDIT", "expires_at": "2027-01-01T00:00:00Z"}, [("/payments/0/expires_at", "not-taken")]),
        ({"method": "CARD", "code": "0" * 20, "reference": "x"}, [("/payments/0/code", "not-taken")]),
        ({"method": "CARD"}, [("/payments/0/reference", "missing")]),
        ({"method": "GIFT_CARD", "code": "x"}, [("/payments/0/code", "string-pattern-mismatch")]),
    ],
)  # fmt: skip
def test_a_payment_has_the_fields_of_its_provider_alone(world: World, payment: Any, errors: Any):
    assert refused(world, {"authorized": usd(1_000), **payment}, customer=CUSTOMER).errors == errors


def test_a_channel_without_accounts_of_ours_takes_references_and_no_codes(world: World):
    set_channel(world, payment_providers=None)

    assert refused(world, by_card(codes.make(1), 1_000)).errors == [
        ("/payments/0/reference", "missing"),
        ("/payments/0/code", "not-taken"),
    ]
    paid = {"method": "GIFT_CARD", "reference": "theirs", "authorized": usd(1_000)}
    assert world.place_order(("TEA-001", 1), payments=[paid]).status == 201


def test_a_client_without_the_scope_pays_with_no_card(world: World):
    gift = card(world)
    row = {"kind": "channel", "channels": ["web"], "scopes": ["orders/write", "orders/read"]}
    world.aws.put("Directory", **keys.client("shop"), **row)
    directory.forget()

    reply = world.place_order(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)])

    assert reply.problem == "forbidden"
    assert left(world, gift) == 5_000


def test_a_card_may_pay_twice_in_one_order_up_to_what_it_has(world: World):
    gift = card(world, 1_500)

    assert refused(world, by_card(gift["code"], 1_000), by_card(gift["code"], 600)).errors == [
        ("/payments/0/code", "not-usable")
    ]
    order_id = world.placed(("TEA-001", 1), payments=[by_card(gift["code"], 400), by_card(gift["code"], 600)])
    assert left(world, gift) == 500
    shipped(world, order_id)
    assert broken(world.tables()) == []


def test_a_card_that_is_spent_between_the_look_and_the_save_pays_nothing(world: World, monkeypatch: pytest.MonkeyPatch):
    gift = card(world, 1_000)
    save = orders.save

    def after_another(before: Any, saving: Any) -> Any:
        monkeypatch.setattr(orders, "save", save)
        world.placed(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)])
        return save(before, saving)

    monkeypatch.setattr(orders, "save", after_another)
    reply = world.place_order(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)])

    assert reply.errors == [("/payments/0/code", "not-usable")]
    assert left(world, gift) == 0
    world.settle()
    assert broken(world.tables()) == []


def test_a_change_is_paid_by_a_card_and_a_payment_by_card_makes_a_pending_one(world: World):
    gift = card(world, 3_000)
    order_id = world.placed(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)])
    wrong = change_order(world, order_id, WRAP, payments=[by_card(codes.make(3), 550)])
    assert wrong.errors == [("/payments/0/code", "not-usable")]
    needs = change_order(world, order_id, WRAP, preview=True).body["to_pay"]["amount"]
    assert change_order(world, order_id, WRAP, payments=[by_card(gift["code"], needs)]).status == 200
    assert left(world, gift) == 2_000 - needs

    assert change_order(world, order_id, WRAP, pending=True).status == 202
    path = f"/v1/orders/{order_id}/payments"
    bad = world.call("POST", path, {"payments": [by_card(codes.make(3), needs)]})
    assert bad.errors == [("/payments/0/code", "not-usable")]
    assert world.order(order_id)["pending_change"] is not None
    paid = world.call("POST", path, {"payments": [by_card(gift["code"], needs)]})
    assert (paid.status, paid.body["pending_change"]) == (200, None)
    assert left(world, gift) == 2_000 - 2 * needs
    shipped(world, order_id)
    assert books(world, order_id)["gift_cards"] == 1_000 + 2 * needs
    assert broken(world.tables()) == []


def test_what_comes_back_to_an_expired_card_can_be_spent_for_thirty_days(world: World):
    set_channel(world, gift_card_days=1)
    gift = card(world, 1_000)
    order_id = world.placed(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)])
    world.settle()
    world.pass_time(3 * 86_400)
    assert world.change(order_id, "cancel", {"reason": "x"}).status == 200
    world.settle()

    shown = world.call("GET", f"/v1/gift-cards/{gift['account_id']}", who="office").body
    assert (shown["balance"], shown["expired"]) == (usd(1_000), False)
    assert shown["good_until"] == f"{world.now.date().replace(day=22):%Y-%m-%d}".replace("11-22", "12-22")
    world.pass_time(29 * 86_400)
    assert world.place_order(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)]).status == 201


def test_a_provider_of_ours_is_for_gift_cards_and_store_credit_alone(world: World):
    entry = world.call("GET", "/v1/channels/web", who="office").body
    doc = {name: value for name, value in entry.items() if name not in ("id", "version")}

    reply = world.call("PUT", "/v1/channels/web", {**doc, "payment_providers": {"CARD": "comanda"}}, who="office")

    assert [pointer for pointer, _ in reply.errors] == ["/payment_providers"]


def test_a_credit_note_gives_back_to_the_card(world: World):
    gift = card(world, 5_000)
    order_id = world.placed(("TEA-001", 2), payments=[by_card(gift["code"], 2_000)])
    shipped(world, order_id)
    body = {"invoice_id": f"inv_{order_id[4:]}-001", "credit": "LINES", "reason_code": "damaged"}
    etag = world.call("GET", f"/v1/orders/{order_id}", who="office").etag

    made = world.call(
        "POST",
        f"/v1/orders/{order_id}/credit-notes",
        {**body, "lines": [{"line_id": "1", "quantity": 1}]},
        who="office",
        if_match=etag,
    )

    assert made.status == 201, made.body
    assert left(world, gift) == 4_000
    assert ledger(world, gift) == [("issue", 5_000), ("redeem", -2_000), ("refund", 1_000)]
    assert books(world, order_id)["gift_cards"] == 1_000
    world.settle()
    assert broken(world.tables()) == []


def test_an_order_has_at_most_ten_payments_by_accounts_of_ours(world: World):
    gift = card(world, 5_000)
    ten = [by_card(gift["code"], 100)] * 10
    order_id = world.placed(("TEA-001", 1), payments=ten)
    path = f"/v1/orders/{order_id}/payments"

    assert world.call("POST", path, {"payments": [by_card(gift["code"], 1)]}).errors == [("/payments", "too-many")]
    assert left(world, gift) == 4_000
    shipped(world, order_id)
    assert books(world, order_id)["gift_cards"] == 1_000
