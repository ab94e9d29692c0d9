"""Test the lists of the directory: in pages, by id, with the entries that the caller may see."""

from typing import Any

import pytest

from comanda.aws.api.routes import NOT_SKUS, ROUTES
from comanda.aws.directory import directory, writer
from comanda.aws.dynamodb import keys
from comanda.aws.runtime.clients import client
from functions.directory import listing
from functions.directory.handler import KINDS
from tests.functions import user_pool
from tests.functions.test_queries import pages
from tests.functions.world import CHICAGO, SKUS, World


def ids(world: World, kind: str, who: str = "office", **query: str) -> list[str]:
    return [entry["id"] for entry in pages(world, f"/v1/{kind}", who=who, **{"limit": "3", **query})]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_entry_is_listed(kind: str, world: World):
    name = "default" if kind in ("stock-policies", "routing-costs") else "a-1"
    if not writer.read(KINDS[kind], name):
        world.entry(KINDS[kind], name, {"name": "as it was written once"})

    assert name in ids(world, kind)


def test_an_entry_in_a_list_is_the_same_as_the_entry_read_by_its_id(world: World):
    (found,) = pages(world, "/v1/products", limit="1", prefix="TEA-002")

    assert found == world.call("GET", "/v1/products/TEA-002", who="office").body


def test_entries_are_listed_by_id_and_by_the_prefix_of_an_id(world: World):
    for odd in ("TEA", "TEA~", "TEA 1", "TEA/1", "TEA-é"):
        world.product(odd)

    assert ids(world, "products") == sorted([*SKUS, "TEA", "TEA~", "TEA 1", "TEA/1", "TEA-é"], key=keys.text)
    assert set(ids(world, "products", prefix="TEA")) == {*SKUS[:2], "TEA", "TEA~", "TEA 1", "TEA/1", "TEA-é"}
    assert ids(world, "products", prefix="TEA/", limit="1") == ["TEA/1"]
    assert ids(world, "products", prefix="tea") == []


@pytest.mark.parametrize(
    ("who", "kind", "seen"),
    [
        ("shop", "channels", ["web"]),
        ("other-shop", "channels", ["outlet"]),
        ("sales", "channels", ["outlet", "web"]),
        ("acme", "channels", []),
        ("acme", "partners", ["acme"]),
        ("rival", "partners", ["rival"]),
        ("shop", "partners", []),
        ("office", "partners", ["acme", "rival"]),
        ("acme", "nodes", ["vendor-1"]),
        ("picker", "nodes", ["dc-1"]),
        ("shop", "nodes", ["dc-1", "dc-2", "store-1", "vendor-1"]),
        ("acme", "calendars", ["always"]),
    ],
)
def test_a_list_shows_the_entries_that_the_caller_may_see(who: str, kind: str, seen: list[str], world: World):
    for partner in ("acme", "rival"):
        world.entry(directory.PARTNER, partner, {"name": partner, "nodes": []})

    assert ids(world, kind, who, limit="1") == seen


@pytest.mark.parametrize("kind", ["rate-cards", "routing-costs", "clients"])
@pytest.mark.parametrize("who", ["shop", "acme", "dc-1-system", "picker"])
def test_rate_cards_and_clients_are_listed_for_the_office_only(who: str, kind: str, world: World):
    assert world.call("GET", f"/v1/{kind}", who=who).status == 403


def test_applications_are_listed_with_their_rights_and_without_secrets(world: World):
    pool = user_pool.make_pool()
    world.patch.setenv("USER_POOL_ID", pool)
    made = []
    for n in range(5):
        named = client("cognito-idp").create_user_pool_client(UserPoolId=pool, ClientName=f"c-{n}", GenerateSecret=True)
        made.append(named["UserPoolClient"]["ClientId"])
        if n:  # the first has none: its process died before it gave the client its rights
            world.aws.put("Directory", **keys.client(made[-1]), kind="channel", name=f"c-{n}", channels=["web"])

    found: list[Any] = []
    query = {"limit": "2"}
    while True:
        page = world.call("GET", "/v1/clients", who="office", query=query).body
        found += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]

    assert sorted(one["client_id"] for one in found) == sorted(made[1:])
    assert {tuple(sorted(one)) for one in found} == {("channels", "client_id", "kind", "name")}


def test_a_page_ends_before_it_is_larger_than_an_answer_may_be(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listing, "_MOST_BYTES", 700)
    for n in range(4):
        world.node(f"x-{n}", CHICAGO)

    first = world.call("GET", "/v1/nodes", who="office", query={"limit": "100", "prefix": "x-"}).body

    assert 0 < len(first["items"]) < 4
    assert ids(world, "nodes", prefix="x-", limit="100") == [f"x-{n}" for n in range(4)]


@pytest.mark.parametrize("word", sorted(NOT_SKUS))
def test_no_sku_is_a_word_of_the_paths_of_stock(word: str, world: World):
    product = {"title": "Tea", "weight_g": 100, "class": "goods"}

    reply = world.call("PUT", f"/v1/products/{word}", product, who="office")

    assert reply.errors == [("/id", "reserved-sku")]
    assert word in reply.body["errors"][0]["message"]


@pytest.mark.parametrize(("path", "name"), [("products", "."), ("products", ".."), ("nodes", "..")])
def test_no_id_is_a_step_of_a_path_which_clients_take_out_before_they_send_it(path: str, name: str, world: World):
    reply = world.call("PUT", f"/v1/{path}/{name}", {"title": "Tea", "weight_g": 100, "class": "goods"}, who="office")

    assert reply.errors == [("/id", "malformed-id")]


def test_no_path_has_an_id_where_another_path_has_a_word():
    """Skus share their place with some words, and a sku that is such a word is refused."""
    found = set()
    for route in ROUTES:
        parts = route.path.split("/")
        for other in ROUTES:
            theirs = other.path.split("/")
            for at, part in enumerate(parts):
                if part.startswith("{") and at < len(theirs) and theirs[:at] == parts[:at] and theirs[at][0:1] != "{":
                    found.add(("/".join(parts[: at + 1]), theirs[at]))

    # The pool makes the ids of people, and this system those of gift cards: none of them is a word.
    accounts = "/v1/gift-cards/{account_id}"
    made = {("/v1/badges/{person_id}", "open"), (accounts, "balance"), (accounts, "find")}
    assert found - made == {("/v1/stock/{sku}", word) for word in NOT_SKUS}
    assert {"supplies", "kpis"} <= NOT_SKUS
