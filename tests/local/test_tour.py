"""A demonstration ends with orders to look at: each shows another thing, and each is a page of the console."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local import addresses, tour
from local.instance import Instance

ROUTED = {"type": "routed", "fulfillments": [{"node": "a", "method": "SHIP"}]}
SPLIT = {"type": "routed", "fulfillments": [{"node": "a", "method": "SHIP"}, {"node": "b", "method": "SHIP"}]}
DECLINED = {"type": "line_declined"}


def an_order(
    waits: str | None = None, status: str = "SHIPPED", method: str = "SHIP", closed: bool = True, held: bool = False
) -> Any:
    line = SimpleNamespace(waits_in=waits, allocations=(SimpleNamespace(status=status),))
    return SimpleNamespace(
        closed=closed,
        holds=(SimpleNamespace(queue="sales-review", active=held),),
        lines=(line,),
        fulfillments=(SimpleNamespace(method=method, shipped_at="2026-11-29"),),
    )


ORDERS = {
    "ord_plain": an_order(),
    "ord_split": an_order(),
    "ord_again": an_order(),
    "ord_short": an_order(),
    "ord_late": an_order(status="BACKORDERED", closed=False),
    "ord_asked": an_order(waits="unroutable", closed=False),
    "ord_no": an_order(),
    "ord_fetched": an_order(method="PICKUP"),
}
EVENTS: dict[str, list[dict[str, Any]]] = {
    "ord_plain": [ROUTED],
    "ord_split": [SPLIT],
    "ord_again": [SPLIT, DECLINED, ROUTED],
    "ord_short": [ROUTED, {"type": "short_picked"}, ROUTED],
    "ord_no": [{"type": "rejected"}],
}


def test_five_orders_are_chosen_and_each_shows_another_thing() -> None:
    sights = tour.choose(ORDERS, EVENTS)

    assert [sight.order_id for sight in sights] == ["ord_asked", "ord_short", "ord_again", "ord_split", "ord_no"]
    assert len({sight.what for sight in sights}) == tour.MOST


def test_a_reason_that_no_order_gives_is_left_out() -> None:
    few = {name: ORDERS[name] for name in ("ord_plain", "ord_fetched", "ord_late")}

    assert [sight.order_id for sight in tour.choose(few, EVENTS)] == ["ord_late", "ord_fetched"]
    assert tour.choose({}, {}) == ()


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Instance:
    monkeypatch.setattr(Instance, "home", tmp_path)
    return Instance(name="tour")


def test_an_order_that_waits_for_the_person_who_signs_in_comes_first() -> None:
    first, *_ = tour.choose({**ORDERS, "ord_new": an_order(closed=False, held=True)}, EVENTS)

    assert (first.order_id, first.what.partition(":")[0]) == ("ord_new", "It waits for sales")


def test_the_tour_names_address_person_and_pages_and_no_password(instance: Instance) -> None:
    instance.remember_person("sales", {"id": "1", "email": "sales@example.com", "password": "Aa1!secret"})

    said = "\n".join(tour.lines(instance, "http://127.0.0.1:1/live/console", tour.choose(ORDERS, EVENTS)))

    assert said.startswith("now open   http://127.0.0.1:1/live/console\n")
    assert f"sales@example.com, with the password of the entry sales in {instance.people}" in said
    assert all(f"console/orders/{sight.order_id}\n" in said for sight in tour.choose(ORDERS, EVENTS))
    assert "Aa1!secret" not in said


def test_status_names_console_form_and_people_and_no_password(instance: Instance) -> None:
    class Deployed(dict[str, str]):
        base_url, token_url = "http://127.0.0.1:1/live", "http://127.0.0.1:1/token"

    deployed: Any = Deployed({"console-url": "http://127.0.0.1:1/live/console", "files-bucket": "files"})
    assert dict(addresses.lines(instance, deployed))["people"].startswith("make seed invites some")

    for name in ("sales", "picker"):
        instance.remember_person(name, {"id": name, "email": f"{name}@example.com", "password": "Aa1!secret"})
    found = dict(addresses.lines(instance, deployed))

    assert found["console"] == "http://127.0.0.1:1/live/console"
    assert found["form"].startswith("http://127.0.0.1:1/live/o/")
    assert found["people"] == f"picker@example.com, sales@example.com: passwords in {instance.people}"
