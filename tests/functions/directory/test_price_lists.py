"""Price lists are stored whole, hold for their channels and days, and never contradict each other."""

from typing import Any

import pytest

from comanda.aws.directory import directory, price_list_writer
from tests.faults import Crash, Crashed
from tests.functions.world import Reply, World, usd

PATH = "/v1/price-lists"


def a_list(*prices: tuple[str, int], **changes: Any) -> dict[str, Any]:
    doc: dict[str, Any] = {"name": "Web", "channels": ["web"], "currency": "USD", "valid_from": "2026-11-01"}
    return {**doc, "prices": [{"sku": sku, "unit_price": usd(amount)} for sku, amount in prices], **changes}


def put(world: World, name: str, doc: dict[str, Any], **more: Any) -> Reply:
    reply = world.call("PUT", f"{PATH}/{name}", doc, who="office", **more)
    directory.forget()
    return reply


def cost(world: World, sku: str = "TEA-001", who: str = "office", **query: str) -> int | None:
    reply = world.call("GET", "/v1/list-prices", query={"channel": "web", "sku": sku, **query}, who=who)
    return reply.body["unit_price"]["amount"] if reply.status == 200 else None


def listed(world: World, name: str, **query: str) -> list[tuple[str, int]]:
    items, query = [], {"limit": "2", **query}
    while True:
        page = world.call("GET", f"{PATH}/{name}/prices", query=query, who="office").body
        items += [(one["sku"], one["unit_price"]["amount"]) for one in page["items"]]
        if page["next"] is None:
            return items
        query["cursor"] = page["next"]


def test_a_list_is_stored_with_its_prices_and_each_version_names_its_set(world: World):
    first = put(world, "base", a_list(("TEA-001", 1_299), ("CUP-001", 850)))
    same = put(world, "base", a_list(("CUP-001", 850), ("TEA-001", 1_299)))
    second = put(world, "base", a_list(("TEA-001", 1_199)))

    assert (first.status, first.body["version"], first.body["price_count"]) == (201, 1, 2)
    assert (same.status, same.body["version"], same.body["price_set"]) == (200, 1, first.body["price_set"])
    assert (second.body["version"], second.body["price_count"]) == (2, 1)
    assert second.body["price_set"] != first.body["price_set"]
    assert listed(world, "base") == [("TEA-001", 1_199)]
    assert "prices" not in world.call("GET", f"{PATH}/base", who="office").body
    assert [one["id"] for one in world.call("GET", PATH, who="office").body["items"]] == ["base"]


def test_a_list_without_prices_in_its_request_keeps_those_that_it_has(world: World):
    before = put(world, "base", a_list(("TEA-001", 1_299)))
    doc = a_list(valid_until="2026-12-01")
    del doc["prices"]

    after = put(world, "base", doc)

    assert (after.body["version"], after.body["valid_until"]) == (2, "2026-12-01")
    assert after.body["price_set"] == before.body["price_set"]
    assert cost(world) == 1_299
    assert put(world, "new", {**doc, "channels": ["outlet"]}).body["price_count"] == 0


def test_the_list_that_began_last_goes_before_and_others_have_what_it_lacks(world: World):
    put(world, "base", a_list(("TEA-001", 1_299), ("CUP-001", 850)))
    put(world, "week", a_list(("TEA-001", 999), valid_from="2026-11-20", valid_until="2026-11-27"))

    assert [cost(world, day=day) for day in ("2026-11-19", "2026-11-20", "2026-11-26", "2026-11-27")] == [
        1_299,
        999,
        999,
        1_299,
    ]
    assert cost(world, "CUP-001", day="2026-11-20") == 850
    assert cost(world) == 1_299  # today
    assert cost(world, day="2026-10-31") is None
    assert cost(world, currency="EUR") is None


def test_a_price_names_its_list_its_version_and_its_tax(world: World):
    taxed = {"sku": "CUP-001", "unit_price": usd(850), "tax_rate": "0.2", "tax_class": "ware"}
    put(
        world,
        "base",
        a_list(includes_tax=True, tax_rate="0.1", prices=[taxed, {"sku": "TEA-001", "unit_price": usd(0)}]),
    )

    def found(sku: str) -> dict[str, Any]:
        query = {"channel": "web", "sku": sku, "day": "2026-11-02"}
        body: dict[str, Any] = world.call("GET", "/v1/list-prices", query=query).body
        return body

    cup = found("CUP-001")
    assert (cup["tax_rate"], cup["tax_class"], cup["includes_tax"]) == ("0.2", "ware", True)
    assert (cup["price_list"], cup["channel"], cup["day"]) == ({"id": "base", "version": 1}, "web", "2026-11-02")
    assert (found("TEA-001")["tax_rate"], found("TEA-001")["unit_price"]) == ("0.1", usd(0))


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"channels": ["web", "moon"]}, ("/channels/1", "unknown-channel")),
        ({"channels": []}, ("/channels", "too-short")),
        ({"channels": ["web", "web"]}, ("/channels", "named-twice")),
        ({"currency": "BRL", "prices": []}, ("/channels/0", "not-sold-in")),
        ({"partner_id": "moon"}, ("/partner_id", "unknown-partner")),
        ({"valid_from": "2026-02-30"}, ("/valid_from", "not-a-day")),
        ({"valid_until": "2026-11-01"}, ("/valid_until", "value-error")),
        ({"tax_rate": "1.5"}, ("/tax_rate", "value-error")),
        ({"tax_rate": "a lot"}, ("/tax_rate", "string-pattern-mismatch")),
        ({"name": "\u200b"}, ("/name", "string-too-short")),
        ({"colour": "red"}, ("/colour", "extra-forbidden")),
        ({"prices": [{"sku": "NONE", "unit_price": usd(1)}]}, ("/prices/0/sku", "unknown-sku")),
        ({"prices": [{"sku": "TEA-001", "unit_price": usd(1)}] * 2}, ("/prices/1/sku", "duplicate")),
        (
            {"prices": [{"sku": "TEA-001", "unit_price": usd(-1)}]},
            ("/prices/0/unit_price/amount", "greater-than-equal"),
        ),
        (
            {"prices": [{"sku": "TEA-001", "unit_price": {"amount": 1, "currency": "EUR"}}]},
            ("/prices/0/unit_price/currency", "mixed-currencies"),
        ),
        (
            {"prices": [{"sku": "TEA-001", "unit_price": usd(1), "tax_rate": "1"}]},
            ("/prices/0/tax_rate", "value-error"),
        ),
        ({"prices": [{"sku": "T", "unit_price": usd(1)}] * 5_001}, ("/prices", "too-long")),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wrong_list_is_refused_by_the_name_of_its_field(world: World, changes: Any, wrong: tuple[str, str]):
    reply = put(world, "base", a_list(("TEA-001", 1_299), **changes))

    assert (reply.status, reply.errors[0]) == (422, wrong), reply.body
    assert world.call("GET", f"{PATH}/base", who="office").status == 404
    assert world.aws.items("Directory", "PRICELISTS") == []


def test_lists_that_contradict_each_other_are_refused_and_the_other_is_named(world: World):
    put(world, "base", a_list(("TEA-001", 1_299)))

    tie = put(world, "other", a_list(channels=["outlet", "web"]))
    taxed = put(world, "other", a_list(valid_from="2026-11-05", includes_tax=True))
    euro = put(world, "base", a_list(currency="EUR"))

    assert (tie.status, tie.errors) == (422, [("/valid_from", "same-day")])
    assert "the price list base holds for web in USD from the same day" in tie.body["detail"]
    assert taxed.errors == [("/includes_tax", "mixed-tax")]
    assert euro.errors == [("/currency", "another-currency")]
    assert put(world, "other", a_list(currency="EUR")).status == 201
    assert put(world, "apart", a_list(channels=["outlet"])).status == 201


def test_a_stale_writer_is_refused_and_so_is_a_name_that_is_no_id(world: World):
    put(world, "base", a_list(("TEA-001", 1_299)))

    assert put(world, "base", a_list(("TEA-001", 1)), if_match='"v7"').status == 412
    assert put(world, "a list", a_list()).errors == [("/id", "malformed-id")]
    assert cost(world) == 1_299


def test_of_two_lists_stored_at_once_that_contradict_each_other_one_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """The other list is stored between the check of the first and its transaction."""
    real, once = price_list_writer.put_set, []

    def slow(name: str, *rest: Any) -> int:
        if not once:
            once.append(name)
            assert put(world, "second", a_list(("TEA-001", 2))).status == 201
        return real(name, *rest)

    monkeypatch.setattr(price_list_writer, "put_set", slow)

    first = put(world, "first", a_list(("TEA-001", 1)))

    assert (first.status, first.errors) == (422, [("/valid_from", "same-day")])
    assert cost(world) == 2


def test_prices_that_another_writer_stores_meanwhile_are_not_lost(world: World, monkeypatch: pytest.MonkeyPatch):
    """A request without prices keeps the newest ones, not those that it has read."""
    put(world, "base", a_list(("TEA-001", 1)))
    real, once = price_list_writer._written, []

    def slow(*args: Any) -> Any:
        if not once:
            once.append(1)
            assert put(world, "base", a_list(("TEA-001", 2))).status == 200
        return real(*args)

    monkeypatch.setattr(price_list_writer, "_written", slow)
    doc = a_list(name="Another name")
    del doc["prices"]

    assert put(world, "base", doc).body["version"] == 3
    assert cost(world) == 2


def test_a_channel_asks_for_the_prices_of_its_own_channels_alone(world: World):
    put(world, "base", a_list(("TEA-001", 1_299), channels=["web", "outlet"]))
    asked = {"channel": "outlet", "sku": "TEA-001"}

    assert cost(world, who="shop") == 1_299
    assert world.call("GET", "/v1/list-prices", query=asked, who="shop").status == 404
    assert world.call("GET", f"{PATH}/base", who="shop").status == 403
    assert world.call("GET", f"{PATH}/base/prices", who="shop").status == 403


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"channel": "web"}, "/sku"),
        ({"sku": "TEA-001"}, "/channel"),
        ({"channel": "web", "sku": "TEA-001", "day": "tomorrow"}, "/day"),
        ({"channel": "web", "sku": "TEA-001", "currency": "usd"}, "/currency"),
    ],
    ids=str,
)
def test_a_question_without_its_parts_is_refused_by_name(world: World, query: dict[str, str], pointer: str):
    reply = world.call("GET", "/v1/list-prices", query=query)

    assert (reply.status, [at for at, _ in reply.errors]) == (422, [pointer])


def test_prices_are_listed_page_by_page_and_by_the_beginning_of_their_skus(world: World):
    for sku in ("A/1", "A 2", "B#3", "Ä4"):
        world.product(sku)
    put(world, "base", a_list(("A/1", 1), ("A 2", 2), ("B#3", 3), ("Ä4", 4), ("TEA-001", 5)))

    assert sorted(listed(world, "base")) == sorted([("A/1", 1), ("A 2", 2), ("B#3", 3), ("Ä4", 4), ("TEA-001", 5)])
    assert sorted(listed(world, "base", prefix="A")) == [("A 2", 2), ("A/1", 1)]
    assert listed(world, "base", prefix="nothing") == []
    assert world.call("GET", f"{PATH}/none/prices", who="office").status == 404


def test_a_crash_at_any_call_leaves_the_list_of_before_or_the_new_one_whole(world: World):
    skus = [f"SKU-{n}" for n in range(60)]
    for sku in skus:
        world.product(sku)
    old, new = a_list(*((sku, 1) for sku in skus)), a_list(*((sku, 2) for sku in skus))
    put(world, "base", old)
    with Crash() as counting:
        counting.begin("directory")
        put(world, "base", new)
    points = counting.points()
    assert len(points) >= 5  # three groups of prices and a transaction, after each of them, and before the first call

    for at, after in points:
        put(world, "base", old)
        version = world.call("GET", f"{PATH}/base", who="office").body["version"]
        directory.forget()
        with Crash(at, after=after) as crash, pytest.raises(Crashed):
            put(world, "base", new)
        directory.forget()
        sums = sum(amount for _, amount in listed(world, "base", limit="100"))
        assert sums in (60, 120), crash.happened
        again = put(world, "base", new)
        assert (again.status, again.body["version"]) == (200, version + 1), crash.happened
        assert sum(amount for _, amount in listed(world, "base", limit="100")) == 120
    print(f"crash: {len(points)} crash points of a price list, all of them whole")  # noqa: T201  # a published figure
