"""Call the doors of people as persons and applications do, with a user pool in moto."""

import json
from typing import Any

from comanda.aws.runtime.clients import client
from tests.functions import events, user_pool
from tests.functions.world import Reply, World, request

STAFF: dict[str, Any] = {"name": "Ana Lima", "roles": ["staff"], "desks": ["care"]}
WORKER: dict[str, Any] = {"name": "Bo", "roles": ["worker"], "nodes": ["dc-1"], "desks": ["lead"]}
ADMIN: dict[str, Any] = {"name": "Cleo", "roles": ["admin"]}


def make_pool() -> str:
    """Make a user pool that people sign in to by e-mail, and return its id."""
    return user_pool.make_pool(UsernameAttributes=["email"])


def invite(world: World, email: str = "ana@example.com", *, who: str = "office", key: str = "", **rights: Any) -> Reply:
    """Invite a person of staff, or one with other rights."""
    return world.call("POST", "/v1/people", {**STAFF, **rights, "email": email}, who=who, key=key)


def person(world: World, email: str = "ana@example.com", **rights: Any) -> str:
    """Invite a person, and return their id."""
    reply = invite(world, email, **rights)
    assert reply.status == 201, reply.body
    return str(reply.body["person_id"])


def call_as(
    sub: str,
    method: str,
    path: str,
    body: Any = None,
    *,
    signed_in: int = 0,
    key: str = "",
    query: dict[str, str] | None = None,
    if_match: str | None = None,
) -> Reply:
    """Send a request with the token of a person who signed in at this second."""
    event = request(method, path, body, key=key, query=query, if_match=if_match)
    event["requestContext"]["authorizer"]["claims"] = {
        "sub": sub,
        "username": sub,
        "auth_time": str(signed_in),
        "scope": "people/admin orders/read",
    }
    answer = events.answer(event.pop("room"), event)
    return Reply(answer["statusCode"], json.loads(answer["body"] or "{}"), events.flat(answer["multiValueHeaders"]))


def etag(world: World, sub: str) -> str:
    """Return the ETag of a person's rights as they are now."""
    return str(world.call("GET", f"/v1/people/{sub}", who="office").etag)


def give(world: World, sub: str, rights: dict[str, Any], *, who: str = "office") -> Reply:
    """Replace the rights of a person who was just read."""
    return world.call("PUT", f"/v1/people/{sub}", rights, who=who, if_match=etag(world, sub))


def users() -> list[dict[str, str]]:
    """Return the attributes of every user in the pool."""
    cognito = client("cognito-idp")
    pool = cognito.list_user_pools(MaxResults=5)["UserPools"][0]["Id"]
    found = cognito.list_users(UserPoolId=pool)["Users"]
    return [{one["Name"]: one["Value"] for one in user["Attributes"]} for user in found]
