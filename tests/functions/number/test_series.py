"""Legal entities that share a node have series of their own there, each without a gap."""

from typing import Any

import pytest

from comanda.aws.directory import writer
from comanda.aws.dynamodb import keys, single_writes
from tests.functions.channels import set_channel
from tests.functions.credit.test_credit import credit, invoice_of
from tests.functions.documents.stored import pages
from tests.functions.world import Reply, World
from tests.invariants import broken


def entity(world: World, name: str, prefix: str | None) -> Reply:
    doc = world.call("GET", "/v1/legal-entities/tea-co", who="office").body
    sent = {field: value for field, value in doc.items() if field not in ("id", "version", "number_prefix")}
    return world.call("PUT", f"/v1/legal-entities/{name}", {**sent, "number_prefix": prefix}, who="office")


@pytest.fixture
def shared(world: World) -> World:
    """Let two companies sell from the node dc-1: one by the channel web, one by the channel outlet."""
    world.stocked("TEA-001", dc_1=99)
    assert entity(world, "tea-co", "TEA").status == 200
    assert entity(world, "cup-co", "CUP").status == 201
    set_channel(world, "outlet", legal_entity="cup-co")
    return world


def shipped(world: World, channel: str) -> str:
    order_id = world.placed(("TEA-001", 1), channel=channel, who="office")
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    return order_id


def number(world: World, order_id: str) -> str:
    return str(world.call("GET", f"/v1/invoices/{invoice_of(order_id)}", who="office").body["number"])


def test_each_entity_counts_its_own_invoices_of_the_node(shared: World):
    orders = [shipped(shared, channel) for channel in ("web", "outlet", "web", "outlet", "web")]

    assert [number(shared, one) for one in orders] == [
        "TEA~dc-1-000001",
        "CUP~dc-1-000001",
        "TEA~dc-1-000002",
        "CUP~dc-1-000002",
        "TEA~dc-1-000003",
    ]
    assert broken(shared.tables()) == []


def test_credit_notes_are_numbered_beside_the_invoices_of_their_entity(shared: World):
    order_id = shipped(shared, "outlet")
    made = credit(shared, order_id)
    assert made.status == 201, made.body
    assert made.body["invoice_number"] == "CUP~dc-1-000001"
    shared.settle()

    note = shared.call("GET", f"/v1/credit-notes/{made.body['credit_note_id']}", who="office").body
    assert note["number"] == "CUP~dc-1-C000001"


def test_a_number_with_a_prefix_is_found_and_printed(shared: World):
    order_id = shipped(shared, "web")

    (hit,) = shared.call("GET", "/v1/find", who="office", query={"q": "TEA~dc-1-000001"}).body["items"]
    paper = shared.call("GET", f"/v1/invoices/{invoice_of(order_id)}/pdf", who="office")

    assert hit["id"] == invoice_of(order_id)
    assert paper.status == 303
    assert "TEA~dc-1-000001" in "".join(pages(paper.headers["Location"].partition("?")[0].rpartition(".com/")[2]))


def test_a_prefix_belongs_to_one_entity(shared: World):
    assert entity(shared, "mug-co", "TEA").errors == [("/number_prefix", "duplicate")]
    assert entity(shared, "tea-co", "TEA").status == 200
    assert entity(shared, "mug-co", "TEA/1").errors[0][0] == "/number_prefix"


def test_a_prefix_that_an_entity_has_given_up_stays_its_own(shared: World):
    shipped(shared, "web")
    assert entity(shared, "tea-co", "LEAF").status == 200

    assert entity(shared, "mug-co", "TEA").errors == [("/number_prefix", "duplicate")]
    assert entity(shared, "tea-co", None).status == 200
    assert entity(shared, "mug-co", "LEAF").errors == [("/number_prefix", "duplicate")]
    assert entity(shared, "tea-co", "TEA").status == 200


def test_a_prefix_of_an_entity_from_before_the_claims_stays_its_own(shared: World):
    for prefix in ("TEA", "CUP"):
        single_writes.delete("Directory", keys.number_prefix(prefix), condition="attribute_exists(pk)")

    assert entity(shared, "mug-co", "TEA").errors == [("/number_prefix", "duplicate")]
    assert entity(shared, "tea-co", "LEAF").status == 200
    assert entity(shared, "mug-co", "TEA").errors == [("/number_prefix", "duplicate")]
    assert entity(shared, "cup-co", "CUP").status == 200
    assert entity(shared, "mug-co", "CUP").errors == [("/number_prefix", "duplicate")]


def test_two_entities_that_take_a_prefix_at_once_do_not_both_get_it(shared: World, monkeypatch: pytest.MonkeyPatch):
    real, others = writer.put, list[Reply]()

    def after_another(kind: str, name: str, *args: Any, **options: Any) -> Any:
        if name == "mug-co":
            others.append(entity(shared, "jar-co", "NEW"))
        return real(kind, name, *args, **options)

    monkeypatch.setattr(writer, "put", after_another)

    refused = entity(shared, "mug-co", "NEW")

    assert (others[0].status, refused.status) == (201, 422)
    assert refused.errors == [("/number_prefix", "duplicate")]
    assert shared.call("GET", "/v1/legal-entities/mug-co", who="office").status == 404


def test_an_entity_without_a_prefix_counts_by_the_node(world: World):
    world.stocked("TEA-001", dc_1=9)

    assert number(world, shipped(world, "web")) == "dc-1-000001"
