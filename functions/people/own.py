"""
Show callers who they are here, and keep a person's own settings.

Called by   functions/people/handler.py, for GET /v1/me and PUT /v1/me/settings
Raises      Forbidden for settings of an application; Invalid
"""

from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.dynamodb import keys, reads
from comanda.aws.people import people
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Forbidden
from functions.people import contract, rules


def show(event: dict[str, Any]) -> Response[str]:
    who = caller(event)
    own = people.settings_of(who.id) if who.person else {}
    return http.respond(Answer(status=200, body=rules.me(who, _row(who), own)))


def put_settings(event: dict[str, Any]) -> Response[str]:
    who = caller(event)
    if not who.person:
        raise Forbidden("only a person has settings: an application brings its own")
    own = contract.document(http.read(event, contract.OwnSettings))
    people.put_settings(who.id, own)
    return http.respond(Answer(status=200, body=rules.settings(_row(who), own)))


def _row(who: Caller) -> dict[str, Any]:
    """Return the caller's row as it is now, not as it was within the last minute."""
    key = keys.user(who.id) if who.person else keys.client(who.id)
    return reads.get(settings.directory_table, key) or {}
