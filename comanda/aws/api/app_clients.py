"""
Register the applications that may call the API: an app client of the Cognito pool, and its `CLIENT#` row with its rights.

Called by   functions/directory
Raises      InProgress while another request with the same key is being served; NotFound

Cognito has no idempotency of its own. So a lease of a minute is taken for the request's key before Cognito is asked, and the
app client's id is noted in the lease at once: the next request with the key finds it. An app client that a crash leaves in
the pool has no row, and so no rights. Cognito alone keeps the secret.
"""

from collections.abc import Callable
from typing import Any

from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import InProgress, NotFound

LEASE_SECONDS = 60
_MOST_OF_THE_POOL = 60  # clients that Cognito lists at once
TOKEN_HOURS = 1


def register(
    request: IdempotentRequest,
    rights: dict[str, Any],
    scopes: list[str],
    answer: str,
    also: Callable[[str], None] = lambda _: None,
) -> Answer:
    """Create the app client and its row, once for the request's key. `answer` is the path of the client.

    `also` is called with the client's id before its row is written, and again when a request is resumed after a crash.
    """
    before = request.replay()
    if before is not None:
        return before
    lease = _take_lease(request)
    client_id = lease.get("client_id") or _create(request, rights["name"], scopes)
    also(client_id)
    row = {**rights, "scopes": scopes}
    created = Answer(
        status=201, body={"client_id": client_id, **row}, headers={"Location": answer.format(client_id=client_id)}
    )
    exists = InProgress("another request with this key is being served")
    transaction.commit(
        [
            request.record(created),
            transaction.put_once(settings.directory_table, {**keys.client(client_id), **row}, exists),
            transaction.delete(settings.directory_table, keys.lease(request.key), exists),
        ]
    )
    return created


def secret(client_id: str) -> str:
    """Return the secret of an app client that exists."""
    described = client("cognito-idp").describe_user_pool_client(UserPoolId=settings.user_pool_id, ClientId=client_id)
    return str(described["UserPoolClient"]["ClientSecret"])


def rights(client_id: str) -> dict[str, Any]:
    """Return the client's row. Raises NotFound."""
    row = reads.get(settings.directory_table, keys.client(client_id))
    if row is None:
        raise NotFound("client", client_id)
    return _shown(row)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("pk", "sk")}


def list_page(token: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of the pool's app clients that have rights here, each with its row, and the token of the next
    page."""
    following: dict[str, Any] = {"NextToken": token} if token else {}
    found = client("cognito-idp").list_user_pool_clients(
        UserPoolId=settings.user_pool_id, MaxResults=min(limit, _MOST_OF_THE_POOL), **following
    )
    names = [one["ClientId"] for one in found["UserPoolClients"]]
    rows = reads.batch(settings.directory_table, map(keys.client, names), consistent=False)
    by_id = {keys.client_of(row["pk"]): row for row in rows}
    items = [{"client_id": name, **_shown(by_id[name])} for name in names if name in by_id]
    return items, found.get("NextToken")


def remove(client_id: str) -> None:
    """Delete the app client, so that it gets no new tokens, and then its row with its rights. Raises NotFound.

    A request that is repeated after a crash finishes the removal.
    """
    from botocore.exceptions import ClientError

    rights(client_id)
    try:
        client("cognito-idp").delete_user_pool_client(UserPoolId=settings.user_pool_id, ClientId=client_id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
    gone = NotFound("client", client_id)
    transaction.commit([transaction.delete(settings.directory_table, keys.client(client_id), gone)])


def _take_lease(request: IdempotentRequest) -> dict[str, Any]:
    """Take the lease of the request's key, and return what its last holder noted. Raises InProgress."""
    lease = keys.lease(request.key)
    take = transaction.update(
        settings.directory_table,
        lease,
        "SET #until = :until, #ttl = :forget",
        InProgress("a request with this key is being served"),
        condition="attribute_not_exists(pk) OR #until < :now",
        n_until="until",
        n_ttl="ttl",
        until=request.now + LEASE_SECONDS,
        forget=request.now + 24 * 3600,
        now=request.now,
    )
    transaction.commit([take])
    return reads.get(settings.directory_table, lease) or {}


def _create(request: IdempotentRequest, name: str, scopes: list[str]) -> str:
    made = client("cognito-idp").create_user_pool_client(
        UserPoolId=settings.user_pool_id,
        ClientName=name,
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=scopes,
        AccessTokenValidity=TOKEN_HOURS,
        TokenValidityUnits={"AccessToken": "hours"},
        PreventUserExistenceErrors="ENABLED",
    )
    client_id = str(made["UserPoolClient"]["ClientId"])
    noted = transaction.update(
        settings.directory_table,
        keys.lease(request.key),
        "SET client_id = :id",
        InProgress("another request with this key is being served"),
        id=client_id,
    )
    transaction.commit([noted])
    return client_id
