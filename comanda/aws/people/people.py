"""
Write and read the rows of people: who may do what, since which invitation, signed out when.

A row is `USER#<sub>` of Directory. The number of admins is kept beside the rows, so that the last one stays under any race.

Called by   functions/people; functions/directory, which checks the roles of hold types
Raises      NotFound; PersonExists; LastAdmin; PreconditionFailed; StalePerson (Busy)
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.dynamodb import keys, reads, single_writes, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Busy, NotAllowed, NotFound, PreconditionFailed
from comanda.domain.people import ADMIN, ROLES

TRIES = 3
_KEPT = ("invited_at", "invited_by", "signed_out_at")  # what a change of rights leaves as it is


class PersonExists(NotAllowed):
    """Refuse the invitation of an address that a person has already. Carries the person's id."""

    code = "person-exists"

    def __init__(self, sub: str) -> None:
        super().__init__(f"the person {sub} has this address: change their rights instead", pointer="/email")
        self.sub = sub


class LastAdmin(NotAllowed):
    """Refuse to take the role from the last person who is an admin."""

    code = "last-admin"


class StalePerson(Busy):
    """Say that another writer changed the person first."""

    code = "stale-person"


def find(sub: str) -> dict[str, Any]:
    """Return the row of a person. Raises NotFound for a person who was removed, too."""
    row = reads.get(settings.directory_table, keys.user(sub))
    if row is None or "removed_at" in row:
        raise NotFound("person", sub)
    return row


def find_all(subs: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the rows of the people who have rights here, by id."""
    rows = reads.batch(settings.directory_table, map(keys.user, subs), consistent=False)
    return {keys.user_id_of(row): row for row in rows if "removed_at" not in row}


def add(request: IdempotentRequest, sub: str, rights: dict[str, Any], by: str, now: datetime) -> dict[str, Any]:
    """Give a new user rights, once for the request's key. The kept answer has the id alone, and no name.

    Raises PersonExists if the user has rights already.
    """
    row = {**keys.user(sub), **rights, "version": 1, "invited_at": clock.text(now), "invited_by": by}
    created = Answer(status=201, body={"person_id": sub}, headers={"Location": f"/v1/people/{sub}"})
    once = transaction.put_once(settings.directory_table, row, PersonExists(sub))
    transaction.commit([request.record(created), once, *_counted(False, ADMIN in rights["roles"]), *_noted(rights)])
    return row


def change(sub: str, rights: dict[str, Any], expected: int) -> tuple[dict[str, Any], bool]:
    """Give a person other rights, and return the row with True, or with False if the rights are the same as before.

    `expected` is the version that must be current: no version is kept, so what another admin gave would be lost in silence.
    Raises PreconditionFailed, LastAdmin, and StalePerson after three lost tries.
    """
    for _ in range(TRIES):
        before = find(sub)
        if expected != version_of(before):
            raise PreconditionFailed(version_of(before))
        if rights_of(before) == rights:
            return before, False
        kept = {name: before[name] for name in _KEPT if name in before}
        after = {**keys.user(sub), **rights, **kept, "version": version_of(before) + 1}
        same = _same_version(before)
        put = transaction.put(settings.directory_table, after, StalePerson(sub), **same)
        try:
            counted = _counted(ADMIN in before["roles"], ADMIN in rights["roles"])
            transaction.commit([put, *counted, *_noted(rights)])
        except StalePerson:
            continue
        return after, True
    raise StalePerson(f"another writer changed {sub} at the same time")


def sign_out(sub: str, now: datetime) -> None:
    """Refuse every token of a sign-in until now. Raises NotFound."""
    done = single_writes.update(
        settings.directory_table,
        keys.user(sub),
        "SET signed_out_at = :now ADD #v :one",
        condition="attribute_exists(pk) AND attribute_not_exists(removed_at)",
        n_v="version",
        now=int(now.timestamp()),
        one=1,
    )
    if not done:
        raise NotFound("person", sub)


def take_rights(sub: str, now: datetime) -> None:
    """Take all rights of a person at once. The row stays until `forget`, so that a repeated request finishes the removal.

    Raises NotFound, LastAdmin, StalePerson.
    """
    for _ in range(TRIES):
        before = reads.get(settings.directory_table, keys.user(sub))
        if before is None:
            raise NotFound("person", sub)
        if "removed_at" in before:
            return
        after = {**keys.user(sub), "roles": [], "version": version_of(before) + 1, "removed_at": int(now.timestamp())}
        put = transaction.put(settings.directory_table, after, StalePerson(sub), **_same_version(before))
        try:
            transaction.commit([put, *_counted(ADMIN in before["roles"], False)])
        except StalePerson:
            continue
        return
    raise StalePerson(f"another writer changed {sub} at the same time")


def forget(sub: str) -> None:
    """Delete the rows of a person whose rights were taken."""
    gone = NotFound("person", sub)
    table = settings.directory_table
    transaction.commit([transaction.delete(table, key, gone) for key in (keys.user(sub), keys.user_settings(sub))])


def rights_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return the rights in a row, as they were given."""
    return {name: value for name, value in row.items() if name not in ("pk", "sk", "version", "removed_at", *_KEPT)}


def version_of(row: dict[str, Any]) -> int:
    """Return the version of a row, 0 for one that was written by hand."""
    return int(row.get("version", 0))


def _same_version(row: dict[str, Any]) -> dict[str, Any]:
    if "version" not in row:
        return {"condition": "attribute_exists(pk) AND attribute_not_exists(#v)", "n_v": "version"}
    return {"condition": "#v = :was", "n_v": "version", "was": row["version"]}


def _counted(was: bool, becomes: bool) -> list[Write]:
    """Return the write that counts the admins, for a person who was one and becomes one or not."""
    if was == becomes:
        return []
    table, key = settings.directory_table, keys.admins()
    if becomes:
        return [transaction.update(table, key, "ADD people :one", StalePerson("admins"), one=1)]
    last = LastAdmin("this person is the last admin: make another person an admin first")
    return [transaction.update(table, key, "ADD people :less", last, condition="people > :one", less=-1, one=1)]


def _noted(rights: dict[str, Any]) -> list[Write]:
    """Return the writes that note the person's roles beside the four: a hold type names no role that nobody was given."""
    table, refused = settings.directory_table, StalePerson("roles")
    return [transaction.put(table, keys.role(word), refused) for word in rights["roles"] if word not in ROLES]


def roles_given(words: Iterable[str]) -> set[str]:
    """Return the roles beside the four among these that somebody was given."""
    by_page = {keys.role(word)["pk"]: word for word in words}
    rows = reads.batch(settings.directory_table, map(keys.role, by_page.values()))
    return {by_page[row["pk"]] for row in rows}


def settings_of(sub: str) -> dict[str, Any]:
    """Return the person's own settings, without those that were never set."""
    row = reads.get(settings.directory_table, keys.user_settings(sub)) or {}
    return {name: value for name, value in row.items() if name not in ("pk", "sk")}


def put_settings(sub: str, values: dict[str, Any]) -> None:
    """Replace the person's own settings. Raises NotFound."""
    table, gone = settings.directory_table, NotFound("person", sub)
    there = transaction.check(table, keys.user(sub), "attribute_exists(pk) AND attribute_not_exists(removed_at)", gone)
    transaction.commit([there, transaction.put(table, {**keys.user_settings(sub), **values}, gone)])
