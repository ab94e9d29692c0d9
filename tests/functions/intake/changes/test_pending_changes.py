"""Changes that wait for their payment: made when it comes, dropped when it does not, and the order goes on meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.orders import orders
from comanda.domain.orders.order import Order
from tests.faults import Crash
from tests.functions.intake.changes.test_changes import WRAP, change_order
from tests.functions.intake.changes.test_changes_of_lines import HOME, PAYMENT, a_line, adding, shipped
from tests.functions.storm import one_process_each
from tests.functions.world import Reply, World, usd
from tests.invariants import broken

TAGS = {"modification": "tags", "tags": ["late"]}
NOTE = {"modification": "note", "note": "ring twice"}


@pytest.fixture
def order_id(world: World) -> str:
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_1=9)
    name = world.placed(("TEA-001", 3))
    world.settle()
    return name


def pay(world: World, order_id: str, amount: int, reference: str = "auth-2", **how: Any) -> Reply:
    payment = {"method": "CARD", "reference": reference, "authorized": usd(amount)}
    return world.call("POST", f"/v1/orders/{order_id}/payments", {"payments": [payment]}, who="shop", **how)


def types(world: World, order_id: str) -> list[str]:
    rows = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    return [row["type"] for row in rows if row["type"].startswith(("change", "payment"))]


def mails(world: World) -> list[str]:
    return [str(mail["Content"]) for mail in world.hops.sent if "change-dropped" in str(mail["EmailTags"])]


def test_what_a_pending_change_gives_counts_to_the_limit_of_a_person(world: World, order_id: str):
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits={"appeasement": [usd(150)]})
    directory.forget()
    sorry = {"modification": "appeasement", "why": "LATE", "amount": usd(100)}

    assert change_order(world, order_id, sorry, WRAP, who="sales", pending=True).status == 202
    assert change_order(world, order_id, sorry, who="sales").errors == [("/changes/0/amount", "above-limit")]
    assert pay(world, order_id, 200).status == 200
    assert world.order(order_id)["discounts"] == [{"code": "LATE", "amount": usd(100), "appeasement": True}]


def test_what_a_pending_change_would_take_back_makes_no_room_for_another_gift(world: World, order_id: str):
    limits = {"override_percent": 100, "appeasement": [usd(150)]}
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits=limits)
    directory.forget()
    line = {"line_id": "8", "sku": "TEA-001", "quantity": 1, "unit_price": usd(1_000)}
    gift = {**line, "discounts": [{"code": "OFF", "amount": usd(100)}]}
    added = change_order(world, order_id, adding(gift), who="sales", payments=[{**PAYMENT, "reference": "a"}])
    assert added.status == 200, added.body
    gone = {"modification": "quantity", "line_id": "8", "quantity": 0}
    dear = {**WRAP, "amount": usd(200_000)}
    assert change_order(world, order_id, gone, dear, who="sales", pending=True).status == 202

    sorry = {"modification": "appeasement", "why": "LATE", "amount": usd(100)}

    assert change_order(world, order_id, sorry, who="sales").errors == [("/changes/0/amount", "above-limit")]


def test_a_pending_change_of_a_person_is_held_to_their_limits_when_it_is_paid(world: World, order_id: str):
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits={"override_percent": 10})
    directory.forget()
    cheaper = {"modification": "price", "line_id": "1", "unit_price": usd(900)}
    wrap = {**WRAP, "amount": usd(500)}
    assert change_order(world, order_id, cheaper, wrap, who="sales", pending=True).status == 202
    listed = {"name": "Usual", "channels": ["web"], "currency": "USD", "valid_from": "2026-01-01"}
    prices = [{"sku": "TEA-001", "unit_price": usd(1_000)}]
    assert world.call("PUT", "/v1/price-lists/usual", {**listed, "prices": prices}, who="office").status == 201
    directory.forget()
    more = {"modification": "quantity", "line_id": "1", "quantity": 4}
    assert change_order(world, order_id, more, who="sales", payments=[{**PAYMENT, "reference": "a"}]).status == 200

    made = pay(world, order_id, 500)

    assert made.body["lines"][0]["unit_price"] == usd(900)
    again = {**cheaper, "unit_price": usd(899)}
    assert change_order(world, order_id, again, who="sales").errors == [("/changes/0/unit_price", "above-limit")]


def test_a_change_waits_for_its_payment_and_is_made_when_it_comes(world: World, order_id: str):
    gift = {"message": "Happy birthday", "wrap": False}
    line = a_line(gift=gift, ship_to=HOME)

    waits = change_order(world, order_id, adding(line), pending=True)

    assert waits.status == 202, waits.body
    pending = waits.body["pending_change"]
    assert (pending["modifications"], pending["to_pay"], pending["by"]) == (["add_line"], usd(1000), "office")
    assert [row["line_id"] for row in waits.body["lines"]] == ["1"]
    allowed = world.call("GET", f"/v1/orders/{order_id}/allowed-changes", who="office").body
    assert allowed["pending_change"] == pending
    rows = [row for row in world.tables()["Orders"] if "birthday" in str(row) or "Side St" in str(row)]
    assert rows == []
    world.steps(order_id, "accept", "pick")

    part = pay(world, order_id, 400)
    assert part.body["pending_change"]["to_pay"] == usd(600)
    made = pay(world, order_id, 600, "auth-3")

    assert made.status == 200, made.body
    assert made.body["pending_change"] is None
    assert [row["line_id"] for row in made.body["lines"]] == ["1", "2"]
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    assert contact["gifts"][0]["message"] == "Happy birthday"
    assert types(world, order_id) == ["change_pending", "payment_added", "changed"]
    shipped(world, order_id)
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def test_one_change_waits_at_a_time_and_others_are_made_meanwhile(world: World, order_id: str):
    assert change_order(world, order_id, WRAP, pending=True).status == 202

    second = change_order(world, order_id, WRAP, pending=True)
    tags = change_order(world, order_id, {"modification": "tags", "tags": ["vip"]}, pending=True)

    assert (second.status, second.problem) == (409, "change-pending")
    assert second.body["until"] == world.order(order_id)["pending_change"]["until"]
    assert tags.status == 200
    assert pay(world, order_id, 300).body["totals"]["charges"] == usd(300)
    assert broken(world.tables()) == []


def amounts_in_events(world: World, order_id: str) -> list[int]:
    """Return what the events of the order say that a pending change costs."""
    rows = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    return [row["data"]["to_pay"] for row in rows if row["type"] in ("change_pending", "payment_added")]


def to_pay(world: World, order_id: str) -> Any:
    """Return what the pending change costs now: every answer about the order says the same."""
    of_order = world.order(order_id)["pending_change"]
    allowed = world.call("GET", f"/v1/orders/{order_id}/allowed-changes", who="office").body["pending_change"]
    listed = world.call("GET", "/v1/orders", query={"channel": "web", "day": "2026-11-19"}).body["items"]
    assert [of_order, allowed] == [row["pending_change"] for row in listed if row["order_id"] == order_id] * 2
    return of_order["to_pay"]


def test_what_a_pending_change_costs_follows_the_order(world: World, order_id: str):
    more = {"modification": "quantity", "line_id": "1", "quantity": 5}
    price = {"modification": "price", "line_id": "1", "unit_price": usd(800)}
    change_order(world, order_id, more, pending=True)
    assert to_pay(world, order_id) == usd(2000)

    change_order(world, order_id, price)
    assert to_pay(world, order_id) == usd(1000)  # 5 x 800, of which the first authorisation covers 3000
    change_order(world, order_id, {**price, "unit_price": usd(900)})
    assert to_pay(world, order_id) == usd(1500)
    part = pay(world, order_id, 500)
    assert part.body["pending_change"]["to_pay"] == to_pay(world, order_id) == usd(1000)
    made = pay(world, order_id, 1000, "auth-3")

    assert (made.body["pending_change"], made.body["totals"]["total"]) == (None, usd(4500))
    assert amounts_in_events(world, order_id) == [2000, 1000, 1500, 1000]
    assert broken(world.tables()) == []


def test_a_change_that_the_order_does_not_take_any_more_is_dropped_at_once_and_its_customer_is_told(
    world: World, order_id: str
):
    more = {"modification": "quantity", "line_id": "1", "quantity": 5}
    change_order(world, order_id, more, pending=True)
    assert pay(world, order_id, 700).body["pending_change"]["to_pay"] == usd(1_300)

    other = {"modification": "replace", "line_id": "1", "quantity": 1, "sku": "POT-001", "new_line_id": "9"}
    replaced = change_order(world, order_id, other)

    assert replaced.body["pending_change"]["to_pay"] is None
    assert world.order(order_id)["pending_change"] is None
    assert types(world, order_id) == ["change_pending", "payment_added", "changed", "change_dropped"]
    dropped = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"][-1]["data"]
    assert (dropped["why"], dropped["given_back"]) == ("not-possible", 700)
    world.settle()
    assert len(mails(world)) == 1
    shipped(world, order_id)
    assert broken(world.tables()) == []


@pytest.mark.parametrize("blocks", ["quantity", "recall"])
def test_a_change_that_a_hold_keeps_back_waits_on_and_is_looked_at_when_the_hold_ends(
    world: World, order_id: str, blocks: str
):
    world.hold_type("FIRM", "holds", blocks=[blocks], applies_when=None)
    more = {"modification": "quantity", "line_id": "1", "quantity": 5}
    change_order(world, order_id, more, pending=True)
    assert world.change(order_id, "holds", {"type": "FIRM", "reason": "x"}).status in (200, 201)

    assert world.order(order_id)["pending_change"] is not None
    discount = {"modification": "discount", "code": "SORRY", "amount": usd(2_000)}
    assert change_order(world, order_id, discount).status == 200
    looked = world.sweep()
    world.pass_time(301)
    world.sweep()

    assert (looked["facts"], types(world, order_id)[0]) == (0, "change_pending")
    if blocks == "quantity":
        assert world.order(order_id)["pending_change"]["to_pay"] is None
    assert world.change(order_id, "holds/h1/resolve", {"resolution": "fine"}).status == 200
    order = world.order(order_id)
    assert (order["pending_change"], order["lines"][0]["quantity"]) == (None, 5)
    assert broken(world.tables()) == []


def test_a_payment_that_is_too_small_is_no_reason_to_wait(world: World, order_id: str):
    payment = {"method": "CARD", "reference": "auth-2", "authorized": usd(1)}

    assert change_order(world, order_id, WRAP, pending=True, payments=[payment]).problem == "needs-payment"


def test_a_change_that_nobody_pays_is_dropped_after_a_day_and_its_customer_is_told(world: World, order_id: str):
    before = world.order(order_id)["totals"]
    change_order(world, order_id, WRAP, pending=True)
    world.pass_time(24 * 3600 - 60)
    world.sweep()
    assert world.order(order_id)["pending_change"] is not None

    world.pass_time(61)
    world.sweep()

    order = world.order(order_id)
    assert (order["pending_change"], order["totals"]) == (None, before)
    assert types(world, order_id) == ["change_pending", "change_dropped"]
    (mail,) = mails(world)
    assert "stays as it was" in mail
    paid = pay(world, order_id, 300)
    assert (paid.status, paid.body["totals"]) == (200, before)
    shipped(world, order_id)
    assert broken(world.tables()) == []


def test_what_was_authorised_for_a_change_that_is_dropped_is_released_and_the_rest_is_kept(world: World, order_id: str):
    change_order(world, order_id, WRAP, pending=True)
    pay(world, order_id, 100)
    pay(world, order_id, 150, "auth-3")
    world.settle()

    world.pass_time(24 * 3600 + 1)
    world.sweep()

    order = world.order(order_id)
    released = [(row["authorized"]["amount"], row["released"]["amount"]) for row in order["payments"]]
    assert released == [(3000, 0), (100, 100), (150, 150)]
    (dropped,) = (
        row
        for row in world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
        if row["type"] == "change_dropped"
    )
    assert (dropped["data"]["why"], dropped["data"]["given_back"]) == ("expired", 250)
    assert broken(world.tables()) == []
    assert pay(world, order_id, 300, "auth-4").status == 200
    assert change_order(world, order_id, WRAP).status == 200
    shipped(world, order_id)
    captured = [row["captured"]["amount"] for row in world.order(order_id)["payments"]]
    assert captured == [3000, 0, 0, 300]
    assert broken(world.tables()) == []


def test_a_change_that_is_withdrawn_releases_what_was_authorised_for_it_and_nothing_that_the_order_needs(
    world: World, order_id: str
):
    dearer = {"modification": "price", "line_id": "1", "unit_price": usd(1_020)}
    change_order(world, order_id, {**WRAP, "amount": usd(900)}, pending=True)
    pay(world, order_id, 400)
    assert change_order(world, order_id, dearer).status == 200  # 60 of the payment are for this change

    gone = world.change(order_id, "pending-change/withdraw", {"reason": "another way"})

    assert [row["released"]["amount"] for row in gone.body["payments"]] == [0, 340]
    shipped(world, order_id)
    assert [row["captured"]["amount"] for row in world.order(order_id)["payments"]] == [3000, 60]
    assert broken(world.tables()) == []


def test_a_late_payment_makes_no_change_whose_time_is_over(world: World, order_id: str):
    change_order(world, order_id, WRAP, pending=True)
    world.pass_time(24 * 3600 + 1)

    paid = pay(world, order_id, 300)

    assert (paid.body["pending_change"], paid.body["totals"]["charges"]) == (None, usd(0))
    assert types(world, order_id) == ["change_pending", "change_dropped", "payment_added"]
    assert change_order(world, order_id, WRAP).status == 200  # what was paid late covers it now


def test_a_change_that_work_of_a_node_leaves_no_way_for_is_dropped_when_it_is_paid(world: World, order_id: str):
    home = {"modification": "ship_to", "ship_to": HOME}
    change_order(world, order_id, home, WRAP, pending=True)
    world.steps(order_id, "accept", "pick", "pack")
    assert to_pay(world, order_id) is None

    paid = pay(world, order_id, 5000)
    world.settle()

    assert (paid.status, paid.body["pending_change"]) == (200, None)
    assert paid.body["payments"][-1]["released"] == usd(5000)
    assert types(world, order_id)[-1] == "change_dropped"
    assert len(mails(world)) == 1
    late = world.order(order_id)["payments"][-1]
    assert (late["authorized"], late["captured"], late["released"]) == (usd(5000), usd(0), usd(5000))
    assert broken(world.tables()) == []


def test_an_order_that_completes_drops_what_waits(world: World, order_id: str):
    change_order(world, order_id, WRAP, pending=True)

    shipped(world, order_id)
    world.settle()

    assert world.order(order_id)["pending_change"] is None
    assert len(mails(world)) == 1
    assert pay(world, order_id, 300).problem == "not-allowed"
    assert len(world.order(order_id)["payments"]) == 1  # the caller keeps what it has authorised
    assert broken(world.tables()) == []


def closed(world: World, order_id: str) -> str:
    shipped(world, order_id)
    rows = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    assert rows[-1]["type"] == "completed"
    return order_id


@pytest.mark.parametrize("how", [{}, {"pending": True}, {"preview": True}])
@pytest.mark.parametrize("captured", [{}, {"captured": usd(100)}])
@pytest.mark.parametrize("change", [TAGS, NOTE])
def test_an_order_whose_books_are_closed_takes_no_payment_with_a_change(
    world: World, order_id: str, change: Any, captured: Any, how: Any
):
    payment = {"method": "CARD", "reference": "late", "authorized": usd(100), **captured}
    before = world.order(closed(world, order_id))

    made = change_order(world, order_id, change, payments=[payment], **how)

    assert (made.status, made.errors) == (409, [("/payments", "not-allowed")])
    assert world.order(order_id) == before
    assert broken(world.tables()) == []
    assert change_order(world, order_id, change).status == 200


def test_a_preview_brings_no_payment_to_an_order_whose_books_are_closed(world: World, order_id: str):
    shown = change_order(world, closed(world, order_id), TAGS, preview=True).body["preview_id"]

    made = change_order(world, order_id, TAGS, preview_id=shown, payments=[{**PAYMENT, "reference": "late"}])

    assert (made.status, made.errors) == (409, [("/payments", "not-allowed")])
    assert len(world.order(order_id)["payments"]) == 1


def test_an_order_that_closes_while_a_change_pays_takes_no_payment(
    world: World, order_id: str, monkeypatch: pytest.MonkeyPatch
):
    world.steps(order_id, "ship", number=1)
    save = orders.save

    def after_the_end(order: Order, decided: Any) -> Order:
        monkeypatch.setattr(orders, "save", save)
        world.settle()
        return save(order, decided)

    monkeypatch.setattr(orders, "save", after_the_end)
    made = change_order(world, order_id, TAGS, payments=[{**PAYMENT, "reference": "late"}])

    order = world.order(order_id)
    assert (made.status, made.errors) == (409, [("/payments", "not-allowed")])
    assert (order["tags"], len(order["payments"])) == ([], 1)
    assert broken(world.tables()) == []


@pytest.mark.parametrize("captured", [0, 1_500])
def test_an_order_that_is_placed_or_confirmed_with_more_than_it_costs_gives_the_rest_back(world: World, captured: int):
    world.stocked("TEA-001", dc_1=9)
    payment = {"method": "CARD", "reference": "more", "authorized": usd(5_000), "captured": usd(captured)}
    order_id = world.placed(("TEA-001", 1), payments=[payment], draft=True)
    assert pay(world, order_id, 77).status == 200
    assert world.change(order_id, "confirm", {}).status == 200

    shipped(world, order_id)

    paid = world.order(order_id)["payments"]
    assert sum(one["captured"]["amount"] - one["refunded"]["amount"] for one in paid) == 1_000
    assert all(one["captured"]["amount"] + one["released"]["amount"] == one["authorized"]["amount"] for one in paid)
    assert broken(world.tables()) == []


def test_an_open_order_gives_back_what_it_does_not_need_when_its_books_are_closed(world: World, order_id: str):
    more = {"method": "CARD", "reference": "more", "authorized": usd(100), "captured": usd(40)}
    assert change_order(world, order_id, TAGS, payments=[more]).status == 200

    shipped(world, order_id)

    paid, total = world.order(order_id)["payments"], world.order(order_id)["totals"]["total"]["amount"]
    assert [one["captured"]["amount"] for one in paid] == [total - 40, 40]
    assert all(one["captured"]["amount"] + one["released"]["amount"] == one["authorized"]["amount"] for one in paid)
    assert broken(world.tables()) == []


def test_events_say_what_was_paid_how_and_by_whom(world: World, order_id: str):
    assert change_order(world, order_id, WRAP, who="office", pending=True).status == 202
    assert pay(world, order_id, 1).status == 200
    assert pay(world, order_id, 500, "auth-3").status == 200
    assert change_order(world, order_id, TAGS, payments=[{**PAYMENT, "reference": "auth-4"}]).status == 200

    rows = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    said = [row["data"]["payments"] for row in rows if "payments" in row["data"]]
    assert said == [
        [{"method": "CARD", "authorized": 1, "by": "shop"}],
        [{"method": "CARD", "authorized": 500, "by": "shop"}],
        [{"method": "CARD", "authorized": PAYMENT["authorized"]["amount"], "by": "office"}],
    ]
    assert "auth-3" not in str(rows)
    assert "auth-4" not in str(rows)
    assert "; payment of $5.00 added (Card), told by " in rows[-2]["words"]["text"]
    assert rows[-1]["words"]["text"].endswith("; payment of $500.00 added (Card)")


def test_a_pending_change_is_withdrawn_once(world: World, order_id: str):
    assert world.change(order_id, "pending-change/withdraw", {"reason": "no"}).problem == "not-allowed"
    change_order(world, order_id, WRAP, pending=True)

    gone = world.change(order_id, "pending-change/withdraw", {"reason": "another way"})
    world.settle()

    assert (gone.status, gone.body["pending_change"]) == (200, None)
    assert mails(world) == []
    assert change_order(world, order_id, WRAP, pending=True).status == 202


def test_a_payment_is_told_once_and_only_of_ones_own_order(world: World, order_id: str):
    assert pay(world, order_id, 300, key="k-1").status == 200
    assert pay(world, order_id, 300, key="k-1").status == 200
    assert len(world.order(order_id)["payments"]) == 2
    assert pay(world, order_id, 300).errors == [("/payments/0/reference", "duplicate")]
    payment = {"method": "CARD", "reference": "auth-3", "authorized": {"amount": 1, "currency": "EUR"}}
    path = f"/v1/orders/{order_id}/payments"
    assert world.call("POST", path, {"payments": [payment]}, who="shop").errors == [
        ("/payments/0/authorized", "mixed-currencies")
    ]
    assert world.call("POST", path, {"payments": []}, who="shop").status == 422
    assert world.call("POST", path, {"payments": [payment]}, who="other-shop").problem == "not-found"


def test_a_new_payment_ends_the_hold_of_one_that_has_ended(world: World):
    world.stocked("TEA-001", dc_1=9)
    payment = {"method": "CARD", "reference": "auth-1", "authorized": usd(1000), "expires_at": "2026-11-19T11:00:00Z"}
    order_id = world.placed(("TEA-001", 1), payments=[payment])
    world.settle()
    assert [hold["active"] for hold in world.order(order_id)["holds"]] == [True]

    assert pay(world, order_id, 1000).status == 200
    world.settle()

    assert [hold["active"] for hold in world.order(order_id)["holds"]] == [False]
    assert world.order(order_id)["quantities"] == {"RELEASED": 1}
    assert broken(world.tables()) == []


def test_a_process_that_ends_while_a_change_is_left_pending_or_paid_does_each_once(world: World):
    world.stocked("TEA-001", dc_1=90)
    world.stocked("POT-001", dc_1=90)
    line = a_line(gift={"message": "Happy birthday", "wrap": False})

    def begun() -> tuple[str, str]:
        order_id = world.placed(("TEA-001", 1))
        world.settle()
        directory.forget()  # a process begins without it
        return order_id, world.call("GET", f"/v1/orders/{order_id}", who="office").etag

    def leave(order_id: str, etag: str) -> Reply:
        body = {"reason": "one more", "changes": [adding(line)], "pending": True}
        path = f"/v1/orders/{order_id}/changes"
        return world.call("POST", path, body, who="office", if_match=etag, key=f"leave-{order_id}")

    def steps(order_id: str, etag: str) -> list[Callable[[], Reply]]:
        return [lambda: leave(order_id, etag), lambda: pay(world, order_id, 1000, key=f"pay-{order_id}")]

    order_id, etag = begun()
    with Crash() as counting:
        for step in steps(order_id, etag):
            counting.begin("intake")
            assert step().status in (200, 202)
    points = counting.points()
    assert len(points) >= 4
    for at, after in points:
        order_id, etag = begun()
        with Crash(at, after=after) as crash:
            for step in steps(order_id, etag):
                crash.begin("intake")
                assert crash.outlived(step).status in (200, 202), crash.happened
            assert crash.happened
        world.settle()
        order = world.order(order_id)
        assert ([row["line_id"] for row in order["lines"]], order["pending_change"]) == (["1", "2"], None)
        assert len(order["payments"]) == 2, crash.happened
        assert types(world, order_id) == ["change_pending", "changed"], crash.happened
    assert broken(world.tables()) == []


def test_twenty_payments_and_agents_at_once_make_a_pending_change_once(world: World, order_id: str):
    change_order(world, order_id, WRAP, pending=True)

    def once(n: int) -> Reply:
        if n % 4 == 3:
            return change_order(world, order_id, {"modification": "priority", "priority": n // 4})
        return pay(world, order_id, 100, f"part-{n}", key=f"part-{n}")

    def act(n: int) -> Reply:
        reply = once(n)
        while reply.status == 503:  # as Retry-After asks: others saved the order at three tries
            reply = once(n)
        return reply

    with one_process_each(), ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(act, range(20)))

    assert {reply.status for reply in replies} <= {200, 412}
    order = world.order(order_id)
    assert len(order["payments"]) == 1 + 15
    assert (order["pending_change"], len(order["charges"])) == (None, 1)
    assert broken(world.tables()) == []


def test_a_change_whose_time_is_over_is_not_shown_as_pending_before_the_sweeper_drops_it(world: World, order_id: str):
    assert change_order(world, order_id, WRAP, pending=True).status == 202
    world.pass_time(24 * 3600 - 1)
    assert world.order(order_id)["pending_change"]["to_pay"] == usd(300)
    world.pass_time(1)

    assert world.order(order_id)["pending_change"] is None
    allowed = world.call("GET", f"/v1/orders/{order_id}/allowed-changes", who="office").body
    assert allowed["pending_change"] is None
    assert pay(world, order_id, 300).status == 200  # the money is noted, and the change is dropped
    assert world.order(order_id)["charges"] == []
