"""Test that a person who is signed out everywhere has no session, no refresh token and no access token left."""

from typing import Any

import pytest

from comanda.aws.console import sessions
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.people import user_pool
from tests.functions.people.desk import call_as, make_pool, person
from tests.functions.world import World


@pytest.fixture(autouse=True)
def pool(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    made = make_pool()
    monkeypatch.setenv("USER_POOL_ID", made)
    return made


def begin_session(world: World, sub: str, digest: str) -> None:
    world.aws.put("Sessions", **keys.session(digest), sub=sub)
    world.aws.put("Sessions", **keys.session_of(sub, digest))


def test_a_sign_in_before_is_refused_and_one_after_it_is_taken(world: World):
    sub, before = person(world), int(world.now.timestamp())
    assert call_as(sub, "GET", "/v1/me", signed_in=before).status == 200
    world.pass_time(60)

    reply = world.call("POST", f"/v1/people/{sub}/sign-out", {}, who="office")
    directory.forget()  # a process keeps a person's rights for up to a minute

    ended = int(world.now.timestamp())
    assert reply.status == 200
    for at in (before, ended):
        refused = call_as(sub, "GET", "/v1/me", signed_in=at)
        assert (refused.status, refused.problem, refused.headers["WWW-Authenticate"]) == (401, "signed-out", "Bearer")
    assert call_as(sub, "GET", "/v1/me", signed_in=ended + 1).status == 200


def test_every_session_of_the_person_ends_and_no_other(world: World):
    sub, other = person(world), person(world, "bo@example.com")
    for n in range(3):
        begin_session(world, sub, f"a{n}")
    begin_session(world, other, "b1")

    reply = world.call("POST", f"/v1/people/{sub}/sign-out", {}, who="office", key="k")
    again = world.call("POST", f"/v1/people/{sub}/sign-out", {}, who="office", key="k")

    assert reply.body["sessions"] == 3
    assert again.body == reply.body
    assert sorted(row["pk"] for row in world.aws.items("Sessions")) == sorted(["S#b1", f"U#{other}"])


def test_a_sign_out_that_was_cut_off_is_finished_by_its_repetition(world: World, monkeypatch: pytest.MonkeyPatch):
    sub = person(world)
    begin_session(world, sub, "a1")

    def crash(*_: Any) -> Any:
        raise RuntimeError("the process died")

    with monkeypatch.context() as patch:
        patch.setattr(sessions, "end_all", crash)
        assert world.call("POST", f"/v1/people/{sub}/sign-out", {}, who="office", key="k").status == 500
    directory.forget()
    assert call_as(sub, "GET", "/v1/me", signed_in=int(world.now.timestamp())).status == 401

    assert world.call("POST", f"/v1/people/{sub}/sign-out", {}, who="office", key="k").body["sessions"] == 1


def test_people_sign_themselves_out_and_no_other(world: World):
    sub, other = person(world), person(world, "bo@example.com")

    assert call_as(sub, "POST", f"/v1/people/{other}/sign-out", {}).status == 404
    assert call_as(sub, "POST", "/v1/people/nobody/sign-out", {}).status == 404
    assert call_as(sub, "POST", f"/v1/people/{sub}/sign-out", {}).status == 200


def test_a_user_that_is_gone_from_the_pool_can_still_be_signed_out_and_removed(world: World):
    sub = person(world)
    user_pool.delete(sub)

    assert world.call("POST", f"/v1/people/{sub}/sign-out", {}, who="office").status == 200
    assert world.call("DELETE", f"/v1/people/{sub}", who="office").status == 204
