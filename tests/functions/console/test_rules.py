"""Test what the home page offers to a person, without a page."""

from comanda.domain.orders.queues import Queue
from functions.console import rules

NOW = "2026-11-19T12:00:00.000Z"


def a_row(queue, waiting=0, oldest_due=None):
    return {"queue": queue, "waiting": waiting, "oldest_due": oldest_due}


def test_a_person_has_the_queues_of_their_desks_and_no_others():
    assert rules.queues_of(["finance"]) == {
        "payments",
        "provider-notices",
        "reconcile",
        "shipping-costs",
        "tax-records",
        "gift-cards",
        "credit-accounts",
        "refunds",
        "pay-outs",
        "fiscal",
    }
    assert rules.queues_of(["finance", "tower"]) == {
        "payments",
        "provider-notices",
        "reconcile",
        "shipping-costs",
        "tax-records",
        "gift-cards",
        "credit-accounts",
        "refunds",
        "pay-outs",
        "fiscal",
        "exceptions",
        "routing",
        "late-work",
        "refused-recalls",
        "put-back",
    }


def test_a_person_without_a_desk_of_the_office_has_every_queue():
    assert rules.queues_of([]) == rules.queues_of(["counter"]) == {str(queue) for queue in Queue}


def test_only_what_waits_past_its_time_is_marked():
    mine = frozenset({"payments", "refunds", "routing"})
    rows = [
        a_row("payments", 1, "2026-11-19T12:00:00.000Z"),
        a_row("refunds", 0, "2026-11-18T12:00:00.000Z"),
        a_row("routing", 2, "2026-11-19T11:59:59.999Z"),
        a_row("mails", 9, "2026-11-01T00:00:00.000Z"),
    ]

    found = rules.queue_rows(rows, mine, NOW)

    assert {row["queue"]: row["tone"] for row in found} == {"routing": "bad", "payments": "", "refunds": ""}
    assert found[0]["queue"] == "routing"


def test_queues_with_late_items_come_first_then_those_that_wait_and_of_these_the_oldest():
    rows = [
        a_row("mails"),
        a_row("payments", 1, "2026-11-21T12:00:00.000Z"),
        a_row("refunds", 1, "2026-11-20T12:00:00.000Z"),
        a_row("routing", 1, "2026-11-18T12:00:00.000Z"),
        a_row("exceptions", 1, "2026-11-17T12:00:00.000Z"),
    ]

    found = rules.queue_rows(rows, frozenset(row["queue"] for row in rows), NOW)

    assert [row["queue"] for row in found] == ["exceptions", "routing", "refunds", "payments", "mails"]


def test_the_next_item_is_offered_where_one_waits_in_a_queue_whose_items_people_claim():
    offered = [rules.offers_next(a_row(*row)) for row in (("payments", 1), ("payments", 0), ("transfers", 1))]

    assert offered == [True, False, False]
