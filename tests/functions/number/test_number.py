"""Test that every invoice and credit note gets one number, soon after its issue, in a series without a gap."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from botocore.exceptions import ClientError

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.orders import document_numbers
from comanda.domain.billing.document_numbers import MOST, DocumentKind
from comanda.domain.errors import Busy, StaleOrder
from functions.number import handler as room
from tests.faults import Between, Crash, conflicts
from tests.functions.crashes import Crashes
from tests.functions.storm import one_process_each
from tests.functions.world import World, usd
from tests.invariants import broken


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a writer that lost a race go on at once."""
    monkeypatch.setattr(room, "_PAUSE_SECONDS", 0)


@pytest.fixture
def world(world: World) -> World:
    world.stocked("TEA-001", dc_1=500, dc_2=500)
    return world


def issued(world: World) -> str:
    """Ship an order whose invoice gets no number yet."""
    world.hops.stopped.add("number")
    order_id = world.placed(("TEA-001", 1))
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    return f"inv_{order_id[4:]}-001"


def copies(world: World, count: int, series: str = "dc-1") -> list[str]:
    """Issue an invoice, and copy it to others of a series, each a second later: shipping them would take minutes."""
    first = issued(world)
    pk = f"O#ord_{first[4:-4]}"
    (row,) = [row for row in world.aws.items("Orders", pk) if row["sk"] == "I#001"]
    made = [first] if series == "dc-1" else []
    fourth_last = "0" if first[-8] != "0" else "1"  # no copy has the first one's id, which may end in three digits
    for n in range(1, count + 1 - len(made)):
        order_id = f"ord_{first[4:-8]}{fourth_last}{n:03d}"
        at = world.now + timedelta(seconds=n)
        doc = {**unpack(row["doc"]), "issued_at": at.isoformat(), "order_id": order_id}
        made.append(f"inv_{order_id[4:]}-001")
        keyed = {**keys.invoice(order_id, 1), **keys.unnumbered(at, made[-1])}
        world.aws.put("Orders", **{**row, **keyed, "series": series, "doc": pack(doc)})
    return made


def numbers(world: World) -> list[int | None]:
    """Return the numbers of all invoices."""
    rows = [row for row in world.aws.items("Orders") if row["sk"].startswith("I#")]
    return sorted((row.get("number") for row in rows), key=lambda one: one or 0)


def published_numbers(world: World) -> dict[str, str]:
    """Return the number of each document as the bus has it. A document may be published twice, with one number."""
    found: dict[str, set[str]] = {}
    for event in world.hops.published:
        if event["type"].endswith(".numbered.v1"):
            data = event["data"]
            found.setdefault(data.get("invoice") or data["credit_note"], set()).add(data["number"])
    assert all(len(each) == 1 for each in found.values())
    return {document: each.pop() for document, each in found.items()}


def test_an_invoice_is_issued_without_a_number_and_gets_it_soon(world: World):
    invoice = issued(world)
    shown = world.call("GET", f"/v1/invoices/{invoice}")
    assert (shown.status, shown.body["number"]) == (200, None)
    assert world.call("GET", "/v1/find", query={"q": "dc-1-000001"}).body["items"] == []

    world.hops.stopped.clear()
    world.settle()

    assert world.call("GET", f"/v1/invoices/{invoice}").body["number"] == "dc-1-000001"
    (hit,) = world.call("GET", "/v1/find", query={"q": "dc-1-000001"}).body["items"]
    assert hit["id"] == invoice
    assert broken(world.tables()) == []


def test_the_bus_tells_the_number_of_each_document(world: World):
    invoice = issued(world)
    world.hops.stopped.clear()
    world.settle()

    (event,) = [one for one in world.hops.published if one["type"] == "comanda.invoice.numbered.v1"]
    assert (event["subject"], event["id"]) == (f"ord_{invoice[4:-4]}", f"ord_{invoice[4:-4]}#{invoice}")
    assert event["data"] == {
        "channel": "web", "invoice": invoice, "number": "dc-1-000001", "issued_at": "2026-11-19T12:00:00.000Z",
    }  # fmt: skip
    assert "sequence" not in event


@pytest.mark.parametrize("form", ["pdf", "xml"])
def test_no_paper_is_made_of_an_invoice_without_a_number(world: World, form: str):
    refused = world.call("GET", f"/v1/invoices/{issued(world)}/{form}")

    assert (refused.status, refused.problem) == (409, "not-allowed")
    assert "has no number yet" in refused.body["detail"]


def test_an_invoice_without_a_number_is_credited_once_it_has_one(world: World):
    invoice = issued(world)
    body = {"invoice_id": invoice, "credit": "ALL", "reason": "late"}
    order_id = f"ord_{invoice[4:-4]}"
    refused = world.change(order_id, "credit-notes", body, key="k")
    assert (refused.status, refused.problem) == (409, "not-allowed")

    world.hops.stopped.clear()
    world.settle()

    assert world.change(order_id, "credit-notes", body, key="k").status == 201


def test_a_mail_about_a_credit_note_waits_for_its_number_and_names_it(world: World):
    invoice = issued(world)
    world.hops.stopped.clear()
    world.settle()
    world.hops.stopped.add("number")
    body = {"invoice_id": invoice, "credit": "AMOUNT", "amount": usd(100), "reason": "late"}
    assert world.change(f"ord_{invoice[4:-4]}", "credit-notes", body).status == 201
    world.settle()
    before = len(world.hops.sent)

    world.hops.stopped.clear()
    world.settle()

    (mail,) = world.hops.sent[before:]
    assert "dc-1-C000001" in json.dumps(mail)
    assert broken(world.tables()) == []


def test_numbers_follow_the_time_of_issue_in_batches_of_a_transaction(world: World):
    made = copies(world, MOST + 5)
    counted = Crash()

    with counted:
        world.hops.invoke("number", {"documents": made[::-1]})

    order = [published_numbers(world)[document] for document in made]
    assert order == [f"dc-1-{n:06d}" for n in range(1, MOST + 6)]
    assert counted.calls.count("TransactWriteItems") == 2


def test_a_series_goes_on_where_it_stood(world: World):
    world.aws.put("Directory", **keys.series("invoice", "dc-1"), last=431)
    issued(world)
    world.hops.stopped.clear()
    world.settle()

    assert numbers(world) == [432]


def test_an_invoice_of_before_keeps_the_number_that_it_has(world: World):
    invoice = issued(world)
    world.hops.stopped.clear()
    world.settle()
    (row,) = [row for row in world.aws.items("Orders") if row["sk"] == "I#001"]
    doc = pack({**unpack(row["doc"]), "number": "dc-1-000001"})
    world.aws.put("Orders", **{name: value for name, value in row.items() if name != "channel"} | {"doc": doc})

    world.hops.invoke("number", {"documents": [invoice]})

    assert numbers(world) == [1]
    assert world.call("GET", f"/v1/invoices/{invoice}").body["number"] == "dc-1-000001"
    assert document_numbers.last(DocumentKind.INVOICE, "dc-1") == 1


def test_a_document_that_comes_twice_has_one_number(world: World):
    invoice = issued(world)
    for _ in range(2):
        world.hops.invoke("number", {"documents": [invoice, invoice]})

    assert numbers(world) == [1]
    assert broken(world.tables()) == []


def test_a_series_that_is_stuck_stops_no_other(world: World):
    stuck, others = issued(world), copies(world, 3, series="dc-2")
    world.aws.put("Orders", **keys.invoice_number("invoice", "dc-1", 1), order_id="ord_us1_other", invoice=1)

    with pytest.raises(StaleOrder):
        world.hops.invoke("number", {"documents": [stuck, *others]})

    assert published_numbers(world) == {document: f"dc-2-{n:06d}" for n, document in enumerate(others, 1)}
    assert world.call("GET", f"/v1/invoices/{stuck}").body["number"] is None


def test_the_sweeper_has_documents_numbered_whose_event_was_lost(world: World):
    issued(world)
    world.hops.numbers.clear()
    world.hops.stopped.clear()

    world.sweep()
    assert numbers(world) == [None], "its event may be on its way"
    world.pass_time(120)
    world.sweep()

    assert numbers(world) == [1]
    assert broken(world.tables()) == []
    assert len(published_numbers(world)) == 1


def test_one_run_of_the_sweeper_makes_few_calls_and_the_next_goes_on(world: World, monkeypatch: pytest.MonkeyPatch):
    made = copies(world, 60)
    world.hops.numbers.clear()
    world.hops.stopped.clear()
    world.pass_time(120)
    monkeypatch.setattr("functions.sweep.handler._MOST_CALLS", 2)

    world.sweep()
    first = len(published_numbers(world))
    world.sweep()

    assert (first, len(published_numbers(world))) == (50, len(made))
    assert broken(world.tables()) == []


def test_a_process_that_ends_at_any_call_leaves_no_gap_and_no_second_number(world: World):
    def begin() -> tuple[list[str], int]:
        made = copies(world, MOST + 5)
        world.hops.numbers.clear()
        return made, len(world.hops.published)

    def act(_: Crash, begun: tuple[list[str], int]) -> None:
        world.hops._again("number", {"documents": begun[0]})

    runs = Crashes(world, begin, act, room="number", least=3)
    for crash, (made, published), _ in runs:
        assert broken(world.tables()) == [], crash.happened
        told_since = {one["data"].get("invoice") for one in world.hops.published[published:]}
        assert told_since >= set(made), crash.happened
    assert numbers(world) == list(range(1, (len(runs) + 2) * (MOST + 5) + 1))


def test_two_writers_of_a_series_at_any_moment_leave_no_gap(world: World):
    def between(at: int, first: list[str], second: list[str]) -> int:
        counted = Between(at, partial(world.hops.invoke, "number", {"documents": second}))
        with counted:
            world.hops.invoke("number", {"documents": first})
        return counted.calls

    calls = between(0, copies(world, 3), [])
    total = 3
    for at in range(1, calls + 1):
        for overlap in (0, 2):
            made = copies(world, 6)
            total += 6
            between(at, made[:4], made[4 - overlap :])
            assert broken(world.tables()) == [], (at, overlap)
            assert numbers(world) == list(range(1, total + 1)), (at, overlap)


def test_many_writers_of_a_series_under_conflicts_leave_no_gap(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "_TRIES", 500)
    made = copies(world, 200)

    def write(documents: list[str]) -> None:
        for _ in range(60):
            try:
                world.hops.invoke("number", {"documents": documents})
            except (Busy, ClientError):
                continue  # the queue brings it again
            return
        raise AssertionError("never numbered")

    with conflicts(7, p=0.3, throttled=0.1), one_process_each(), ThreadPoolExecutor(8) as pool:
        list(pool.map(write, [made[n : n + 40] for n in range(0, 200, 20)]))

    assert numbers(world) == list(range(1, 201))
    assert broken(world.tables()) == []
