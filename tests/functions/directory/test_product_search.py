"""Products found by their GTIN and by words of their title and sku."""

from typing import Any

import pytest

from comanda.aws.directory import directory, product_index, writer
from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.settings import settings
from functions.directory import handler as room
from tests.functions.world import START, World

EAN, UPC, EAN_8 = "4006381333931", "036000291452", "96385074"


def put(world: World, sku: str, title: str, **more: Any) -> Any:
    doc = {"title": title, "weight_g": 100, "class": "AMBIENT", **more}
    return world.call("PUT", f"/v1/products/{sku}", doc, who="office")


def skus(world: World, who: str = "shop", **query: str) -> list[str]:
    reply = world.call("GET", "/v1/products", who=who, query=query)
    assert reply.status == 200, reply.body
    assert reply.body["next"] is None
    return [one["id"] for one in reply.body["items"]]


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        (EAN, EAN),
        (EAN, f"0{EAN}"),
        (f"0{EAN}", EAN),
        (UPC, f"0{UPC}"),
        (UPC, f"00{UPC}"),
        (EAN_8, f"000000{EAN_8}"),
        (EAN_8, f"  {EAN_8} "),
    ],
)
def test_a_product_is_found_by_its_gtin_in_any_form(world: World, stored: str, asked: str):
    put(world, "X-1", "Marker", gtin=stored)

    assert skus(world, gtin=asked) == ["X-1"]


def test_a_gtin_of_no_product_finds_nothing(world: World):
    assert skus(world, gtin=EAN) == []


@pytest.mark.parametrize("wrong", ["4006381333932", "123456789", "abc", "٤٠٠٦٣٨١٣٣٣٩٣١", "0000000000000", "-96385074"])
def test_a_text_that_is_no_gtin_is_refused(world: World, wrong: str):
    asked = world.call("GET", "/v1/products", who="shop", query={"gtin": wrong})

    assert (asked.status, asked.errors) == (422, [("/gtin", "not-a-gtin")])


def test_a_product_with_a_wrong_check_digit_is_refused(world: World):
    refused = put(world, "X-1", "Marker", gtin="4006381333932")

    assert (refused.status, refused.errors) == (422, [("/gtin", "not-a-gtin")])


def test_a_gtin_of_two_products_is_refused_and_the_other_one_named(world: World):
    put(world, "X-1", "Marker", gtin=EAN)

    refused = put(world, "X-2", "Other marker", gtin=f"0{EAN}")

    assert (refused.status, refused.errors) == (422, [("/gtin", "gtin-taken")])
    assert "X-1" in str(refused.body)
    assert skus(world, gtin=EAN) == ["X-1"]


def test_a_gtin_moves_with_its_product_and_is_free_again(world: World):
    put(world, "X-1", "Marker", gtin=EAN)
    put(world, "X-1", "Marker", gtin=UPC)

    assert skus(world, gtin=EAN) == []
    assert skus(world, gtin=UPC) == ["X-1"]
    assert put(world, "X-2", "Pen", gtin=EAN).status == 201
    assert put(world, "X-1", "Marker").status == 200
    assert skus(world, gtin=UPC) == []


def test_two_writers_never_give_one_gtin_to_two_products(world: World):
    """The check of the door may be too early: the transaction holds the row itself."""
    put(world, "X-1", "Marker", gtin=EAN)
    doc = {"title": "Pen", "weight_g": 1, "class": "A", "gtin": EAN}

    with pytest.raises(writer.StaleEntry):
        writer.put(
            directory.PRODUCT, "X-2", doc, expected=0, by="x", now=START, index=product_index.index_rows("X-2", doc)
        )

    assert writer.read(directory.PRODUCT, "X-2") is None
    assert skus(world, gtin=EAN) == ["X-1"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cha", ["CHA-1", "CHA-2"]),
        ("Chá", ["CHA-1", "CHA-2"]),
        ("VERDE", ["CHA-1"]),
        ("verde cha", ["CHA-1"]),
        ("ver ch", ["CHA-1"]),
        ("pre", ["CHA-2"]),
        ("CHA-2", ["CHA-2"]),
        ("cha2", ["CHA-2"]),
        ("cha-", ["CHA-1", "CHA-2"]),
        ("shaker", []),
        ("verde preto", []),
        ("{{7*7}}", []),
        ("شاي", ["ARB-1"]),
        ("\U0001f375", []),
        ("ch", []),
        ("Q7", ["Q7"]),
        ("q7", []),
    ],
)
def test_products_are_found_by_the_beginnings_of_all_words(world: World, query: str, found: list[str]):
    put(world, "CHA-1", "Chá Verde, 100 g")
    put(world, "CHA-2", "Cha\u0301 preto")
    put(world, "ARB-1", "شاي أخضر")
    put(world, "Q7", "Kettle")

    for who in ("shop", "form", "office", "picker", "acme"):
        assert skus(world, who, q=query) == found


def test_a_product_that_is_called_otherwise_is_found_by_its_new_words_alone(world: World):
    put(world, "Z-1", "Copper kettle")
    put(world, "Z-1", "Copper pan")

    assert (skus(world, q="kettle"), skus(world, q="pan"), skus(world, q="copper")) == ([], ["Z-1"], ["Z-1"])


def test_an_answer_has_at_most_twenty_products_in_one_order(world: World):
    for n in range(25):
        put(world, f"BOLT-{n:02d}", "Bolt")
    put(world, "AAA", "Boltcutter")

    first = skus(world, q="bolt")

    assert first == [f"BOLT-{n:02d}" for n in range(20)]
    assert skus(world, q="bolt") == first
    assert skus(world, q="bolt", limit="3") == first[:3]
    assert skus(world, q="bolt 24") == ["BOLT-24"]


@pytest.mark.parametrize("beside", [{"prefix": "A"}, {"gtin": EAN}, {"cursor": "x"}])
def test_words_go_with_no_other_filter(world: World, beside: dict[str, str]):
    refused = world.call("GET", "/v1/products", who="shop", query={"q": "bolt", **beside})

    assert (refused.status, [code for _, code in refused.errors]) == (422, ["not-together"])


@pytest.mark.parametrize("kind", ["nodes", "channels"])
def test_other_kinds_have_no_search(world: World, kind: str):
    refused = world.call("GET", f"/v1/{kind}", who="office", query={"q": "bolt"})

    assert (refused.status, refused.errors) == (400, [("/q", "unknown-parameter")])


def test_a_product_of_before_the_index_is_found_after_a_rebuild_and_a_second_gtin_is_named(world: World):
    before = {"title": "Old kettle", "weight_g": 1, "class": "A", "gtin": EAN}
    for sku, doc in (("OLD-1", before), ("OLD-2", before), ("OLD-3", {**before, "gtin": "123456789"})):
        writer.put(directory.PRODUCT, sku, doc, expected=0, by="x", now=START)
    assert skus(world, q="kettle") == []

    done = room.handler({"rebuild": "products"}, None)

    assert done is not None
    assert done["without_gtin"] == ["OLD-2", "OLD-3"]
    assert done["after"] is None
    assert skus(world, q="kettle") == ["OLD-1", "OLD-2", "OLD-3"]
    assert skus(world, gtin=EAN) == ["OLD-1"]
    assert world.call("GET", "/v1/products/OLD-1", who="shop").body["version"] == 1
    assert room.handler({"rebuild": "products"}, None) == done


def test_a_rebuild_stops_before_its_time_is_over_and_goes_on_after_the_last_product(world: World, monkeypatch: Any):
    monkeypatch.setattr("functions.directory.product_search._AT_ONCE", 2)
    for n in range(3):
        doc = {"title": f"Lamp {n}", "weight_g": 1, "class": "A"}
        writer.put(directory.PRODUCT, f"ZZ-{n}", doc, expected=0, by="x", now=START)

    class Hurried:
        def get_remaining_time_in_millis(self) -> int:
            return 5_000

    after, rounds = "", 0
    while after is not None:
        done = room.product_search.rebuild(after, Hurried())
        after, rounds = done["after"], rounds + 1

    assert rounds > 1
    assert skus(world, q="lamp") == ["ZZ-0", "ZZ-1", "ZZ-2"]


def test_a_row_of_words_holds_no_more_than_it_needs(world: World):
    put(world, "Z-1", "Copper kettle")

    row = reads.get(settings.directory_table, keys.product_word("copper", "Z-1"))

    assert row == {**keys.product_word("copper", "Z-1"), "id": "Z-1", "words": "z1 z 1 copper kettle"}
