"""
Invite people, give them rights, sign them out, and remove them.

Called by   functions/people/handler.py, for /v1/people*
Raises      Forbidden, Invalid, NotFound, NotAllowed, PreconditionFailed; StalePerson (Busy)

A person is a user of the Cognito pool, which alone has the e-mail address, and a row of rights in Directory. No address and no
name is in a log, an event or the kept answer of a request.
"""

import json
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import caller
from comanda.aws.api.contracts import Nothing
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.console import sessions
from comanda.aws.dynamodb import list_pages, transaction
from comanda.aws.people import badges, people, user_pool
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import NotAllowed
from comanda.domain.people import ADMIN
from functions.people import checks, contract, rules

logger = Logger()


def invite(event: dict[str, Any]) -> Response[str]:
    """Invite a person, once for the request's key and once for the address."""
    who, given = caller(event), http.read(event, contract.Invitation)
    rights = contract.document(given)
    email = rights.pop("email").lower()  # the pool tells capital letters apart, and mail does not
    with idempotency.begin(event, who, settings.directory_table, clock.now(), private=True) as request:
        if request.replay() is None:
            checks.check(rights)
            rules.require_roles_to_give(who, rights["roles"])
            sub = user_pool.invite(email)
            people.add(request, sub, rights, who.id, clock.now())
            logger.info("invited", extra={"person": sub, "roles": rights["roles"]})
    return _with_person(request.response())


def _with_person(response: Response[str]) -> Response[str]:
    """Return the answer with the whole person. The answer that is kept for repetitions has the id alone."""
    sub = json.loads(response.body or "{}")["person_id"]
    response.body = json.dumps(_person(sub), ensure_ascii=False)
    return response


def _person(sub: str) -> dict[str, Any]:
    row, user = people.find(sub), user_pool.find(sub)
    return {**rules.shown(sub, row, user.email, user.accepted), "badge": badges.of_person(sub)}


def list_people(event: dict[str, Any]) -> Response[str]:
    """List the users of the pool who have rights here."""
    who, given = caller(event), http.query(event)
    bound = f"{who.id} people"
    users, more = user_pool.list_page(list_pages.after(given, bound), list_pages.limit(given))
    rows = people.find_all([user.sub for user in users])
    items = [rules.shown(user.sub, rows[user.sub], user.email, user.accepted) for user in users if user.sub in rows]
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


def show(event: dict[str, Any], sub: str) -> Response[str]:
    caller(event)
    return _respond(_person(sub))


def put(event: dict[str, Any], sub: str) -> Response[str]:
    who, given = caller(event), http.read(event, contract.Rights)
    # A row that an operator wrote by hand has no version yet.
    rights, expected = contract.document(given), http.if_match(event, least=0)
    had = people.find(sub)  # an unknown person is said before the faults of the rights
    if ADMIN not in rights["roles"]:
        rules.require_other(who, sub, "take their own role of admin")
    checks.check(rights)
    rules.require_roles_to_give(who, rights["roles"], had["roles"])
    rules.require_limits_to_give(who, sub, rights.get("limits"), had.get("limits"))
    _, changed = people.change(sub, rights, expected)
    if changed:
        logger.info("rights", extra={"person": sub, "roles": rights["roles"], "by": who.id})
    return _respond(_person(sub))


def invite_again(event: dict[str, Any], sub: str) -> Response[str]:
    """Mail the invitation again to a person who has not signed in yet."""
    who, now = caller(event), clock.now()
    with idempotency.begin(event, who, settings.directory_table, now) as request:
        http.read(event, Nothing)
        if request.replay() is None:
            people.find(sub)
            user = user_pool.find(sub)
            if user.accepted:
                raise NotAllowed("this person has signed in already: they can ask for a new password themselves")
            user_pool.invite_again(user.email)
            transaction.commit([request.record(Answer(status=200, body={"person_id": sub}))])
            logger.info("invited again", extra={"person": sub})
    return _with_person(request.response())


def sign_out(event: dict[str, Any], sub: str) -> Response[str]:
    """End every sign-in of a person: tokens, and sessions of the console. A person may do it to themselves."""
    who, now = caller(event), clock.now()
    rules.require_self_or_admin(who, sub)
    with idempotency.begin(event, who, settings.directory_table, now) as request:
        http.read(event, Nothing)
        if request.replay() is None:
            people.sign_out(sub, now)
            ended = _end_sign_ins(sub)
            body = {"person_id": sub, "signed_out_at": clock.text(now), "sessions": ended}
            transaction.commit([request.record(Answer(status=200, body=body))])
            logger.info("signed out", extra={"person": sub, "sessions": ended})
    return request.response()


def remove(event: dict[str, Any], sub: str) -> Response[str]:
    """Take all rights of a person, then end their sign-ins, then forget name and address. A repetition finishes it."""
    who = caller(event)
    rules.require_other(who, sub, "remove themselves")
    people.take_rights(sub, clock.now())
    ended = _end_sign_ins(sub)
    if writes := badges.removal(sub):
        transaction.commit(writes)
    user_pool.delete(sub)
    people.forget(sub)
    logger.info("removed", extra={"person": sub, "sessions": ended, "by": who.id})
    return Response(status_code=204, body="")


def _end_sign_ins(sub: str) -> int:
    user_pool.sign_out(sub)
    return sessions.end_all(sub)


def _respond(person: dict[str, Any]) -> Response[str]:
    return http.respond(Answer(status=200, body=person, headers={"ETag": f'"v{person["version"]}"'}))
