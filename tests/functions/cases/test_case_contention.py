"""Twenty people who work on one case, or open cases of one order, at once: every word is kept, once, and nobody gets a 5xx."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.functions.cases.desk import case, listed, open_case, opened, step
from tests.functions.world import Reply, World

MANY = 20


def test_notes_of_twenty_people_at_once_are_all_kept(world: World):
    case_id = opened(world, world.placed(("TEA-001", 1)))
    together = Barrier(MANY)

    def note(n: int) -> Reply:
        together.wait()
        return step(world, case_id, "note", text=f"note {n}")

    with ThreadPoolExecutor(MANY) as pool:
        replies = list(pool.map(note, range(MANY)))

    assert {reply.status for reply in replies} == {200}
    found = case(world, case_id)
    assert sorted(text["text"] for text in found["items"][1:]) == sorted(f"note {n}" for n in range(MANY))
    assert [event["version"] for event in found["events"]] == [*range(1, MANY + 2)]


def test_twenty_cases_of_one_order_at_once_have_twenty_numbers(world: World):
    order_id = world.placed(("TEA-001", 1))
    together = Barrier(MANY)

    def open_one(_: int) -> Reply:
        together.wait()
        return open_case(world, order_id)

    with ThreadPoolExecutor(MANY) as pool:
        replies = list(pool.map(open_one, range(MANY)))

    assert {reply.status for reply in replies} == {201}
    assert listed(world, order_id=order_id) == [f"cas_{order_id[4:]}-{n:03d}" for n in range(1, MANY + 1)]


def test_of_a_close_and_a_customers_words_at_once_neither_is_lost(world: World):
    order_id = world.placed(("TEA-001", 1))
    for _ in range(5):
        case_id = opened(world, order_id)
        together = Barrier(2)

        def close(name: str = case_id, at: Barrier = together) -> Reply:
            at.wait()
            return step(world, name, "close", outcome="ANSWERED")

        def write(name: str = case_id, at: Barrier = together) -> Reply:
            at.wait()
            return step(world, name, "note", who="shop", text="But it is broken!")

        with ThreadPoolExecutor(2) as pool:
            replies = [made.result() for made in (pool.submit(close), pool.submit(write))]

        assert {reply.status for reply in replies} == {200}
        found = case(world, case_id)
        assert found["items"][-1]["text"] == "But it is broken!"
        # The words came first, and the agent has closed on them; or they came after, and opened the case again.
        types = [event["type"] for event in found["events"]]
        assert types in (["opened", "noted", "closed"], ["opened", "closed", "reopened"])
