"""
Enrol, list and revoke the devices of nodes: handhelds and tills that people share.

A device proves itself by a secret of 256 bits, which it gets once. Directory keeps the SHA-256 of it, which is the device's id.
The secret is made from the request's idempotency key, its time and the secret of the stage, so a repeated request gets the
same one and no table keeps it.

Called by   functions/people
Raises      NotFound; KeyReused
"""

from datetime import datetime
from typing import Any

from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.dynamodb import keys, list_pages, reads, single_writes, transaction
from comanda.aws.runtime import clock, secret
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import KeyReused, NotFound


def secret_of(request: IdempotentRequest, enrolled_at: str) -> str:
    """Return the secret that the request's device gets: 64 hexadecimal digits. `enrolled_at` is in the kept answer."""
    return secret.sign("device", f"{request.key['pk']}\n{enrolled_at}")


def enrol(request: IdempotentRequest, node: str, name: str, by: str, now: datetime) -> str:
    """Store a new device of a node, once for the request's key. Returns its id."""
    enrolled = clock.text(now)
    device_id = keys.digest(secret_of(request, enrolled))
    shown = {"device_id": device_id, "node_id": node, "name": name, "enrolled_by": by, "enrolled_at": enrolled}
    row = {**keys.device(device_id), **keys.device_of_node(node, now, device_id), **shown}
    used = KeyReused("this Idempotency-Key enrolled a device before")
    transaction.commit(
        [
            request.record(Answer(status=201, body={**shown, "revoked_at": None})),
            transaction.put_once(settings.directory_table, row, used),
        ]
    )
    return device_id


def find(device_id: str) -> dict[str, Any]:
    """Return the row of a device. Raises NotFound."""
    row = reads.get(settings.directory_table, keys.device(device_id))
    if row is None:
        raise NotFound("device", device_id)
    return row


def find_proven(device_secret: str) -> dict[str, Any] | None:
    """Return the row of the device that has this secret, None if there is none or it was revoked."""
    row = reads.get(settings.directory_table, keys.device(keys.digest(device_secret)))
    return None if row is None or "revoked_at" in row else row


def revoke(device_id: str, by: str, now: datetime) -> None:
    """Take a device's right to open badges away. Doing it again changes nothing. Raises NotFound."""
    done = single_writes.update(
        settings.directory_table,
        keys.device(device_id),
        "SET revoked_at = if_not_exists(revoked_at, :now), revoked_by = if_not_exists(revoked_by, :by)",
        condition="attribute_exists(pk)",
        now=clock.text(now),
        by=by,
    )
    if not done:
        raise NotFound("device", device_id)


def list_page(node: str, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of a node's devices, revoked ones too, and the key to go on after."""
    rows, more = list_pages.page("GSI1", [keys.devices_page(node)], after, limit, table=settings.directory_table)
    return [shown(row) for row in rows], more


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a device as the API shows it."""
    fields = ("device_id", "node_id", "name", "enrolled_by", "enrolled_at")
    return {**{name: row[name] for name in fields}, "revoked_at": row.get("revoked_at")}
