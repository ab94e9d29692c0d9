"""Test that a customer is erased whole, that orders and books stay, and that nothing is erased while an order is open."""

import json
from typing import Any

import pytest

from comanda.aws.customers import customers
from comanda.aws.directory import directory
from comanda.aws.drafts import draft_contacts
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import unpack
from comanda.aws.runtime.clients import client
from functions.erase import erasure
from tests.faults import Between, Crash, Crashed
from tests.functions.cases.desk import opened
from tests.functions.cases.desk import step as case_step
from tests.functions.crashes import Moment
from tests.functions.selfservice.holder import holder
from tests.functions.world import Reply, World, a_body, usd

ADA: dict[str, Any] = {"id": "c-77", "name": "Ada Byron", "email": "ada@example.org", "phone": "+1 312 555 0100"}
TRACES = ("ada", "byron", "312", "c-77", "ring twice", "12 main st")


def closed(world: World, customer: dict[str, Any] = ADA, **changes: Any) -> str:
    """Ship and deliver an order of this customer, with a packing slip, and return its id."""
    order_id = shipped(world, customer, **changes)
    world.step(order_id, "deliver")
    world.settle()
    assert world.order(order_id)["status"] == "COMPLETED"
    return order_id


def shipped(world: World, customer: dict[str, Any] = ADA, **changes: Any) -> str:
    """Ship an order of this customer, with a packing slip, and return its id. Its parcel is on its way."""
    world.stocked("TEA-001", dc_1=1)
    who = "shop" if changes.get("channel", "web") == "web" else "other-shop"
    body = a_body(("TEA-001", 1), customer=customer, note="ring twice", **changes)
    order_id = str(world.call("POST", "/v1/orders", body, who=who).body["order_id"])
    world.settle()
    slip = f"/v1/fulfillments/ful_{order_id[4:]}-001/documents/packing-slip"
    assert world.call("GET", slip, who="office").status == 303
    world.step(order_id, "ship")
    world.settle()
    assert world.order(order_id)["status"] == "SHIPPED"
    return order_id


def velocity_rule(world: World) -> None:
    for per in ("CUSTOMER", "EMAIL", "PHONE", "ADDRESS"):
        rule = {"velocity": {"per": per, "hours": 24, "orders_at_least": 99}}
        world.hold_type(f"MANY-{per}", applies_when=rule, active=True)


def erase(world: World, customer_id: str, who: str = "office") -> Reply:
    return world.call("DELETE", f"/v1/customers/{customer_id}", who=who, key=None)


def customer_of(order_id: str) -> str:
    found = customers.customer_of(order_id)
    assert found is not None
    return found


def objects() -> list[str]:
    found = client("s3").list_object_versions(Bucket="comanda-test-documents")
    return [one["Key"] for one in (*found.get("Versions", ()), *found.get("DeleteMarkers", ()))]


def stored(world: World, table: str) -> str:
    """Return all of a table, unpacked, as text in small letters, but for the copies that the law keeps with invoices."""
    found = [row for row in world.tables()[table] if table != "Customers" or not keys.is_legal_copy(row)]
    rows = [{**row, "doc": unpack(row["doc"])} if "doc" in row else row for row in found]
    return json.dumps(rows, default=str).lower()


def nothing_is_left(world: World, order_ids: list[str]) -> None:
    kept = [row for row in world.tables()["Customers"] if not row["pk"].startswith(("AU#", "AS#"))]
    assert all("keep_until" in row and "ttl" in row for row in kept if keys.is_legal_copy(row))
    kept = [row for row in kept if not keys.is_legal_copy(row)]
    assert {row["sk"] for row in kept} <= {"V#1", "#"}, kept
    assert all(set(row) <= {"pk", "sk", "erased_at", "by", "ttl"} for row in kept)
    assert not any(trace in stored(world, "Customers") for trace in TRACES)
    assert objects() == []
    for order_id in order_ids:
        order = world.order(order_id)
        assert (order["status"], order["totals"]["total"]) == ("COMPLETED", usd(order["totals"]["total"]["amount"]))
        assert order["customer_id"].startswith("g_")
        assert [event["type"] for event in events_of(world, order_id)].count("customer_erased") == 1


def a_draft(world: World) -> dict[str, Any]:
    body = {"channel": "web", "currency": "USD", "locale": "en-US", "customer": ADA}
    found: dict[str, Any] = world.call("POST", "/v1/drafts", body).body
    return found


def moved_while_erasing(
    world: World, monkeypatch: pytest.MonkeyPatch, draft: dict[str, Any], customer: dict[str, Any], after: str
) -> None:
    """Let a shop change the customer of a draft as soon as the erasure has listed the drafts of the customer `after`."""
    real, once = draft_contacts.of_customer, []

    def listed(customer_id: str) -> Any:
        rows = list(real(customer_id))
        if customer_id == after and not once:
            once.append(1)
            path = f"/v1/drafts/{draft['draft_id']}"
            reply = world.call("PATCH", path, {"customer": customer}, if_match=f'"v{draft["version"]}"')
            assert reply.status == 200, reply.body
        return iter(rows)

    monkeypatch.setattr(draft_contacts, "of_customer", listed)


def test_a_draft_that_is_given_to_another_customer_meanwhile_is_theirs(world: World, monkeypatch: pytest.MonkeyPatch):
    draft, other = a_draft(world), a_draft(world)
    bob = {"id": "c-78", "name": "Bob Ray", "email": "bob@example.org"}
    moved_while_erasing(world, monkeypatch, draft, bob, after=draft["customer_id"])

    reply = erase(world, draft["customer_id"])

    assert (reply.status, reply.body["drafts"], reply.body["left"]) == (200, 1, 0)
    path = f"/v1/drafts/{draft['draft_id']}"
    assert world.call("GET", path).body["status"] == "OPEN"
    assert world.call("GET", f"{path}/contact", who="office").body == {"customer": bob}
    assert world.call("GET", f"/v1/drafts/{other['draft_id']}").body["status"] == "ABANDONED"
    assert "byron" not in stored(world, "Customers")


@pytest.mark.parametrize("first", [True, False], ids=["before the other was listed", "after"])
def test_a_draft_that_moves_between_two_customers_that_are_one_person_is_erased(
    world: World, monkeypatch: pytest.MonkeyPatch, first: bool
):
    order_id = closed(world)
    guest = closed(world, {"name": "Ada Byron", "email": "ada@example.org"})
    into, merged = customer_of(order_id), customer_of(guest)
    assert world.call("POST", f"/v1/customers/{merged}/merge", {"into": into}, who="sales").status == 200
    body = {"channel": "web", "currency": "USD", "locale": "en-US"}
    draft = world.call("POST", "/v1/drafts", {**body, "customer": {"name": "Ada", "email": "ada@example.org"}}).body
    assert draft["customer_id"] == merged
    moved_while_erasing(world, monkeypatch, draft, ADA, after=into if first else merged)

    erase(world, into)
    for _ in range(2):
        world.pass_time(600)
        world.sweep()
        world.settle()

    assert world.call("GET", f"/v1/drafts/{draft['draft_id']}").body["status"] == "ABANDONED"
    assert "byron" not in stored(world, "Customers")


def events_of(world: World, order_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.call("GET", f"/v1/orders/{order_id}/events", query={"limit": "100"}).body[
        "items"
    ]
    return found


def test_everything_of_a_person_is_gone_and_orders_and_invoices_stay(world: World):
    velocity_rule(world)
    ids = [closed(world), closed(world)]
    other = closed(world, {"name": "Grace Hopper", "email": "grace@example.org"})
    customer_id = customer_of(ids[0])
    before = [world.order(order_id) for order_id in ids]
    assert [row for row in world.tables()["Customers"] if row["pk"].startswith("V#")]

    reply = erase(world, customer_id)

    assert (reply.status, reply.body["orders"], reply.body["left"]) == (200, 2, 0)
    world.settle()
    assert world.call("GET", f"/v1/customers/{customer_id}", who="office").status == 404
    assert world.call("GET", "/v1/customers", who="office", query={"name": "ada"}).body["items"] == []
    assert world.call("GET", "/v1/orders", query={"customer_id": "c-77"}).body["items"] == []
    assert [world.call("GET", f"/v1/orders/{one}/contact").status for one in ids] == [404, 404]
    for order_id, was in zip(ids, before, strict=True):
        now = world.order(order_id)
        changed = {name for name in now if now[name] != was.get(name)}
        assert changed <= {"customer_id", "version", "updated_at"}
        assert world.call("GET", f"/v1/invoices/{now['invoices'][0]}").status == 200
    assert len({world.order(one)["customer_id"] for one in ids}) == 2
    assert world.call("GET", f"/v1/orders/{other}/contact").body["customer"]["name"] == "Grace Hopper"
    assert len(objects()) == 1
    rows = [row for row in world.tables()["Customers"] if any(one in row["pk"] + row["sk"] for one in ids)]
    assert {(row["sk"], "doc" in row) for row in rows} == {("V#1", False), ("I#001", True)}


def test_nobody_is_mailed_when_a_parcel_of_an_erased_person_arrives(world: World):
    order_id = shipped(world)
    world.pass_time(30 * 86_400)
    assert erase(world, customer_of(order_id)).status == 200
    sent = len(world.hops.sent)

    assert world.step(order_id, "deliver").status == 200
    world.settle()

    assert len(world.hops.sent) == sent
    types = [event["type"] for event in events_of(world, order_id)]
    assert "delivered" in types
    assert "mail_failed" not in types


def test_an_erasure_that_is_asked_for_twice_answers_the_first(world: World):
    customer_id = customer_of(closed(world))
    first = erase(world, customer_id)
    before = world.tables()
    world.pass_time(60)

    again = erase(world, customer_id)

    assert (again.status, again.body["erased_at"], again.body["orders"]) == (200, first.body["erased_at"], 0)
    assert world.tables() == before


def test_open_orders_refuse_with_their_list_and_nothing_is_erased(world: World):
    closed(world)
    one, two = (str(world.place_order(("TEA-001", 1), customer=ADA).body["order_id"]) for _ in range(2))
    before, kept = world.tables(), objects()

    reply = erase(world, customer_of(one))

    assert (reply.status, reply.problem) == (409, "open-orders")
    assert sorted(error["message"].split()[0] for error in reply.body["errors"]) == sorted([one, two])
    assert (world.tables(), objects()) == (before, kept)


def loss_of(world: World, order_id: str) -> dict[str, Any]:
    world.step(order_id, "lose", 1, {"reason": "CARRIER_LOST"})
    world.settle()
    (loss,) = world.order(order_id)["losses"]
    return dict(loss)


def answered(world: World, queue: str, item: str, answer: str) -> Reply:
    return world.call("POST", f"/v1/queues/{queue}/items/{item}/resolve", {"answer": answer}, who="office")


def refusals(reply: Reply) -> list[tuple[str, str]]:
    """Return the order and the reason of each refusal."""
    assert (reply.status, reply.problem) == (409, "open-orders")
    return [(error["message"].split()[0], error["code"]) for error in reply.body["errors"]]


def test_a_parcel_on_its_way_keeps_its_customer_for_as_long_as_the_channel_says(world: World):
    order_id = shipped(world)
    customer_id, before = customer_of(order_id), (world.tables(), objects())

    assert refusals(erase(world, customer_id)) == [(order_id, "on-its-way")]
    assert (world.tables(), objects()) == before
    world.pass_time(30 * 86_400 - 60)
    assert refusals(erase(world, customer_id)) == [(order_id, "on-its-way")]
    world.pass_time(60)
    assert erase(world, customer_id).status == 200
    nothing_of(world, order_id)


def nothing_of(world: World, order_id: str) -> None:
    assert not any(trace in stored(world, "Customers") for trace in TRACES)
    assert world.order(order_id)["customer_id"].startswith("g_")


@pytest.mark.parametrize(("days", "passed", "status"), [(0, 0, 200), (5, 4, 409), (5, 5, 200), (60, 31, 409)])
def test_the_days_are_those_of_the_channel(world: World, days: int, passed: int, status: int):
    channel = world.call("GET", "/v1/channels/web", who="office").body
    body = {name: channel[name] for name in ("name", "currencies", "countries", "locales")}
    put = world.call("PUT", "/v1/channels/web", {**body, "contact_days_after_shipment": days}, who="office")
    assert put.status == 200, put.body
    directory.forget()
    customer_id = customer_of(shipped(world))
    world.pass_time(passed * 86_400)

    assert erase(world, customer_id).status == status


def test_a_lost_parcel_keeps_its_customer_until_a_person_has_decided_and_what_follows_is_done(world: World):
    order_id = shipped(world)
    customer_id, loss = customer_of(order_id), loss_of(world, order_id)
    world.pass_time(400 * 86_400)

    assert refusals(erase(world, customer_id)) == [(order_id, "undecided")]
    assert answered(world, "lost", loss["item_id"], "resend").status == 200
    world.settle()
    again = world.order(order_id)["losses"][0]["replacement_order_id"]
    assert refusals(erase(world, customer_id)) == [(again, "not-closed")]
    world.stocked("TEA-001", dc_1=1)
    world.settle()
    world.steps(again, "ship", "deliver")
    world.settle()
    assert erase(world, customer_id).body["orders"] == 2
    nothing_of(world, order_id)


def test_money_that_a_person_has_promised_keeps_its_customer(world: World):
    order_id = shipped(world)
    customer_id, loss = customer_of(order_id), loss_of(world, order_id)
    answered(world, "lost", loss["item_id"], "refund")
    world.settle()

    assert refusals(erase(world, customer_id)) == [(order_id, "undecided")]
    (item,) = world.call("GET", "/v1/queues/refunds", who="office").body["items"]
    assert answered(world, "refunds", item["item_id"], "done").status == 200
    assert erase(world, customer_id).status == 200


def test_an_open_case_of_an_order_keeps_its_customer(world: World):
    order_id = closed(world)
    case_id = opened(world, order_id)

    reply = erase(world, customer_of(order_id))

    assert refusals(reply) == [(order_id, "open-case")]
    assert case_id in reply.body["errors"][0]["message"]
    assert case_step(world, case_id, "close", outcome="ANSWERED").status == 200
    assert erase(world, customer_of(order_id)).status == 200


def test_nothing_is_sent_again_to_a_person_who_was_erased(world: World):
    order_id = shipped(world)
    world.pass_time(30 * 86_400)
    assert erase(world, customer_of(order_id)).status == 200
    loss = loss_of(world, order_id)
    before = world.tables()

    reply = answered(world, "lost", loss["item_id"], "resend")

    assert (reply.status, reply.problem, reply.errors) == (409, "not-allowed", [("/answer", "not-allowed")])
    assert world.tables()["Orders"] == before["Orders"]
    assert answered(world, "lost", loss["item_id"], "refund").status == 200


def test_a_parcel_that_is_lost_while_its_customer_is_erased_is_decided_or_gone_with_them(world: World):
    """Report a loss before each call of an erasure, and an erasure before each call of a report: never is a part erased."""
    order_id = shipped(world)
    etag = world.call("GET", f"/v1/orders/{order_id}", who="office").etag
    note = {"changes": [{"modification": "note", "note": "ring twice again"}], "reason": "x"}
    changed = world.call("POST", f"/v1/orders/{order_id}/changes", note, who="office", if_match=etag)
    assert changed.status == 200, changed.body
    customer_id = customer_of(order_id)
    world.settle()
    world.pass_time(30 * 86_400)
    moment = Moment(world)

    def lost() -> Reply:
        return world.step(order_id, "lose", 1, {"reason": "CARRIER_LOST"}, key="l")

    def erased() -> Reply:
        return erase(world, customer_id)

    seen = set()
    for outer, inner in ((erased, lost), (lost, erased)):
        moment.back()
        with Between() as counted:
            outer()
        for at in range(1, counted.calls + 1):
            moment.back()
            with Between(at, inner) as between:
                replies = [outer(), between.answer or inner()]
            assert all(reply.status < 500 for reply in replies), (at, [reply.body for reply in replies])
            world.settle()
            for _ in range(2):
                world.pass_time(600)
                world.sweep()
            is_kept = not world.order(order_id)["customer_id"].startswith("g_")
            contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office")
            assert contact.status == (200 if is_kept else 404), at
            if is_kept:
                assert contact.body["note"] == "ring twice again"
                loss = world.order(order_id)["losses"][0]
                assert answered(world, "lost", loss["item_id"], "resend").status == 200, at
            else:
                nothing_of(world, order_id)
            assert not [row for row in world.tables()["Orders"] if row["pk"].startswith("ER#")], at
            erasure_reply = next(reply for reply in replies if "kept" in reply.body or reply.status == 409)
            seen.add((is_kept, erasure_reply.body.get("kept") == [order_id], erasure_reply.status))
    assert {(True, True, 200), (True, False, 409), (False, False, 200)} == seen


@pytest.mark.parametrize("name", [f"cus_{'0' * 32}", "cus_x", "x", "c-77", "cus_%23"])
def test_somebody_who_is_not_there_is_not_found(world: World, name: str):
    closed(world)
    before = world.tables()

    assert (erase(world, name).status, erase(world, name).problem) == (404, "not-found")
    assert world.tables() == before


@pytest.mark.parametrize("who", ["shop", "other-shop", "sales", "picker", "acme", "dc-1-system"])
def test_only_an_admin_erases(world: World, who: str):
    customer_id = customer_of(closed(world))

    assert erase(world, customer_id, who).status == 403


def test_a_person_who_orders_again_has_the_new_order_alone(world: World):
    customer_id = customer_of(closed(world))
    erase(world, customer_id)
    world.pass_time(60)

    again = closed(world)

    assert customer_of(again) == customer_id
    seen = world.call("GET", f"/v1/customers/{customer_id}", who="office").body["items"]
    assert [order["order_id"] for order in seen] == [again]
    assert erase(world, customer_id).body["orders"] == 1
    assert world.call("GET", f"/v1/customers/{customer_id}", who="office").status == 404


def test_more_orders_than_fit_a_call_are_hidden_at_once_and_the_sweeper_erases_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(erasure, "MOST", 2)
    ids = [closed(world) for _ in range(5)]
    customer_id = customer_of(ids[0])

    reply = erase(world, customer_id)

    assert (reply.status, reply.body["orders"], reply.body["left"]) == (202, 2, 3)
    assert world.call("GET", f"/v1/customers/{customer_id}", who="office").status == 404
    assert world.call("GET", "/v1/customers", who="office", query={"email": "ada@example.org"}).body["items"] == []
    assert {world.call("GET", f"/v1/orders/{one}/contact", who="office").status for one in ids} == {404}
    assert {world.call("GET", f"/v1/orders/{one}/contact", who="shop").status for one in ids} == {404}
    assert customers.load_many(dict.fromkeys(ids, 1)) == {}
    for _ in range(3):
        world.pass_time(600)
        world.sweep()
        world.settle()
    nothing_is_left(world, ids)
    assert [row for row in world.tables()["Orders"] if row["pk"].startswith("ER#")] == []


def test_what_a_person_sees_and_writes_is_hidden_while_their_erasure_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    order_ids = [closed(world) for _ in range(2)]
    case_id = opened(world, order_ids[1], text="it is Ada")
    assert case_step(world, case_id, "close", outcome="ANSWERED").status == 200
    link = holder(world, order_ids[1])
    assert link.get().status == 200
    drafts_of_ada = [a_draft(world) for _ in range(3)]
    monkeypatch.setattr(erasure, "MOST", 1)

    assert erase(world, customer_of(order_ids[0])).status == 202

    assert link.get().status == 404
    assert world.call("POST", f"/v1/orders/{order_ids[1]}/links", {}, who="office").problem == "not-allowed"
    case = world.call("GET", f"/v1/cases/{case_id}", who="office").body
    assert (case["items"], case["customer_id"]) == ([], None)
    slip = f"/v1/fulfillments/ful_{order_ids[1][4:]}-001/documents/packing-slip"
    assert world.call("GET", slip, who="office").status == 404
    for draft in drafts_of_ada:
        assert world.call("GET", f"/v1/drafts/{draft['draft_id']}/contact", who="office").body == {}
    assert world.call("GET", "/v1/drafts", who="sales", query={"email": "ada@example.org"}).body["items"] == []
    world.pass_time(1)  # ids of one millisecond are in no order
    again = closed(world)
    assert world.call("GET", f"/v1/orders/{again}/contact", who="office").status == 200


def test_an_erasure_that_ends_at_any_call_is_finished_by_the_sweeper(world: World):
    velocity_rule(world)
    ids = [closed(world), closed(world)]
    customer_id = customer_of(ids[0])
    keys = {row["object"] for row in world.tables()["Orders"] if "object" in row}
    counted = Crash()
    moment = Moment(world)
    with counted:
        assert erase(world, customer_id).status == 200
    points = counted.points()
    finished = 0
    for repeated in (False, True):
        for at, after in points:
            moment.back()
            for key in keys:
                client("s3").put_object(Bucket="comanda-test-documents", Key=key, Body=b"slip")
            with Crash(at, after=after), pytest.raises(Crashed):
                erase(world, customer_id)
            if repeated:
                assert erase(world, customer_id).status in (200, 404)
            begun = any(row["pk"].startswith("ER#") for row in world.tables()["Orders"])
            if not begun and not repeated:
                words = [row for row in world.tables()["Customers"] if "doc" in row and "keep_until" not in row]
                untouched = len(words) == len(ids)
                assert untouched or not words
                if untouched:
                    assert erase(world, customer_id).status == 200
            world.pass_time(600)
            world.sweep()
            world.settle()
            nothing_is_left(world, ids)
            finished += 1
    print(f"erasure: {finished} of {2 * len(points)} crash points finished")  # noqa: T201  a published figure
    assert finished == 2 * len(points)
