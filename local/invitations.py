"""
Invite the people of the example retailer, and give each a password that stays.

Called by   local/seed.py
Returns     a job for each person; running it again changes nothing, and completes a run that ended early
Raises      client.Problem when the API refuses an invitation

On AWS the invited person chooses a password at the first sign-in, which comes by mail. Here the operator sets one, and keeps it
in `.local/<name>/people.json`, which only its owner can read.
"""

import secrets
import threading
from collections.abc import Callable, Iterator
from typing import Any

from infra import names
from local import deploy
from local.instance import Instance
from local.retailer import people
from ops.client import Client, Problem

_TAKEN = 409  # the address is a person's
_GONE = 404
_one_writer = threading.Lock()


def jobs(api: Client, instance: Instance, deployed: deploy.Deployed) -> Iterator[Callable[[], Any]]:
    """Yield the job that invites each person, unless the person is there already."""
    kept = instance.known_people()
    for name, rights in people.people().items():
        yield _job(api, instance, deployed, name, rights, kept.get(name))


def _job(
    api: Client,
    instance: Instance,
    deployed: deploy.Deployed,
    name: str,
    rights: dict[str, Any],
    kept: dict[str, str] | None,
) -> Callable[[], Any]:
    def invite() -> None:
        if kept is not None and _is_there(api, kept["id"]):
            return
        email, password = people.address(name), f"Aa1!{secrets.token_urlsafe(12)}"
        body = {**rights, "email": email}
        try:
            # An earlier run may have ended before it remembered its answer. The same key gets that person again.
            before = "none" if kept is None else kept["id"]
            found = api.post("/v1/people", body, key=f"seed-person-{name}-after-{before}")["person_id"]
        except Problem as problem:
            if problem.status != _TAKEN:
                raise
            found = _id_of(instance, deployed, email)
        instance.client("cognito-idp").admin_set_user_password(
            UserPoolId=deployed[names.USER_POOL], Username=email, Password=password, Permanent=True
        )
        with _one_writer:
            instance.remember_person(name, {"id": found, "email": email, "password": password})

    return invite


def _id_of(instance: Instance, deployed: deploy.Deployed, email: str) -> str:
    """Return the id of a person whom this file has lost, for instance because people.json was deleted."""
    user = instance.client("cognito-idp").admin_get_user(UserPoolId=deployed[names.USER_POOL], Username=email)
    return next(str(one["Value"]) for one in user["UserAttributes"] if one["Name"] == "sub")


def _is_there(api: Client, person_id: str) -> bool:
    try:
        api.get(f"/v1/people/{person_id}")
    except Problem as problem:
        if problem.status == _GONE:
            return False
        raise
    return True
