"""Test that every caller learns who it is here, and that a person's settings are theirs alone."""

from typing import Any

import pytest

from comanda.aws.api.routes import ROUTES_BY_METHOD, SCOPES
from comanda.aws.dynamodb import keys
from tests.functions.people.desk import call_as
from tests.functions.world import CALLERS, PEOPLE, World, usd


@pytest.mark.parametrize("who", [*CALLERS, *PEOPLE])
def test_every_kind_of_caller_is_shown_itself(world: World, who: str):
    me = world.call("GET", "/v1/me", who=who)

    row = {**CALLERS, **PEOPLE}[who]
    assert me.status == 200
    assert (me.body["id"], me.body["person"]) == (who, who in PEOPLE)
    assert me.body["kinds"] == sorted(row.get("roles") or [row["kind"]])
    assert me.body["channels"] == row.get("channels", [])
    assert set(row.get("nodes", [])) <= set(me.body["nodes"])
    assert me.body["limits"] == {"appeasement": [], "override_percent": 0, "gift_cards": [], "customer_credit": []}
    assert me.body["settings"] == {"locale": None, "theme": "SYSTEM", "density": "COMFORTABLE", "keys": True}


def test_a_token_of_any_scope_may_ask_who_it_is(world: World):
    assert ROUTES_BY_METHOD["GET", "/v1/me"].scopes == SCOPES


def test_a_person_sees_their_desks_limits_and_language(world: World):
    limits = {
        "appeasement": [{"amount": 5000, "currency": "USD"}],
        "override_percent": 15,
        "gift_cards": [usd(900)],
        "customer_credit": [usd(800)],
    }
    row = {"name": "Ana", "roles": ["staff"], "desks": ["sales", "care"], "limits": limits, "locale": "es"}
    world.aws.put("Directory", **keys.user("ana"), **row)

    me = call_as("ana", "GET", "/v1/me").body

    assert (me["name"], me["desks"], me["limits"]) == ("Ana", ["care", "sales"], limits)
    assert me["settings"]["locale"] == "es"
    assert me["scopes"] == ["orders/read", "people/admin"]


def test_a_persons_settings_are_replaced_whole_and_go_before_what_an_admin_chose(world: World):
    first = world.call("PUT", "/v1/me/settings", {"locale": "pt_BR", "theme": "DARK", "keys": False}, who="sales")
    second = world.call("PUT", "/v1/me/settings", {"density": "COMPACT"}, who="sales")

    assert first.body == {"locale": "pt-BR", "theme": "DARK", "density": "COMFORTABLE", "keys": False}
    assert second.body == {"locale": None, "theme": "SYSTEM", "density": "COMPACT", "keys": True}
    assert world.call("GET", "/v1/me", who="sales").body["settings"] == second.body
    assert world.call("GET", "/v1/me", who="picker").body["settings"]["density"] == "COMFORTABLE"


def test_an_application_has_no_settings(world: World):
    assert world.call("PUT", "/v1/me/settings", {"theme": "DARK"}, who="office").status == 403
    assert world.call("PUT", "/v1/me/settings", {"theme": "DARK"}, who="acme").status == 403


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"theme": "PINK"}, ("/theme", "literal-error")),
        ({"theme": 1}, ("/theme", "literal-error")),
        ({"density": ""}, ("/density", "literal-error")),
        ({"keys": "yes"}, ("/keys", "bool-type")),
        ({"locale": "x" * 120}, ("/locale", "string-pattern-mismatch")),
        ({"font": "big"}, ("/font", "extra-forbidden")),
    ],
)
def test_wrong_settings_are_refused_by_field(world: World, body: dict[str, Any], error: tuple[str, str]):
    refused = world.call("PUT", "/v1/me/settings", body, who="sales")

    assert (refused.status, refused.errors) == (422, [error])
