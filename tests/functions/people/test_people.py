"""Test that people are invited once, have the rights that they were given, and lose them at once."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.people import people, user_pool
from comanda.aws.runtime.clients import client
from comanda.domain.errors import PreconditionFailed
from tests.functions.people.desk import ADMIN, STAFF, WORKER, call_as, etag, give, invite, make_pool, person, users
from tests.functions.world import World, usd


@pytest.fixture(autouse=True)
def pool(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    made = make_pool()
    monkeypatch.setenv("USER_POOL_ID", made)
    return made


def test_an_invited_person_is_a_user_of_the_pool_with_rights_and_no_address_in_a_table(world: World):
    invited = invite(world, "Ana.Lima@Example.com", limits={"override_percent": 10}, locale="pt_BR")

    sub = invited.body["person_id"]
    assert (invited.status, invited.headers["Location"]) == (201, f"/v1/people/{sub}")
    assert invited.body["email"] == "ana.lima@example.com"
    assert (invited.body["status"], invited.body["badge"]) == ("INVITED", None)
    assert invited.body["limits"] == {
        "appeasement": [],
        "override_percent": 10,
        "gift_cards": [],
        "customer_credit": [],
    }
    assert invited.body["locale"] == "pt-BR"
    assert [user["sub"] for user in users()] == [sub]
    assert "example.com" not in json.dumps(world.tables(), default=str).lower()
    kept = [row for row in world.aws.items("Directory") if row["pk"].startswith("IDEM#")]
    assert len(kept) == 1
    assert "Ana" not in json.dumps(kept, default=str)


def test_the_same_request_again_invites_nobody_twice(world: World):
    first, again = (invite(world, key="k") for _ in range(2))

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(users()) == 1


def test_an_address_that_a_person_has_is_refused_with_their_id_and_changes_nothing(world: World):
    sub = person(world)
    before = world.tables()

    again = invite(world, "ANA@example.com", **ADMIN)

    assert (again.status, again.problem) == (409, "person-exists")
    assert sub in again.body["detail"]
    assert again.errors == [("/email", "person-exists")]
    assert world.tables() == before
    assert len(users()) == 1


def test_a_request_that_was_cut_off_behind_the_user_is_finished_by_its_repetition(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    def crash(*_: Any) -> Any:
        raise RuntimeError("the process died")

    with monkeypatch.context() as patch:
        patch.setattr(people, "add", crash)
        assert invite(world, key="k").status == 500
    assert len(users()) == 1

    again = invite(world, key="k")

    assert again.status == 201
    assert [user["sub"] for user in users()] == [again.body["person_id"]]


def test_simultaneous_invitations_of_one_address_make_one_person(world: World, monkeypatch: pytest.MonkeyPatch):
    """Cognito lets one of them make the user; the others find it."""
    sub = user_pool.invite("ana@example.com")
    together = threading.Barrier(8)

    def one(n: int) -> Any:
        together.wait()
        return invite(world, name=f"Name {n}")

    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(one, range(8)))

    assert sorted(reply.status for reply in replies) == [201] + [409] * 7
    assert len(world.aws.items("Directory", f"USER#{sub}")) == 1


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"roles": []}, [("/roles", "too-short")]),
        ({"roles": ["staff", "staff"]}, [("/roles", "named-twice")]),
        ({"roles": ["king"]}, [("/roles/0", "unknown-role"), ("/roles", "missing"), ("/desks/0", "not-for-role")]),
        ({"roles": ["staff", "partner"], "partner": "acme"}, [("/roles", "not-together")]),
        ({"roles": ["partner"], "desks": []}, [("/partner", "missing")]),
        ({"roles": ["partner"], "partner": "moon", "desks": []}, [("/partner", "unknown-partner")]),
        ({"partner": "acme"}, [("/partner", "not-for-role")]),
        ({"roles": ["worker"], "desks": []}, [("/nodes", "missing")]),
        ({"roles": ["worker"], "desks": ["counter", "care"], "nodes": ["dc-1"]}, [("/desks/1", "not-for-role")]),
        ({"nodes": ["dc-1"]}, [("/nodes", "not-for-role")]),
        ({"roles": ["worker"], "desks": [], "nodes": ["dc-1", "moon"]}, [("/nodes/1", "unknown-node")]),
        ({"channels": ["moon"]}, [("/channels/0", "unknown-channel")]),
        ({"desks": ["kitchen"]}, [("/desks/0", "value-error")]),
        ({"desks": ["lead"]}, [("/desks/0", "not-for-role")]),
        ({"name": " "}, [("/name", "string-too-short")]),
        ({"name": "x" * 81}, [("/name", "string-too-long")]),
        ({"name": "a\u202eb"}, [("/name", "unseen-character")]),
        ({"name": "4111 1111 1111 1111"}, [("/name", "card-number")]),
        ({"email": "nobody"}, [("/email", "string-pattern-mismatch")]),
        ({"email": f"a@{'x' * 300}.com"}, [("/email", "string-pattern-mismatch")]),
        ({"email": ""}, [("/email", "string-too-short")]),
        ({"locale": "the moon"}, [("/locale", "string-pattern-mismatch")]),
        ({"limits": {"override_percent": 101}}, [("/limits/override_percent", "less-than-equal")]),
        ({"limits": {"override_percent": True}}, [("/limits/override_percent", "int-type")]),
        ({"limits": {"appeasement": [{"amount": -1, "currency": "USD"}]}}, [("/limits/appeasement/0/amount", "greater-than-equal")]),
        ({"limits": {"appeasement": [{"amount": 1, "currency": "USD"}] * 2}}, [("/limits/appeasement", "named-twice")]),
        ({"limits": {"refund": 1}}, [("/limits/refund", "extra-forbidden")]),
        ({"password": "secret"}, [("/password", "extra-forbidden")]),
    ],
)  # fmt: skip
def test_impossible_rights_are_refused_by_field_and_nobody_is_invited(
    world: World, change: dict[str, Any], errors: list[tuple[str, str]]
):
    world.entry(directory.PARTNER, "acme", {"name": "Acme", "nodes": []})
    before = world.tables()

    refused = invite(world, change.pop("email", "ana@example.com"), **change)

    assert (refused.status, refused.errors) == (422, errors)
    assert users() == []
    assert world.tables() == before


def test_a_name_may_be_of_any_script_and_no_text_in_it_is_code(world: World):
    for n, name in enumerate(("أحمد", "Ana \U0001f600", "{{7*7}}", "<b>Bo</b>", "O'Neill-Müller")):
        assert invite(world, f"p{n}@example.com", name=name).body["name"] == name


def test_a_role_beside_the_four_is_taken_if_a_hold_type_names_it(world: World):
    world.hold_type("RISK", "holds", roles=["risk"], applies_when=None)

    assert invite(world, roles=["staff", "risk"]).body["roles"] == ["staff", "risk"]


def test_an_active_hold_type_names_a_role_that_somebody_was_given(world: World):
    path, kind = "/v1/hold-types/RISK", {"reason": "risk", "queue": "holds", "blocks": ["release"]}

    def put(*roles: str, **fields: Any) -> Any:
        return world.call("PUT", path, {**kind, "roles": list(roles), **fields}, who="office")

    assert put("staff", "risk").errors == [("/roles/1", "unknown-role")]
    assert invite(world, roles=["staff", "risk"]).errors == [("/roles/1", "unknown-role")]
    assert put("risk", active=False).status == 201
    sub = person(world)
    assert put("risk").errors == [("/roles/0", "unknown-role")]
    assert give(world, sub, {**STAFF, "roles": ["staff", "risk"]}).status == 200
    assert put("risk").status == 200
    assert invite(world, "bo@example.com", roles=["staff", "risk"]).status == 201


@pytest.mark.parametrize("role", ["partner", "channel", "form", "node", "carrier", "mailbox"])
def test_a_hold_type_names_no_kind_that_resolves_no_hold(world: World, role: str):
    kind = {"reason": "risk", "queue": "holds", "blocks": ["release"], "roles": ["staff", role], "active": False}

    assert world.call("PUT", "/v1/hold-types/RISK", kind, who="office").errors == [("/roles/1", "not-possible")]


def test_the_holds_of_another_system_are_resolved_by_applications(world: World):
    kind = {"reason": "risk", "queue": "holds", "blocks": ["release"], "resolved_by": "event"}

    def put(*roles: str) -> Any:
        return world.call("PUT", "/v1/hold-types/RISK", {**kind, "roles": list(roles)}, who="office")

    assert put("staff").errors == [("/roles", "not-possible")]
    assert put("staff", "admin").status == 201
    assert put("admin", "admin").errors == [("/roles", "named-twice")]


def test_a_limit_is_in_a_currency_in_which_a_channel_sells(world: World):
    limits = {"appeasement": [{"amount": 1, "currency": "USD"}, {"amount": 1, "currency": "JPY"}]}

    assert invite(world, limits=limits).errors == [("/limits/appeasement/1/currency", "not-of-the-channel")]


@pytest.mark.parametrize("kind", ["channel", "node", "form"])
def test_no_person_is_given_the_kind_of_an_application(world: World, kind: str):
    world.hold_type("RISK", "holds", roles=[kind], applies_when=None)

    refused = invite(world, roles=["staff", kind])

    assert (refused.status, refused.errors) == (422, [("/roles/1", "unknown-role")])


def test_people_are_listed_in_pages_without_users_that_have_no_rights(world: World, pool: str):
    invited = {person(world, f"p{n}@example.com") for n in range(4)}
    user_pool.invite("stranger@example.com")

    seen, query = [], {"limit": "2"}
    while True:
        page = world.call("GET", "/v1/people", who="office", query=query).body
        seen += [one["person_id"] for one in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]

    assert sorted(seen) == sorted(invited)


def test_rights_are_replaced_whole_and_the_same_again_changes_nothing(world: World):
    sub = person(world, limits={"override_percent": 5})

    changed = give(world, sub, WORKER)
    again = world.call("PUT", f"/v1/people/{sub}", WORKER, who="office", if_match=changed.etag)
    stale = world.call("PUT", f"/v1/people/{sub}", STAFF, who="office", if_match='"v1"')

    assert (changed.status, changed.body["version"], changed.body["nodes"]) == (200, 2, ["dc-1"])
    assert changed.body["limits"] == {"appeasement": [], "override_percent": 0, "gift_cards": [], "customer_credit": []}
    assert changed.body["email"] == "ana@example.com"
    assert (again.status, again.body["version"]) == (200, 2)
    assert (stale.status, stale.problem) == (412, "if-match-stale")
    assert world.call("PUT", "/v1/people/nobody", STAFF, who="office", if_match='"v1"').status == 404
    assert call_as(sub, "GET", "/v1/me").body["nodes"] == ["dc-1"]


def test_of_two_admins_that_change_a_person_at_once_the_second_is_told(world: World):
    sub = person(world)
    path, seen = f"/v1/people/{sub}", etag(world, sub)

    first = world.call("PUT", path, {**STAFF, "desks": []}, who="office", if_match=seen)
    blind = world.call("PUT", path, {**STAFF, "name": "Bo"}, who="office")
    second = world.call("PUT", path, {**STAFF, "name": "Bo"}, who="office", if_match=seen)

    assert [first.status, blind.status, second.status] == [200, 428, 412]
    assert blind.problem == "if-match-missing"
    assert call_as(sub, "GET", "/v1/me").body["desks"] == []


def test_a_change_that_races_another_is_refused(world: World, monkeypatch: pytest.MonkeyPatch):
    sub, commit = person(world), people.transaction.commit

    def beside(writes: Any) -> None:
        monkeypatch.setattr(people.transaction, "commit", commit)
        people.change(sub, {**STAFF, "name": "Other"}, 1)
        commit(writes)

    monkeypatch.setattr(people.transaction, "commit", beside)
    with pytest.raises(PreconditionFailed):
        people.change(sub, WORKER, 1)

    row = people.find(sub)
    assert (row["version"], row["name"]) == (2, "Other")


def test_a_row_that_an_operator_wrote_by_hand_can_be_changed(world: World):
    sub = user_pool.invite("old@example.com")
    world.aws.put("Directory", **keys.user(sub), name="staff", roles=["staff"])

    assert world.call("GET", f"/v1/people/{sub}", who="office").body["version"] == 0
    changed = world.call("PUT", f"/v1/people/{sub}", STAFF, who="office", if_match='"v0"')

    assert (changed.status, changed.body["version"]) == (200, 1)


def test_a_person_who_was_removed_has_no_rights_no_user_and_no_row(world: World):
    sub = person(world, **WORKER)
    assert call_as(sub, "PUT", "/v1/me/settings", {"theme": "DARK"}).status == 200
    assert call_as(sub, "POST", "/v1/badges", {"pin": "4711"}).status == 201
    directory.forget()

    removed = world.call("DELETE", f"/v1/people/{sub}", who="office")

    assert removed.status == 204
    assert call_as(sub, "GET", "/v1/me").status == 403
    assert users() == []
    assert world.aws.items("Directory", f"USER#{sub}") == []
    assert [row for row in world.aws.items("Directory") if row["pk"].startswith("BADGE#")] == []
    assert world.call("GET", f"/v1/people/{sub}", who="office").status == 404
    assert world.call("DELETE", f"/v1/people/{sub}", who="office").status == 404
    assert person(world) != sub


def test_a_removal_that_was_cut_off_has_taken_the_rights_and_is_finished_by_its_repetition(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    sub = person(world)

    def crash(*_: Any) -> Any:
        raise RuntimeError("the process died")

    with monkeypatch.context() as patch:
        patch.setattr(user_pool, "delete", crash)
        assert world.call("DELETE", f"/v1/people/{sub}", who="office").status == 500
    assert call_as(sub, "GET", "/v1/me").status == 403
    assert world.call("PUT", f"/v1/people/{sub}", STAFF, who="office", if_match='"v1"').status == 404
    assert world.call("POST", f"/v1/people/{sub}/sign-out", {}, who="office").status == 404

    assert world.call("DELETE", f"/v1/people/{sub}", who="office").status == 204
    assert users() == []


def test_no_person_removes_or_demotes_themself_and_the_last_admin_stays(world: World):
    cleo = person(world, "cleo@example.com", **ADMIN, desks=[])

    for reply in (
        call_as(cleo, "DELETE", f"/v1/people/{cleo}"),
        call_as(cleo, "PUT", f"/v1/people/{cleo}", STAFF, if_match='"v1"'),
    ):
        assert (reply.status, reply.problem) == (409, "not-allowed")
    for reply in (
        world.call("DELETE", f"/v1/people/{cleo}", who="office"),
        give(world, cleo, STAFF),
    ):
        assert (reply.status, reply.problem) == (409, "last-admin")
    assert call_as(cleo, "PUT", f"/v1/people/{cleo}", {**ADMIN, "name": "Cleopatra"}, if_match='"v1"').status == 200

    dan = person(world, "dan@example.com", **ADMIN, desks=[])
    assert call_as(dan, "DELETE", f"/v1/people/{cleo}").status == 204
    assert world.call("DELETE", f"/v1/people/{dan}", who="office").problem == "last-admin"


def test_of_two_admins_that_demote_each_other_at_once_one_stays(world: World):
    pair = [person(world, f"{name}@example.com", **ADMIN, desks=[]) for name in ("cleo", "dan")]
    together = threading.Barrier(2)

    def demote(sub: str) -> str:
        together.wait()
        try:
            people.change(sub, STAFF, 1)
        except people.LastAdmin:
            return "last"
        return "demoted"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(demote, pair)) == ["demoted", "last"]

    roles = [world.call("GET", f"/v1/people/{sub}", who="office").body["roles"] for sub in pair]
    assert sorted(roles) == [["admin"], ["staff"]]


def test_only_admins_manage_people(world: World):
    sub = person(world)

    for who in ("sales", "picker", "shop", "acme", "dc-1-system"):
        assert invite(world, "new@example.com", who=who).status == 403
        assert world.call("GET", "/v1/people", who=who).status == 403
        assert world.call("GET", f"/v1/people/{sub}", who=who).status == 403
        assert world.call("PUT", f"/v1/people/{sub}", ADMIN, who=who).status == 403
        assert world.call("DELETE", f"/v1/people/{sub}", who=who).status == 403
        assert world.call("POST", f"/v1/people/{sub}/invite", {}, who=who).status == 403


def test_the_invitation_is_mailed_again_until_the_person_has_signed_in(
    world: World, pool: str, monkeypatch: pytest.MonkeyPatch
):
    sub, mailed = person(world), []
    monkeypatch.setattr(user_pool, "invite_again", mailed.append)

    again = [world.call("POST", f"/v1/people/{sub}/invite", {}, who="office", key="k") for _ in range(2)]
    client("cognito-idp").admin_set_user_password(
        UserPoolId=pool, Username=sub, Password="Aa1!aaaaaaaa", Permanent=True
    )
    late = world.call("POST", f"/v1/people/{sub}/invite", {}, who="office")

    assert [reply.status for reply in again] == [200, 200]
    assert mailed == ["ana@example.com"]
    assert (late.status, late.problem) == (409, "not-allowed")
    assert world.call("GET", f"/v1/people/{sub}", who="office").body["status"] == "ACTIVE"
    assert world.call("POST", "/v1/people/nobody/invite", {}, who="office").status == 404


def test_no_log_has_a_name_or_an_address(world: World, caplog: pytest.LogCaptureFixture):
    sub = person(world)
    give(world, sub, WORKER)
    invite(world)
    world.call("DELETE", f"/v1/people/{sub}", who="office")

    logged = "".join(str(vars(record)) for record in caplog.records)
    assert sub in logged
    assert "ana@example.com" not in logged
    assert "Ana" not in logged


def test_an_application_gives_people_no_role_whose_scopes_it_does_not_have(world: World):
    world.aws.put("Directory", **keys.client("personnel"), kind="admin", scopes=["people/admin", "directory/read"])
    sub = person(world)
    rights = {"name": "Ana Lima", "roles": ["staff", "admin"]}

    invited = [invite(world, "eve@example.com", who="personnel", **role) for role in (ADMIN, STAFF, WORKER)]
    raised = give(world, sub, rights, who="personnel")
    kept = give(world, sub, {**rights, "roles": ["staff"], "desks": ["sales"]}, who="personnel")

    assert [(reply.status, reply.errors) for reply in invited] == [(403, [("/roles/0", "not-yours-to-give")])] * 3
    assert (raised.status, raised.errors) == (403, [("/roles/1", "not-yours-to-give")])
    assert (kept.status, kept.body["desks"]) == (200, ["sales"])
    assert len(users()) == 1


def test_an_admin_whose_token_has_few_scopes_invites_another_admin(world: World):
    """Their rights follow from their roles: the scopes in their tokens are those of the console."""
    admin = person(world, "cleo@example.com", **ADMIN)

    invited = call_as(admin, "POST", "/v1/people", {**ADMIN, "email": "dan@example.com"}, signed_in=1)

    assert invited.status == 201, invited.body


def test_an_admin_raises_no_limit_of_their_own(world: World):
    limits = {"appeasement": [usd(500)], "override_percent": 10}
    admin = person(world, "cleo@example.com", **ADMIN, limits=limits)
    other = person(world, "dan@example.com", **ADMIN)
    before = world.tables()

    def put(who: str, wanted: dict[str, Any]) -> Any:
        rights = {**ADMIN, "limits": wanted}
        return call_as(who, "PUT", f"/v1/people/{admin}", rights, if_match=etag(world, admin))

    more = {"appeasement": [usd(501)], "override_percent": 11, "gift_cards": [usd(1)]}
    refused = put(admin, more)
    assert (refused.status, sorted(refused.errors)) == (
        403,
        [
            ("/limits/appeasement/0/amount", "not-yours-to-give"),
            ("/limits/gift_cards/0/amount", "not-yours-to-give"),
            ("/limits/override_percent", "not-yours-to-give"),
        ],
    )
    assert world.tables() == before
    assert put(admin, {"appeasement": [usd(499)], "override_percent": 10}).status == 200
    assert put(admin, limits).status == 403
    assert put(other, more).status == 200
