"""Merges and undos that come while a person is read row by row: each request is answered as if it had come before or after."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from comanda.aws.customers import customer_lookup, customer_merges
from tests.functions.customers.test_customer_merges import merge, orders_of, people, read, unmerge
from tests.functions.erase.test_erase import erase
from tests.functions.world import Reply, World

ASKED: dict[str, Callable[[World, str, str, str], Reply]] = {
    "undo": lambda world, one, _two, _three: unmerge(world, one),
    "merge again": lambda world, one, two, _three: merge(world, one, two),
    "merge the root": lambda world, _one, two, three: merge(world, two, three),
    "merge elsewhere": lambda world, one, _two, three: merge(world, one, three),
    "read": lambda world, one, _two, _three: read(world, one),
    "export": lambda world, one, _two, _three: world.call("GET", f"/v1/customers/{one}/export", who="office"),
    "erase": lambda world, one, _two, _three: erase(world, one),
}


@contextmanager
def before_read(n: int, other: Callable[[], Any]) -> Iterator[None]:
    """Let other requests come before the n-th time that a customer's rows are read."""
    plain, seen = customer_merges._read_rows, [0]

    def read_rows(customer_id: str) -> Any:
        seen[0] += 1
        if seen[0] == n:
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
        return plain(customer_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(customer_merges, "_read_rows", read_rows)
        yield


def its_order(customer_id: str) -> str:
    """Return the only order of a customer, whatever it is merged with."""
    (found,) = customer_lookup.all_orders_of(customer_id)
    return found


def groups(world: World, customer_ids: list[str]) -> set[frozenset[str]]:
    return {frozenset(orders_of(read(world, one))) for one in customer_ids}


@pytest.mark.parametrize("n", range(1, 8))
@pytest.mark.parametrize("asked", ASKED)
def test_an_undo_between_two_reads_is_no_error_and_loses_nothing(world: World, asked: str, n: int):
    one, two, three = people(world, 3)
    merge(world, one, two)
    undone: list[Reply] = []

    with before_read(n, lambda: undone.append(unmerge(world, one))):
        reply = ASKED[asked](world, one, two, three)

    assert reply.status in (200, 409), reply.body
    assert all(each.status in (200, 409) for each in undone)
    found = groups(world, [one, two, three])
    assert sorted(order for group in found for order in group) == sorted(map(its_order, (one, two, three)))


@pytest.mark.parametrize("n", range(1, 7))
def test_a_customer_that_is_merged_elsewhere_between_two_reads_is_in_one_person(world: World, n: int):
    one, two, three = people(world, 3)
    merge(world, one, two)

    def move() -> None:
        unmerge(world, one)
        merge(world, one, three)

    with before_read(n, move):
        reply = merge(world, one, two)

    assert reply.status in (200, 409), reply.body
    found = groups(world, [one, two, three])
    assert sorted(map(len, found)) == [1, 2]


def test_a_person_that_changes_at_every_read_is_asked_for_again(world: World):
    """503 with Retry-After is what a caller reads of a customer whom others merge and take apart all the time."""
    one, two = people(world, 2)
    merge(world, one, two)
    plain = customer_merges._read_rows

    def read_rows(customer_id: str) -> Any:
        rows = plain(customer_id)
        return [row for row in rows if row["sk"] == "#"] if customer_id == two else rows  # the undo came just before

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(customer_merges, "_read_rows", read_rows)
        reply = unmerge(world, one)

    assert (reply.status, reply.body["type"]) == (503, "urn:comanda:problem:stale-customer")
    assert len(orders_of(read(world, one))) == 2
