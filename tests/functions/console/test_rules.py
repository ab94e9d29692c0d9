"""Test what the home page offers to a person, without a page."""

from comanda.domain.orders.queues import Queue
from functions.console import rules

NOW = "2026-11-19T12:00:00.000Z"


def a_row(queue, waiting=0, oldest_due=None):
    return {"queue": queue, "waiting": waiting, "oldest_due": oldest_due}


def test_a_person_has_the_queues_of_their_desks_and_no_others():
    assert rules.queues_of(["finance"]) == {"payments", "provider-notices", "refunds"}
    assert rules.queues_of(["finance", "tower"]) == {
        "payments",
        "provider-notices",
        "refunds",
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
