"""The identities find nothing wrong with what the rooms write, and each notices what contradicts it."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from ops.identities import IDENTITIES, Snapshot, violations

Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture
def tables(world: Any) -> Tables:
    """Two orders: one shipped, invoiced, told and closed, one picked half; everything that follows has followed."""
    world.stocked(dc_1=10)
    shipped, begun = world.placed(("TEA-001", 2)), world.placed(("TEA-001", 3))
    world.settle()
    world.steps(shipped, "accept", "ship")
    world.steps(begun, "accept", "start-pick")
    world.settle()
    found: Tables = world.tables()
    return found


def broken(tables: Tables) -> list[str]:
    """The names of the identities that do not hold."""
    snapshot = Snapshot(**{name.lower(): tuple(rows) for name, rows in tables.items()})
    return [name for name, found in violations(snapshot).items() if found]


def row(tables: Tables, table: str, sk: str, *, pk: str = "", state: str = "") -> dict[str, Any]:
    return next(
        found
        for found in tables[table]
        if found["sk"].startswith(sk) and found["pk"].startswith(pk) and (not state or found["status"] == state)
    )


def rewritten(found: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> None:
    doc = json.loads(found["doc"])
    change(doc)
    found["doc"] = json.dumps(doc)


def _a_unit_too_many(tables: Tables) -> None:
    order = row(tables, "Orders", "#", pk="O#", state="PICKING")
    rewritten(order, lambda doc: doc["lines"][0].update(quantity=4))


def _free_counted_wrong(tables: Tables) -> None:
    row(tables, "Stock", "P#")["free"] += 1


def _a_movement_lost(tables: Tables) -> None:
    tables["Stock"].remove(next(r for r in tables["Stock"] if r.get("kind") == "ship"))


def _shipped_from_nowhere(tables: Tables) -> None:
    order = row(tables, "Orders", "#", pk="O#", state="SHIPPED")
    rewritten(order, lambda doc: doc["lines"][0]["allocations"][0].update(node="dc-2"))


def _a_cent_too_much(tables: Tables) -> None:
    order = row(tables, "Orders", "#", pk="O#", state="SHIPPED")
    rewritten(order, lambda doc: doc["payments"][0].update(captured=doc["payments"][0]["captured"] + 1))


def _a_number_left_out(tables: Tables) -> None:
    row(tables, "Directory", "#", pk="SEQ#")["last"] = 2


def _a_mail_that_never_went(tables: Tables) -> None:
    tables["Orders"].remove(row(tables, "Orders", "M#shipped"))


def _an_order_twice(tables: Tables) -> None:
    tables["Orders"].append({**row(tables, "Orders", "#", pk="X#"), "pk": "X#web#another"})


def _an_event_lost(tables: Tables) -> None:
    tables["Orders"].remove(row(tables, "Orders", "E#00000002"))


def _a_node_that_sees_something_else(tables: Tables) -> None:
    rewritten(row(tables, "Orders", "F#"), lambda doc: doc.update(status="DECLINED"))


def _an_order_that_nobody_looks_at(tables: Tables) -> None:
    begun = row(tables, "Orders", "#", pk="O#", state="PICKING")["pk"]
    tables["Orders"].remove(row(tables, "Orders", "W#open", pk=begun))


def _a_journal_lost(tables: Tables) -> None:
    tables["Orders"].remove(row(tables, "Orders", "J#"))


def _a_credit_without_a_note(tables: Tables) -> None:
    order = row(tables, "Orders", "#", pk="O#", state="PICKING")
    rewritten(order, lambda doc: doc.update(credits=[{"invoice": 1, "total": 5, "tax": 0}]))


def _a_name_in_a_note(tables: Tables) -> None:
    contact = json.loads(row(tables, "Customers", "V#")["doc"])
    row(tables, "Orders", "E#")["reason"] = f"called {contact['customer']['name']}"


CORRUPTIONS: dict[Callable[[Tables], None], str] = {
    _a_unit_too_many: "a line's quantity is the sum of its allocations",
    _free_counted_wrong: "free stock is what is on hand and not promised",
    _a_movement_lost: "the ledger rebuilds every counter",
    _shipped_from_nowhere: "units in = units on hand + units out",
    _a_cent_too_much: "money: captured, invoiced and worth agree to the cent",
    _a_number_left_out: "numbers of invoices and credit notes have no gap",
    _a_credit_without_a_note: "credit notes are of what was invoiced, and refund it once",
    _a_mail_that_never_went: "each mail went out once",
    _an_order_twice: "each order exists once, with one event for each version",
    _an_event_lost: "each order exists once, with one event for each version",
    _a_node_that_sees_something_else: "a node's list shows what the orders say",
    _an_order_that_nobody_looks_at: "every order ended, is at a node, or is in a queue with its reason",
    _a_journal_lost: "the journals of every order balance and rebuild its accounts",
    _a_name_in_a_note: "personal data is in Customers only",
}


def test_the_rooms_write_no_identity_violation(tables: Tables) -> None:
    assert broken(tables) == []


def test_each_identity_notices_a_violation(tables: Tables) -> None:
    unnoticed = []
    for corrupt, identity in CORRUPTIONS.items():
        copy = deepcopy(tables)
        corrupt(copy)
        if identity not in broken(copy):
            unnoticed.append((corrupt.__name__, broken(copy)))

    assert unnoticed == []
    assert set(CORRUPTIONS.values()) == set(IDENTITIES)
