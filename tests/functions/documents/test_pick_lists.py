"""The pick list leads through the node on a short walk, and scanners read its barcodes."""

import json
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from comanda.domain.documents import pick_list
from comanda.domain.labels import labels
from functions.documents import pick_lists, press
from tests.functions.documents.stored import key_of, objects, pages
from tests.functions.world import START, Reply, World

GTIN, LONG, JAPANESE = "4006381333931", "POT-BLACK-CAST-IRON-1200-ML", "急須"


@pytest.fixture
def order_id(world: World) -> str:
    """Give an order that dc-1 was offered, whose skus lie in two zones."""
    for sku in ("TEA-001", "CUP-001", "POT-001"):
        world.stocked(sku, dc_1=9)
    rows = [("TEA-001", "B", 1), ("CUP-001", "A", 7)]
    places = [{"sku": sku, "location": {"zone": zone, "aisle": 2, "rack": rack}} for sku, zone, rack in rows]
    stored = world.call(
        "PUT", "/v1/nodes/dc-1/locations", {"as_of": START.isoformat(), "rows": places}, who="dc-1-system"
    )
    assert stored.status == 200, stored.body
    placed = world.placed(("TEA-001", 3), ("POT-001", 1), ("CUP-001", 2))
    world.settle()
    return placed


def work(order_id: str) -> str:
    return f"/v1/fulfillments/ful_{order_id[4:]}-001"


def get(world: World, order_id: str, path: str = "pick-list", who: str = "dc-1-system") -> Reply:
    return world.call("GET", f"{work(order_id)}/{path}", who=who)


def test_rows_are_in_the_order_of_the_walk_with_unplaced_skus_last(world: World, order_id: str):
    listed = get(world, order_id).body

    assert [(row["sku"], row["units"]) for row in listed["rows"]] == [("CUP-001", 2), ("TEA-001", 3), ("POT-001", 1)]
    assert listed["rows"][0]["location"] == {"zone": "A", "aisle": 2, "rack": 7, "bin": None}
    assert listed["rows"][2]["location"] is None
    assert (listed["node_id"], listed["units"]) == ("dc-1", 6)


def test_picked_units_leave_the_list(world: World, order_id: str):
    path = work(order_id)
    for step in ("accept", "start-pick"):
        assert world.call("POST", f"{path}/{step}", {}, who="dc-1-system").status == 200
    assert get(world, order_id).body["units"] == 6
    assert world.call("POST", f"{path}/pick", {}, who="dc-1-system").status == 200

    for form in ("pick-list", "documents/pick-list"):
        assert get(world, order_id, form).status == 404
        assert "nothing of this fulfillment is left to pick" in get(world, order_id, form).body["detail"]


def test_the_paper_is_made_once_and_names_nobody(world: World, order_id: str, monkeypatch: pytest.MonkeyPatch):
    first = get(world, order_id, "documents/pick-list")
    monkeypatch.setattr(press, "pdf", None)
    again = get(world, order_id, "documents/pick-list")

    assert (first.status, key_of(again), len(objects())) == (303, key_of(first), 1)
    (text,) = pages(key_of(first))
    for words in ("Pick list", "CUP-001", "A 2-7", "No location", "All units 6", f"ful_{order_id[4:]}-001"):
        assert words in text, text
    assert not any(words in text for words in ("Ada", "Main St", "9.99"))


def test_the_list_is_not_there_for_others(world: World, order_id: str):
    for form in ("pick-list", "documents/pick-list"):
        assert get(world, order_id, form, who="dc-2-system").status == 404
    assert get(world, order_id, who="shop").status == 403


def test_opening_a_list_is_not_noted_as_opening_an_address(world: World, order_id: str):
    before = world.aws.items("Customers")

    assert get(world, order_id, "documents/pick-list", who="picker").status == 303
    assert world.aws.items("Customers") == before


@pytest.mark.parametrize(
    ("country", "locale"), [("BR", "pt-BR"), ("MX", "es"), ("US", "en-US"), ("DE", "en-US"), (None, "en-US")]
)
def test_the_language_is_that_of_the_country(country: str | None, locale: str):
    assert labels.supported(pick_lists._language(country)) == labels.supported(locale)


@pytest.mark.parametrize("locale", labels.LOCALES)
def test_scanners_read_every_barcode(locale: str):
    """It is drawn with 200 dots an inch, as the plainest printers do."""
    rows = [row("TEA-001", GTIN), row("CUP-001"), row(LONG), row(JAPANESE)]
    fulfillment = "ful_us1_01J0000000000000000000000A-001"
    listed = {"fulfillment_id": fulfillment, "node_id": "dc-1", "node_name": "DC East", "units": 4, "rows": rows}

    read = zxingcpp.read_barcodes(Image.open(BytesIO(drawn(pick_list.content(listed, "US", locale)))))

    bars, square = zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode
    assert {(code.format, code.text) for code in read} == {
        *((bars, text) for text in (fulfillment, GTIN, "CUP-001")),
        *((square, text) for text in (LONG, JAPANESE)),
    }


def row(sku: str, gtin: str | None = None) -> dict[str, Any]:
    where = {"zone": "A", "aisle": 12, "rack": 104, "bin": "2"} if gtin else None
    return {"sku": sku, "gtin": gtin, "title": f"{sku}: a long name of an article", "units": 1, "location": where}


def drawn(content: dict[str, Any]) -> bytes:
    made = press._compiler("pick_list").compile(
        format="png", ppi=200, sys_inputs={"data": json.dumps(pick_lists.with_bars(content))}
    )
    assert isinstance(made, bytes)
    return made
