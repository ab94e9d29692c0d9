"""A difference waits in the queue `reconcile` until a person has looked at it, or until it is none any more."""

from typing import Any

from tests.functions.settlements.conftest import a_row, account, report, send, totals
from tests.functions.world import World

QUEUE = "/v1/queues/reconcile"


def waiting(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.call("GET", QUEUE, who="office").body["items"]
    return found


def answer(world: World, item_id: str, given: str = "done", **more: Any) -> Any:
    return world.call("POST", f"{QUEUE}/items/{item_id}/resolve", {"answer": given}, who="office", **more)


def test_an_item_says_what_differs(inbox: World, captured: Any) -> None:
    order_id, payment = captured()
    send(inbox, report(a_row(payment, "12.00")))

    (item,) = waiting(inbox)

    assert (item["item_id"], item["reason"]) == (f"stripe~{payment}", "settlement-amount-differs")
    facts = {"provider": "stripe", "payment": payment, "order_id": order_id, "day": "2026-11-20", "currency": "USD"}
    assert item["data"] == {**facts, "amount": "200", "reported": "1200", "charged": "1200", "ours": "1000"}
    sizes = {one["queue"]: one["waiting"] for one in inbox.call("GET", "/v1/queues", who="office").body["items"]}
    assert sizes["reconcile"] == 1


def test_an_answer_ends_the_item_and_is_counted(inbox: World) -> None:
    send(inbox, report(a_row("pi_1")))

    reply = answer(inbox, "stripe~pi_1")

    assert (reply.status, reply.body["status"]) == (200, "done")
    assert waiting(inbox) == []
    assert totals(inbox) == [{"RESOLVED_items": 1, "RESOLVED_theirs": 1000, "fees": 30}]


def test_another_difference_of_the_same_payment_asks_again(inbox: World) -> None:
    send(inbox, report(a_row("pi_1")))
    answer(inbox, "stripe~pi_1")

    send(inbox, report(a_row("pi_1", "1.00")))

    assert [item["data"]["reported"] for item in waiting(inbox)] == ["1100"]


def test_a_line_that_makes_it_right_ends_the_item(inbox: World, captured: Any) -> None:
    _, payment = captured()
    send(inbox, report(a_row(payment, "12.00")))

    send(inbox, report(a_row(payment, "-2.00", "0.00", reporting_category="partial_capture_reversal")))

    assert waiting(inbox) == []


def test_answers_that_do_not_fit_are_refused(inbox: World) -> None:
    send(inbox, report(a_row("pi_1")))

    assert answer(inbox, "stripe~pi_1", "retry").status == 422
    assert answer(inbox, "stripe~pi_2").status == 404
    assert answer(inbox, "pi_1").status == 404
    assert len(waiting(inbox)) == 1


def test_chosen_items_are_answered_together(inbox: World) -> None:
    send(inbox, report(a_row("pi_1"), a_row("pi_2")))
    chosen = {"items": ["stripe~pi_1", "stripe~pi_2", "stripe~pi_3"], "answer": "done"}

    rows = inbox.call("POST", f"{QUEUE}/resolve", chosen, who="office").body["rows"]

    assert [row["status"] for row in rows] == ["done", "done", "refused"]
    assert account(inbox, "pi_1")["status"] == "RESOLVED"
