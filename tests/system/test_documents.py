"""A document is downloaded from the deployed stack by the link that the API gives, and by no other address."""

from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urlsplit, urlunsplit

import httpx
import pypdf
import pytest

from infra import names
from tests.system.retailer import basket, line
from tests.system.world import PLAIN, DeployedWorld

ARABIC = "محمد عبد الله"


@pytest.fixture(scope="module")
def fulfillment(world: DeployedWorld) -> str:
    """Give the work of a gift to a person with an Arabic name."""
    tea = world.sku(dc_east=5)
    to = basket(line(tea))["ship_to"] | {"name": ARABIC, "line1": "#evil() *bold*"}
    order = world.routed(world.place_order(line(tea, 2), ship_to=to, gift="With love"))
    return str(order["fulfillments"][0]["fulfillment_id"])


def _download(address: str) -> httpx.Response:
    return httpx.get(address, **PLAIN)


def test_the_packing_slip_is_downloaded_by_its_link_and_has_the_address(world: DeployedWorld, fulfillment: str):
    path = f"/v1/fulfillments/{fulfillment}/documents/packing-slip"

    answer = world.clients["east"].send("GET", path)
    again = world.clients["east"].send("GET", path)

    assert answer.status_code == 303, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert urlsplit(again.headers["location"]).path == urlsplit(answer.headers["location"]).path
    pdf = _download(answer.headers["location"])
    assert pdf.status_code == 200, pdf.text
    assert pdf.headers["content-type"] == "application/pdf"
    (page,) = pypdf.PdfReader(BytesIO(pdf.content)).pages
    text = page.extract_text()
    assert "Packing slip" in text
    assert "#evil() *bold*" in text
    assert "With love" in text
    assert set(ARABIC) - {" "} <= set(text)
    assert fulfillment in text


def test_a_pick_list_leads_through_the_node_and_names_nobody(world: DeployedWorld, fulfillment: str):
    (sku,) = {one["sku"] for one in world.office.send("GET", f"/v1/fulfillments/{fulfillment}").json()["lines"]}
    where = {"zone": "A", "aisle": 3, "rack": 12, "bin": "2"}
    told = {"as_of": datetime.now(UTC).isoformat(), "rows": [{"sku": sku, "location": where}]}
    stored = world.clients["east"].send("PUT", "/v1/nodes/dc-east/locations", body=told)
    assert stored.status_code == 200, stored.text

    listed = world.clients["east"].send("GET", f"/v1/fulfillments/{fulfillment}/pick-list")
    paper = world.clients["east"].send("GET", f"/v1/fulfillments/{fulfillment}/documents/pick-list")

    assert [(row["sku"], row["location"]) for row in listed.json()["rows"]] == [(sku, where)]
    assert paper.status_code == 303, paper.text
    text = pypdf.PdfReader(BytesIO(_download(paper.headers["location"]).content)).pages[0].extract_text()
    assert "A 3-12" in text
    assert "With love" not in text


def test_an_object_is_read_by_no_address_without_a_signature(world: DeployedWorld, fulfillment: str):
    answer = world.office.send("GET", f"/v1/fulfillments/{fulfillment}/documents/packing-slip")
    parts = urlsplit(answer.headers["location"])

    assert f"{world.deployed[names.DOCUMENTS]}/" in parts.path
    assert _download(urlunsplit(parts._replace(query=""))).status_code == 403
    changed = parts.query[:-4] + ("0000" if not parts.query.endswith("0000") else "1111")
    assert _download(urlunsplit(parts._replace(query=changed))).status_code == 403


@pytest.mark.parametrize("who", ["stores", "acme"])
def test_others_get_no_link(world: DeployedWorld, fulfillment: str, who: str):
    answer = world.clients[who].send("GET", f"/v1/fulfillments/{fulfillment}/documents/packing-slip")

    assert answer.status_code == 404
    assert "location" not in answer.headers
