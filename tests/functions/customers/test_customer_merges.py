"""Two customers become one person: their orders are read through both, and what happens to the one happens to both."""

import threading
from typing import Any

import pytest

from comanda.aws.customers import customer_merges, customers
from comanda.aws.dynamodb import keys
from comanda.aws.runtime.clients import client
from tests.faults import Crash, Crashed
from tests.functions.crashes import Moment
from tests.functions.erase.test_erase import closed, erase, nothing_is_left
from tests.functions.world import Reply, World, a_body

ADA: dict[str, Any] = {"id": "c-77", "name": "Ada Byron", "email": "ada@example.org", "phone": "+1 312 555 0100"}
WORK: dict[str, Any] = {"id": "9", "name": "Ada Lovelace", "email": "ada@work.example"}


def ordered(world: World, customer: dict[str, Any], **changes: Any) -> str:
    who = "shop" if changes.get("channel", "web") == "web" else "other-shop"
    reply = world.call("POST", "/v1/orders", a_body(customer=customer, **changes), who=who)
    assert reply.status == 201, reply.body
    world.pass_time(1)
    return str(reply.body["order_id"])


def merge(world: World, customer_id: str, into: Any, who: str = "sales") -> Reply:
    return world.call("POST", f"/v1/customers/{customer_id}/merge", {"into": into}, who=who)


def unmerge(world: World, customer_id: str, who: str = "sales") -> Reply:
    return world.call("POST", f"/v1/customers/{customer_id}/unmerge", {}, who=who)


def read(world: World, customer_id: str, who: str = "sales", **query: str) -> Reply:
    return world.call("GET", f"/v1/customers/{customer_id}", who=who, query=query)


def orders_of(reply: Reply) -> list[str]:
    return [order["order_id"] for order in reply.body["items"]]


def people(world: World, n: int) -> list[str]:
    """Return n customers, each with an order."""
    return [customer_of(ordered(world, {"name": f"P {i}", "email": f"p{i}@example.org"})) for i in range(n)]


def customer_of(order_id: str) -> str:
    found = customers.customer_of(order_id)
    assert found is not None
    return found


def test_the_orders_of_both_are_read_and_found_through_both(world: World):
    first, second, third = ordered(world, ADA), ordered(world, WORK, channel="outlet"), ordered(world, ADA)
    ada, work = customer_of(first), customer_of(second)

    reply = merge(world, work, ada)

    assert (reply.status, reply.body["into"]) == (200, ada)
    for one in (ada, work):
        assert orders_of(read(world, one)) == [third, second, first]
        assert read(world, one).body["customer_id"] == ada
        exported = world.call("GET", f"/v1/customers/{one}/export", who="office").body
        assert [item["order"]["order_id"] for item in exported["items"]] == [third, second, first]
    assert [row["customer_id"] for row in read(world, ada).body["merged"]] == [work]
    for query in ({"email": "ada@work.example"}, {"email": "ada@example.org"}, {"name": "ada"}):
        (found,) = world.call("GET", "/v1/customers", who="sales", query=query).body["items"]
        assert found["customer_id"] == ada
    assert customer_of(second) == work  # orders keep their customer
    assert ordered(world, WORK, channel="outlet") in orders_of(read(world, ada))  # later orders too


def test_a_channel_reads_its_own_orders_alone_and_learns_of_no_merge(world: World):
    first, second = ordered(world, ADA), ordered(world, WORK, channel="outlet")
    merge(world, customer_of(second), customer_of(first))

    for one in (customer_of(first), customer_of(second)):
        seen = read(world, one, "shop")
        assert (orders_of(seen), seen.body["merged"]) == ([first], [])
        assert [person["name"] for person in seen.body["people"]] == ["Ada Byron"]


def test_the_orders_of_three_customers_come_in_pages_each_once(world: World):
    placed = []
    for n in range(3):
        placed += [
            ordered(world, ADA),
            ordered(world, WORK),
            ordered(world, {"name": "A", "email": f"{n % 1}@x.example"}),
        ]
    merge(world, customer_of(placed[1]), customer_of(placed[0]))
    merge(world, customer_of(placed[0]), customer_of(placed[2]))

    seen, cursor = [], {}
    while True:
        page = read(world, customer_of(placed[1]), limit="2", **cursor)
        seen += orders_of(page)
        if page.body["next"] is None:
            break
        cursor = {"cursor": page.body["next"]}

    assert seen == placed[::-1]


def test_a_merge_is_undone_within_thirty_days_and_leaves_two_customers(world: World):
    first, second = ordered(world, ADA), ordered(world, WORK)
    ada, work = customer_of(first), customer_of(second)
    merge(world, work, ada)
    world.pass_time(30 * 86_400)

    reply = unmerge(world, work)

    assert (reply.status, reply.body) == (
        200,
        {"customer_id": work, "into": None, "merged_at": None, "undo_until": None},
    )
    assert orders_of(read(world, ada)) == [first]
    assert orders_of(read(world, work)) == [second]
    assert unmerge(world, work).problem == "not-allowed"
    assert merge(world, ada, work).status == 200  # the other way round
    world.pass_time(30 * 86_400 + 1)
    assert unmerge(world, ada).problem == "not-allowed"


def test_undoing_a_merge_in_the_middle_takes_along_what_was_merged_before(world: World):
    one, two, three = people(world, 3)
    merge(world, one, two)
    merge(world, two, three)

    assert unmerge(world, two).status == 200

    assert len(read(world, one).body["items"]) == 2
    assert read(world, one).body["customer_id"] == two
    assert len(read(world, three).body["items"]) == 1


def test_the_same_merge_again_changes_nothing(world: World):
    one, two = people(world, 2)
    first = merge(world, one, two)
    before = list(world.tables()["Customers"])

    again = merge(world, one, two)

    assert (again.status, again.body) == (200, first.body)
    assert world.tables()["Customers"] == before


@pytest.mark.parametrize(
    ("into", "at", "code"),
    [
        ("itself", "/into", "same-customer"),
        (f"cus_{'0' * 32}", "/into", "unknown-customer"),
        ("c-77", "/into", "unknown-customer"),
        ("\ud800", "/into", None),
        ("", "/into", None),
        (None, "/into", None),
        ("\u0639\u0644\u064a", "/into", None),
        ("{{7*7}}" * 40, "/into", None),
    ],
)
def test_a_merge_into_nobody_is_refused_at_its_field(world: World, into: Any, at: str, code: str | None):
    (one,) = people(world, 1)
    before = world.tables()

    reply = merge(world, one, one if into == "itself" else into)

    assert (reply.status, [error["pointer"] for error in reply.body["errors"]]) == (422, [at])
    assert code in (None, reply.body["errors"][0]["code"])
    assert world.tables() == before


def test_an_erased_customer_is_merged_neither_way(world: World):
    gone = customer_of(closed(world))
    (one,) = people(world, 1)
    assert erase(world, gone).status == 200

    assert merge(world, gone, one).status == 404
    reply = merge(world, one, gone)
    assert (reply.status, reply.body["errors"][0]["code"]) == (422, "unknown-customer")


def test_a_pointer_is_no_target_and_no_cycle_can_be_made(world: World):
    one, two, three = people(world, 3)
    merge(world, one, two)

    assert merge(world, three, one).problem == "not-allowed"
    assert merge(world, two, one).problem == "not-allowed"
    assert merge(world, one, three).problem == "not-allowed"
    merge(world, two, three)
    assert merge(world, three, one).problem == "not-allowed"
    assert len(read(world, one).body["items"]) == 3


def test_at_most_twenty_customers_are_one_person(world: World):
    first, *others = people(world, 21)
    for one in others[:19]:
        assert merge(world, one, first).status == 200

    assert merge(world, others[19], first).problem == "not-allowed"


@pytest.mark.parametrize("who", ["shop", "other-shop", "picker", "acme", "dc-1-system", "form", "ups"])
def test_the_office_alone_merges(world: World, who: str):
    one, two = people(world, 2)

    assert merge(world, one, two, who).status == 403
    assert unmerge(world, one, who).status == 403


@pytest.mark.parametrize("pairs", [((0, 1), (1, 0)), ((0, 1), (0, 2)), ((0, 1), (1, 2)), ((0, 1), (2, 0))])
def test_of_two_merges_at_once_no_cycle_and_no_lost_order_comes(world: World, pairs: Any, monkeypatch: Any):
    """Both read before either writes: the second decides again on what the first made."""
    ids = people(world, 3)
    both = threading.Barrier(2, timeout=60)
    plain, met = customer_merges.merge, []

    def wait_for_the_other(*args: Any) -> Any:
        if len(met) < 2:
            met.append(1)
            both.wait()
        return plain(*args)

    monkeypatch.setattr(customer_merges, "merge", wait_for_the_other)
    replies: list[Reply] = []
    threads = [threading.Thread(target=lambda a=a, b=b: replies.append(merge(world, ids[a], ids[b]))) for a, b in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    statuses = sorted(reply.status for reply in replies)
    assert statuses in ([200, 200], [200, 409])
    assert statuses == [200, 409] or pairs != ((0, 1), (1, 0))
    found = {one: frozenset(orders_of(read(world, one))) for one in ids}
    assert all(read(world, one).status == 200 for one in ids)
    assert set().union(*found.values()) == {row for orders in found.values() for row in orders}
    assert sum(len(group) for group in set(found.values())) == 3


def test_erasing_the_one_erases_both_and_the_merge_is_forgotten(world: World):
    ids = [closed(world), closed(world, WORK)]
    ada, work = map(customer_of, ids)
    merge(world, work, ada)

    reply = erase(world, work)  # the pointer stands for both

    assert (reply.status, reply.body["customer_id"], reply.body["orders"]) == (200, ada, 2)
    nothing_is_left(world, ids)
    for one in (ada, work):
        assert read(world, one).status == 404
        assert (unmerge(world, one).status, erase(world, one).body["orders"]) == (404, 0)
    again = closed(world, WORK)
    assert orders_of(read(world, work)) == [again]
    assert read(world, ada).status == 404


def test_an_open_order_of_the_one_refuses_the_erasure_of_both(world: World):
    shipped = closed(world)
    waiting = ordered(world, WORK)
    merge(world, customer_of(waiting), customer_of(shipped))

    reply = erase(world, customer_of(shipped))

    assert (reply.status, reply.problem) == (409, "open-orders")
    assert [error["message"].split()[0] for error in reply.body["errors"]] == [waiting]


def test_a_merge_that_ends_at_any_call_is_made_whole_or_not_at_all_and_may_be_repeated(world: World):
    one, two = people(world, 2)
    counted, moment = Crash(), Moment(world)
    with counted:
        assert merge(world, one, two).status == 200
    points = counted.points()
    for at, after in points:
        moment.back()
        with Crash(at, after=after), pytest.raises(Crashed):
            merge(world, one, two)
        assert len(read(world, one).body["items"]) == len(read(world, two).body["items"])
        assert merge(world, one, two).status == 200
        assert len(read(world, one).body["items"]) == 2
    print(f"merge: {len(points)} of {len(points)} crash points finished")  # noqa: T201  a published figure


def test_an_erasure_after_a_merge_that_ends_at_any_call_is_finished_by_the_sweeper(world: World):
    ids = [closed(world), closed(world, WORK)]
    ada, work = map(customer_of, ids)
    merge(world, work, ada)
    slips = {row["object"] for row in world.tables()["Orders"] if "object" in row}
    moment = Moment(world)

    def back() -> None:
        moment.back()
        for slip in slips:
            client("s3").put_object(Bucket="comanda-test-documents", Key=slip, Body=b"slip")

    assert erase(world, ada).status == 200  # which reads the secrets
    back()
    counted = Crash()
    with counted:
        assert erase(world, ada).status == 200
    points = counted.points()
    for at, after in points:
        back()
        with Crash(at, after=after), pytest.raises(Crashed):
            erase(world, ada)
        if not any(row["pk"].startswith("ER#") for row in world.tables()["Orders"]):
            assert erase(world, work).status == 200  # nothing was begun, or everything is done
        world.pass_time(600)
        world.sweep()
        world.settle()
        kept = [row for row in world.tables()["Customers"] if not row["pk"].startswith(("AU#", "AS#"))]
        kept = [row for row in kept if not keys.is_legal_copy(row)]
        assert {row["sk"] for row in kept} <= {"V#1", keys.HEADER}, kept
        assert all(set(row) <= {"pk", "sk", "erased_at", "by", "ttl"} for row in kept)
    print(f"erasure after a merge: {len(points)} of {len(points)} crash points finished")  # noqa: T201


def test_merges_and_undos_are_noted(world: World):
    one, two = people(world, 2)
    merge(world, one, two)
    unmerge(world, one)

    notes = world.call("GET", "/v1/audit", who="office", query={"customer": two}).body["items"]
    assert {(note["act"], *note["customer_ids"]) for note in notes} == {("merge", one, two), ("unmerge", one, two)}
