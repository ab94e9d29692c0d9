"""Orders take the room of their customer's account, their invoices are owed, and what they do not need is room again."""

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.orders import orders
from tests.faults import contended
from tests.functions.credit.test_credit import credit
from tests.functions.credit_accounts.credit import (
    CUSTOMER,
    account,
    on_account,
    opened,
    pay,
    placed,
    set_terms,
    shipped,
    standing,
)
from tests.functions.intake.changes.test_changes import WRAP, change_order
from tests.functions.intake.test_own_payments import books
from tests.functions.world import Reply, World, usd
from tests.invariants import broken


def refused(world: World, *payments: dict[str, object], **changes: object) -> Reply:
    reply = world.place_order(("TEA-001", 1), payments=[*payments], **{"customer": CUSTOMER, **changes})
    assert reply.status == 422, reply.body
    assert [row for row in world.tables()["Orders"] if row["sk"].startswith("E#")] == []
    return reply


def test_an_order_takes_room_and_its_invoice_is_owed_until_a_day(world: World):
    account_id = opened(world)
    order_id = placed(world, 2_000, 2)

    assert standing(world, account_id) == (3_000, 2_000, 0)
    (payment,) = world.order(order_id)["payments"]
    assert (payment["provider"], payment["reference"], payment["payment_days"]) == ("comanda", account_id, 30)

    shipped(world, order_id)
    shown = account(world, account_id)
    assert standing(world, account_id) == (3_000, 0, 2_000)
    (unpaid,) = shown["aging"]["unpaid"]
    invoice = world.call("GET", f"/v1/invoices/{unpaid['invoice_id']}", who="office").body
    assert invoice["due_on"] == unpaid["due_on"] > invoice["issued_at"][:10]
    assert shown["aging"]["not_due"] == usd(2_000)
    assert books(world, order_id) == {"on_account": 2_000, "revenue": -2_000}
    assert broken(world.tables()) == []


def test_a_cancelled_order_gives_its_room_back(world: World):
    account_id = opened(world)
    order_id = placed(world, 2_000, 2)
    world.settle()
    assert world.change(order_id, "cancel", {"reason": "x", "lines": [{"line_id": "1", "quantity": 1}]}).status == 200
    shipped(world, order_id)

    assert standing(world, account_id) == (4_000, 0, 1_000)
    moved = [
        (row["purpose"], row["room"]["amount"], row["owed"]["amount"]) for row in account(world, account_id)["entries"]
    ]
    assert sorted(moved) == [("capture", 0, 1_000), ("limit", 5_000, 0), ("redeem", -2_000, 0), ("release", 1_000, 0)]
    assert broken(world.tables()) == []


CHEAPER = {
    "fewer units": {"modification": "quantity", "line_id": "1", "quantity": 1},
    "an appeasement": {"modification": "appeasement", "why": "LATE", "amount": usd(1_000)},
}


@pytest.mark.parametrize("name", CHEAPER)
def test_a_cheaper_order_gives_room_back_at_once(world: World, name: str):
    account_id = opened(world)
    order_id = placed(world, 2_000, 2)
    world.settle()

    changed = change_order(world, order_id, CHEAPER[name])

    assert changed.status == 200, changed.body
    assert changed.body["payments"][0]["released"] == usd(1_000)
    assert standing(world, account_id) == (4_000, 1_000, 0)
    shipped(world, order_id)
    assert standing(world, account_id) == (4_000, 0, 1_000)
    assert broken(world.tables()) == []


def test_a_cancelled_line_gives_room_back_before_the_order_ends(world: World):
    account_id = opened(world)
    order_id = placed(world, 2_000, 2)
    lines = [{"line_id": "1", "quantity": 1}]

    assert world.change(order_id, "cancel", {"reason": "x", "lines": lines}).status == 200

    assert standing(world, account_id) == (4_000, 1_000, 0)
    world.settle()
    assert broken(world.tables()) == []


def test_what_a_customer_pays_is_room_again(world: World):
    account_id = opened(world)
    shipped(world, placed(world, 1_000))

    assert pay(world, account_id, 400).status == 201
    assert standing(world, account_id) == (4_400, 0, 600)
    assert pay(world, account_id, 601, "t-2").errors == [("/amount", "more-than-owed")]
    assert pay(world, account_id, 600, "t-1").errors == [("/reference", "duplicate")]
    assert pay(world, account_id, 600, "t-2").status == 201
    assert standing(world, account_id) == (5_000, 0, 0)
    journals = [row["entries"] for row in world.tables()["Orders"] if row["pk"].startswith("AC#") and "entries" in row]
    assert sorted(one["received"] for one in journals) == [400, 600]
    assert broken(world.tables()) == []


def test_what_is_credited_of_a_paid_invoice_is_the_customers(world: World):
    account_id = opened(world)
    order_id = placed(world, 1_000)
    shipped(world, order_id)
    pay(world, account_id, 1_000)
    assert credit(world, order_id, "AMOUNT", amount=usd(300)).status == 201
    world.settle()

    assert standing(world, account_id) == (5_300, 0, -300)
    assert account(world, account_id)["aging"]["unpaid"] == []
    assert pay(world, account_id, 1, "t-2").errors == [("/amount", "more-than-owed")]
    assert broken(world.tables()) == []


def test_an_order_without_room_is_refused_at_its_payment(world: World):
    opened(world, limit=usd(1_000))
    usual = {"method": "CARD", "reference": "auth-1", "authorized": usd(500)}

    no_room = refused(world, usual, on_account(1_001))
    assert no_room.errors == [("/payments/1/method", "not-usable")]
    stranger = refused(world, on_account(1_000), customer={**CUSTOMER, "id": "c-18"})
    guest = refused(world, on_account(1_000), customer={"name": "Bo", "email": "bo@example.org"})
    set_terms(world, limit=usd(1_000), frozen=True)
    frozen = refused(world, on_account(1_000))
    assert [one.errors for one in (stranger, guest, frozen)] == [[("/payments/0/method", "not-usable")]] * 3
    assert refused(world, {**on_account(1_000), "reference": "x"}).errors == [("/payments/0/reference", "not-taken")]


def test_an_unpaid_invoice_keeps_the_customer_from_orders(world: World):
    account_id = opened(world, blocked_after=5)
    shipped(world, placed(world, 1_000))
    world.pass_time(35 * 86_400)
    placed(world, 1_000)
    world.pass_time(86_400)

    late = world.place_order(("TEA-001", 1), payments=[on_account(1_000)], customer=CUSTOMER)
    assert late.errors == [("/payments/0/method", "not-usable")]
    aging = account(world, account_id)["aging"]
    assert (aging["days_overdue"], aging["blocked"], aging["days_1_30"]) == (6, True, usd(1_000))
    assert pay(world, account_id, 1_000).status == 201
    placed(world, 1_000)


def test_room_that_is_gone_when_the_order_is_saved_pays_nothing(world: World, monkeypatch: pytest.MonkeyPatch):
    opened(world, limit=usd(1_000))
    save, first = orders.save, True

    def late(before, saving):
        nonlocal first
        if first:
            first = False
            placed(world, 1_000)
        return save(before, saving)

    monkeypatch.setattr(orders, "save", late)
    reply = world.place_order(("TEA-001", 1), payments=[on_account(1_000)], customer=CUSTOMER)

    assert reply.errors == [("/payments/0/method", "not-usable")]
    world.settle()
    assert broken(world.tables()) == []


def test_a_repeated_order_takes_room_once(world: World):
    account_id = opened(world, limit=usd(1_000))
    body = {"payments": [on_account(1_000)], "external_id": "WEB-1", "customer": CUSTOMER}

    first = world.place_order(("TEA-001", 1), key="k", **body)
    again = world.place_order(("TEA-001", 1), key="k", **body)
    another = world.place_order(("TEA-001", 1), key="k2", **body)

    assert (first.status, again.body["order_id"]) == (201, first.body["order_id"])
    assert another.problem == "already-exists"
    assert standing(world, account_id) == (0, 1_000, 0)


def test_an_order_that_finds_its_account_busy_at_every_try_is_placed_when_it_is_sent_again(world: World):
    account_id = opened(world, limit=usd(1_000))
    body = {"payments": [on_account(1_000)], "external_id": "WEB-1", "customer": CUSTOMER}
    key = keys.credit_account(account_id)
    with contended(lambda pk, sk: (pk, sk) == (key["pk"], key["sk"])) as conflicts:
        busy = world.place_order(("TEA-001", 1), key="k", **body)
        stored = world.tables()["Orders"]

    again = world.place_order(("TEA-001", 1), key="k", **body)

    assert (busy.status, busy.problem, busy.headers["Retry-After"]) == (503, "stock-conflict", "1")
    assert conflicts == {"conflict": 5 * 3}
    assert [row for row in stored if row["sk"].startswith("E#")] == []
    assert again.status == 201
    assert standing(world, account_id) == (0, 1_000, 0)


def test_a_change_is_paid_on_account_and_a_payment_on_account_makes_a_pending_one(world: World):
    account_id = opened(world)
    order_id = placed(world, 1_000)
    needs = change_order(world, order_id, WRAP, preview=True).body["to_pay"]["amount"]
    too_much = change_order(world, order_id, WRAP, payments=[on_account(4_001)])
    assert too_much.errors == [("/payments/0/method", "not-usable")]
    assert change_order(world, order_id, WRAP, payments=[on_account(needs)]).status == 200

    assert change_order(world, order_id, WRAP, pending=True).status == 202
    path = f"/v1/orders/{order_id}/payments"
    paid = world.call("POST", path, {"payments": [on_account(needs)]})
    assert (paid.status, paid.body["pending_change"]) == (200, None)
    assert standing(world, account_id) == (4_000 - 2 * needs, 1_000 + 2 * needs, 0)
    shipped(world, order_id)
    assert standing(world, account_id) == (4_000 - 2 * needs, 0, 1_000 + 2 * needs)
    assert books(world, order_id)["on_account"] == 1_000 + 2 * needs
    assert broken(world.tables()) == []


def test_two_payments_on_account_have_no_more_room_than_one(world: World):
    account_id = opened(world, limit=usd(1_000))
    assert refused(world, on_account(600), on_account(600)).errors == [("/payments/0/method", "not-usable")]

    placed_by_two = world.place_order(("TEA-001", 1), payments=[on_account(600), on_account(400)], customer=CUSTOMER)

    assert placed_by_two.status == 201
    assert standing(world, account_id) == (0, 1_000, 0)


def test_a_client_without_the_scope_orders_nothing_on_account(world: World):
    opened(world)
    world.aws.put("Directory", **keys.client("shop"), kind="channel", channels=["web"], scopes=["orders/write"])
    directory.forget()

    assert world.place_order(("TEA-001", 1), payments=[on_account(1_000)], customer=CUSTOMER).problem == "forbidden"
