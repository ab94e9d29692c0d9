"""Test planners' rule sets: versions never change, times never overlap, and refusals name the field."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.api import http
from comanda.aws.directory import directory, packs, rule_set_versions, rule_sets
from comanda.domain.rules.in_force import Span, with_span, without_old_spans
from comanda.domain.rules.rule_sets import AppliesTo, LineTest, NodeFilter, Rest, Rule, RuleSet, Splits, When
from tests.functions.world import START, Reply, World

CHEAPEST: dict[str, Any] = {"name": "Cheapest", "rules": [{"name": "cheapest", "optimise": {}}]}
NEAREST: dict[str, Any] = {"name": "Nearest", "rules": [{"name": "nearest", "rank": ["distance"]}]}
FULL: dict[str, Any] = {
    "name": "Everything that can be said",
    "applies_to": {"method": "SHIP", "sourcing_classes": ["b2b"], "skus": ["TEA-001"], "regions": ["US", "US-NY"]},
    "rules": [
        {
            "name": "large",
            "when": {
                "channels": ["web"],
                "value_from": {"amount": 10_000, "currency": "USD"},
                "any_line": {"skus": ["TEA-001"], "requires": ["cold"]},
                "from_day": "2026-11-20",
                "to_day": "2026-12-24",
            },
            "nodes": {"types": ["STORE"], "groups": ["east"], "tags": ["cold"], "not_nodes": ["dc-2"], "min_stock": 3},
            "optimise": {"weights": {"carbon": 300, "shipping": 100}},
            "splits": {"most": 2, "complete": "line", "min_value": {"amount": 500, "currency": "EUR"}},
            "rest": {"then": "next"},
        },
        {"name": "others", "rank": ["priority", "distance"], "rest": {"then": "backorder", "cancel_after_days": 30}},
    ],
}


@pytest.fixture(autouse=True)
def _groups(world: World) -> None:
    world.node("store-1", (39.7, -105.0), type="STORE", groups=["east"], tags=["cold"])


def put(world: World, doc: Any, name: str = "usual", **how: Any) -> Reply:
    return world.call("PUT", f"/v1/rule-sets/{name}", doc, who="office", **how)


def say(world: World, verb: str, name: str = "usual", key: str = "", **body: Any) -> Reply:
    return world.call("POST", f"/v1/rule-sets/{name}/{verb}", body, who="office", key=key)


def spans(reply: Reply) -> list[tuple[int, str, str | None]]:
    assert reply.status == 200, reply.body
    return [(a["version"], a["starts"][:10], a["ends"] and a["ends"][:10]) for a in reply.body["activations"]]


def days(number: int) -> str:
    return (START + timedelta(days=number)).isoformat()


def packed(world: World) -> rule_sets.Book:
    packs.rebuild((), directory.RULE_SET)
    directory.forget()
    return rule_sets.book()


def in_force(world: World) -> list[str]:
    return [one.key for one in packed(world).sets if one.in_force(world.now)]


def test_every_put_is_a_new_draft_and_the_versions_before_stay_as_they_were(world: World) -> None:
    first, second = put(world, CHEAPEST), put(world, NEAREST)

    assert (first.status, first.body["version"], first.body["state"]) == (201, 1, "draft")
    assert (second.status, second.body["version"], second.etag) == (200, 2, '"v2"')
    old = world.call("GET", "/v1/rule-sets/usual", who="office", query={"version": "1"})
    assert (old.body["rules"][0]["optimise"], old.body["by"], old.etag) == ({"weights": {}}, "office", '"v1"')
    assert world.call("GET", "/v1/rule-sets/usual", who="office").body == second.body
    assert in_force(world) == []


def test_the_newest_document_again_is_no_new_version_and_a_stale_writer_is_refused(world: World) -> None:
    put(world, CHEAPEST)

    assert put(world, CHEAPEST).body["version"] == 1
    assert put(world, NEAREST, if_match='"v7"').problem == "if-match-stale"
    assert put(world, NEAREST, if_match='"v1"').body["version"] == 2


def test_a_version_is_in_force_from_its_activation_until_another_one_starts(world: World) -> None:
    put(world, CHEAPEST)
    put(world, NEAREST)

    say(world, "activate", version=1)
    reply = say(world, "activate", version=2, starts=days(3))

    assert spans(reply) == [(1, "2026-11-19", "2026-11-22"), (2, "2026-11-22", None)]
    assert (reply.body["state"], reply.body["in_force"]) == ("active", 1)
    assert in_force(world) == ["usual@1"]
    world.pass_time(3 * 86_400)
    assert in_force(world) == ["usual@2"]


def test_an_activation_from_now_gives_way_to_one_that_was_scheduled_before(world: World) -> None:
    for doc in (CHEAPEST, NEAREST, FULL):
        assert put(world, doc).status < 300
    say(world, "activate", version=2, starts=days(3), ends=days(9))

    reply = say(world, "activate", version=3)

    assert spans(reply) == [(3, "2026-11-19", "2026-11-22"), (2, "2026-11-22", "2026-11-28")]
    assert spans(say(world, "activate", version=1, starts=days(3))) == [
        (3, "2026-11-19", "2026-11-22"),
        (1, "2026-11-22", None),
    ]


def test_a_retired_version_ends_and_its_later_activations_are_withdrawn(world: World) -> None:
    put(world, CHEAPEST)
    put(world, NEAREST)
    say(world, "activate", version=1)
    say(world, "activate", version=2, starts=days(5))
    world.pass_time(86_400)

    reply = say(world, "retire", at=days(2))

    assert spans(reply) == [(1, "2026-11-19", "2026-11-21")]
    assert in_force(world) == ["usual@1"]
    assert say(world, "retire").body["state"] == "ended"
    assert in_force(world) == []
    assert say(world, "retire").problem == "not-allowed"
    assert say(world, "retire", at=days(0)).errors == [("/at", "in-the-past")]


def test_a_shadow_is_packed_beside_the_versions_in_force_and_apart_from_them(world: World) -> None:
    put(world, CHEAPEST)
    put(world, NEAREST)
    say(world, "activate", version=1)

    reply = say(world, "shadow", version=2, until=days(7))
    book = packed(world)

    assert (reply.body["state"], reply.body["shadow"]["version"]) == ("active", 2)
    assert ([one.key for one in book.sets], [one.key for one in book.shadows]) == (["usual@1"], ["usual@2"])
    assert world.call("GET", "/v1/rule-sets/usual", who="office").body["state"] == "shadow"
    assert say(world, "shadow", version=2, until=days(91)).errors == [("/until", "out-of-range")]
    assert say(world, "shadow").body["shadow"] is None
    assert packed(world).shadows == ()


def test_the_router_reads_every_word_of_a_document_as_the_domain_has_it(world: World) -> None:
    put(world, FULL)
    say(world, "activate", version=1, ends=days(1))

    (found,) = packed(world).sets

    assert found == RuleSet(
        rule_set_id="usual",
        version=1,
        starts=START,
        ends=START + timedelta(days=1),
        applies_to=AppliesTo(sourcing_classes=("b2b",), skus=("TEA-001",), regions=("US", "US-NY")),
        rules=(
            Rule(
                name="large",
                when=When(
                    channels=("web",),
                    value_from=(10_000, "USD"),
                    any_line=LineTest(skus=("TEA-001",), requires=("cold",)),
                    from_day="2026-11-20",
                    to_day="2026-12-24",
                ),
                nodes=NodeFilter(types=("STORE",), groups=("east",), tags=("cold",), not_nodes=("dc-2",), min_stock=3),
                weights=(("carbon", 300), ("shipping", 100)),
                splits=Splits(most=2, complete="line", min_value=(500, "EUR")),
                rest=Rest(then="next"),
            ),
            Rule(name="others", rank=("priority", "distance"), rest=Rest(cancel_after_days=30)),
        ),
    )


def test_an_activation_happens_once_for_its_key(world: World) -> None:
    put(world, CHEAPEST)

    first = say(world, "activate", key="k", version=1)
    world.pass_time(60)
    again = say(world, "activate", key="k", version=1)

    assert first.body == again.body
    assert say(world, "activate", key="k", version=1, ends=days(3)).problem == "idempotency-key-reused"


TIMES: list[tuple[Any, Any]] = [
    ({"version": 2}, [("/version", "unknown-version")]),
    ({"version": 1, "starts": days(-1)}, [("/starts", "in-the-past")]),
    ({"version": 1, "starts": days(2), "ends": days(1)}, [("/ends", "upside-down")]),
    ({"version": 0}, [("/version", "greater-than-equal")]),
]


def test_an_impossible_time_is_refused(world: World) -> None:
    put(world, CHEAPEST)

    told = [say(world, "activate", **body).errors for body, _ in TIMES]

    assert told == [errors for _, errors in TIMES]
    assert in_force(world) == []


def test_a_set_remembers_ninety_days_and_the_last_hundred_times_and_plans_twenty(world: World) -> None:
    def span(number: int) -> Span:
        starts = START - timedelta(hours=number)
        return Span(version=1, starts=starts, ends=starts + timedelta(hours=1))

    put(world, CHEAPEST)
    ended = [span(24 * 90 + 1), *(span(n) for n in range(150, 0, -1))]
    for n in range(1, 21):
        assert say(world, "activate", version=1, starts=days(n)).status == 200

    reply = say(world, "activate", version=1, starts=days(21))

    assert (reply.status, reply.errors) == (422, [("/starts", "too-many")])
    assert say(world, "activate", version=1, starts=days(20)).status == 200  # in the place of one
    assert without_old_spans(ended[:2], START) == (ended[1],)
    assert without_old_spans([*ended, span(-1)], START) == (*ended[-100:], span(-1))


def test_a_set_that_no_item_could_hold_is_refused_at_its_largest_field(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MOST_PACKED", 400)

    reply = put(world, FULL)

    assert (reply.status, reply.errors) == (422, [("/rules", "document-too-large")])


def test_two_planners_at_once_do_not_undo_each_others_changes(world: World) -> None:
    put(world, CHEAPEST)
    put(world, NEAREST)
    asked: list[str] = []

    def first_lets_the_other_pass(kept: rule_set_versions.StoredRuleSet) -> rule_set_versions.StoredRuleSet:
        if not asked:
            say(world, "activate", version=2, starts=days(5))
        asked.append("now")
        return replace(kept, spans=with_span(kept.spans, Span(version=1, starts=world.now)))

    kept = rule_set_versions.change("usual", first_lets_the_other_pass, lambda _: [])

    assert len(asked) == 2
    assert [(span.version, span.ends) for span in kept.spans] == [(1, START + timedelta(days=5)), (2, None)]


def test_all_sets_are_listed_with_what_is_in_force(world: World) -> None:
    for name in ("usual", "peak", "trial"):
        put(world, CHEAPEST, name)
    say(world, "activate", version=1)
    say(world, "activate", "peak", version=1, starts=days(3))

    first = world.call("GET", "/v1/rule-sets", who="office", query={"limit": "2"})
    rest = world.call("GET", "/v1/rule-sets", who="office", query={"limit": "2", "cursor": first.body["next"]})

    items = [*first.body["items"], *rest.body["items"]]
    assert [(item["id"], item["state"], item["in_force"]) for item in items] == [
        ("peak", "scheduled", None),
        ("trial", "draft", None),
        ("usual", "active", 1),
    ]
