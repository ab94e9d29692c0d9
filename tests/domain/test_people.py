"""Rights of a person fit the roles, and PINs that are tried first are known."""

from itertools import combinations
from typing import Any

import pytest

from comanda.domain import people

FULL: dict[str, dict[str, Any]] = {
    "staff": {"desks": people.OFFICE_DESKS, "channels": ["web"], "limits": {"override_percent": 5}},
    "admin": {"desks": people.OFFICE_DESKS, "channels": ["web"]},
    "worker": {"desks": people.NODE_DESKS, "nodes": ["dc-1"], "limits": {"override_percent": 5}},
    "partner": {"partner": "acme"},
}


def codes(**rights: Any) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.code) for problem in people.misfits(rights, {"risk"})]


@pytest.mark.parametrize("role", people.ROLES)
def test_each_role_may_have_what_belongs_to_it_and_nothing_of_the_others(role: str):
    assert codes(roles=[role], **FULL[role]) == []
    others = {name for rights in FULL.values() for name in rights} - {*FULL[role], "desks"}
    for name in others:
        given = next(rights[name] for rights in FULL.values() if name in rights)
        wanted = [] if role == "admin" and name == "limits" else [(f"/{name}", "not-for-role")]
        assert codes(roles=[role], **FULL[role], **{name: given}) == wanted


@pytest.mark.parametrize(("one", "other"), list(combinations(("staff", "worker", "admin"), 2)))
def test_roles_of_the_retailer_go_together(one: str, other: str):
    assert codes(roles=[one, other], **{**FULL[one], **FULL[other]}) == []


@pytest.mark.parametrize("other", ["staff", "worker", "admin", "risk"])
def test_a_partners_person_has_no_other_role(other: str):
    assert ("/roles", "not-together") in codes(roles=["partner", other], partner="acme", nodes=["dc-1"])


def test_a_role_is_one_of_the_four_or_one_that_a_hold_type_names():
    assert codes(roles=["staff", "risk"]) == []
    assert codes(roles=["risk"]) == [("/roles", "missing")]
    assert codes(roles=["staff", "Staff"]) == [("/roles/1", "unknown-role")]


def test_guessable_pins_are_those_that_are_tried_first():
    guessable = {pin for n in range(10_000) if people.is_guessable(pin := f"{n:04d}")}

    assert {"0000", "1111", "1234", "6789", "4321", "1212", "2020"} <= guessable
    assert not {"4711", "1235", "0110", "1989"} & guessable
    assert len(guessable) == 114  # of 10,000
