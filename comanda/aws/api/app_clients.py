"""
Applications that may call the API: an app client of the Cognito pool, and its `CLIENT#` row that says what is its own.

Called by   functions/directory
Raises      InProgress while another request with the same key is being served; NotFound

Cognito has no idempotency of its own, so the request's key holds a lease for a minute before Cognito is asked, and the
app client's id is noted in it at once: whoever resumes the key finds it. What a crash between the two leaves in the pool
has no row, so no rights. The secret is kept by Cognito alone.
"""

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


def register(request: IdempotentRequest, rights: dict[str, Any], scopes: list[str], answer: str) -> Answer:
    """Create the app client and its row, once for the request's key. `answer` is the path that the client is read at."""
    before = request.replay()
    if before is not None:
        return before
    held = _leased(request)
    client_id = held.get("client_id") or _created(request, rights["name"], scopes)
    row = {**rights, "scopes": scopes}
    said = Answer(
        status=201, body={"client_id": client_id, **row}, headers={"Location": answer.format(client_id=client_id)}
    )
    exists = InProgress("another request with this key is being served")
    transaction.commit(
        [
            request.record(said),
            transaction.put_once(settings.directory_table, {**keys.client(client_id), **row}, exists),
            transaction.delete(settings.directory_table, keys.lease(request.key), exists),
        ]
    )
    return said


def secret(client_id: str) -> str:
    """Of an app client that exists."""
    described = client("cognito-idp").describe_user_pool_client(UserPoolId=settings.user_pool_id, ClientId=client_id)
    return str(described["UserPoolClient"]["ClientSecret"])


def rights(client_id: str) -> dict[str, Any]:
    """The client's row. Raises NotFound."""
    row = reads.get(settings.directory_table, keys.client(client_id))
    if row is None:
        raise NotFound("client", client_id)
    return _shown(row)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("pk", "sk")}


def list_page(token: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of the pool's app clients that have rights here, each with its row, and the token of the next
    page."""
    asked: dict[str, Any] = {"NextToken": token} if token else {}
    found = client("cognito-idp").list_user_pool_clients(
        UserPoolId=settings.user_pool_id, MaxResults=min(limit, _MOST_OF_THE_POOL), **asked
    )
    names = [one["ClientId"] for one in found["UserPoolClients"]]
    rows = reads.batch(settings.directory_table, map(keys.client, names), consistent=False)
    of_id = {keys.client_of(row["pk"]): row for row in rows}
    items = [{"client_id": name, **_shown(of_id[name])} for name in names if name in of_id]
    return items, found.get("NextToken")


def remove(client_id: str) -> None:
    """No new tokens first, then no rights: a crash between the two is finished by asking again. Raises NotFound."""
    from botocore.exceptions import ClientError

    rights(client_id)
    try:
        client("cognito-idp").delete_user_pool_client(UserPoolId=settings.user_pool_id, ClientId=client_id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
    gone = NotFound("client", client_id)
    transaction.commit([transaction.delete(settings.directory_table, keys.client(client_id), gone)])


def _leased(request: IdempotentRequest) -> dict[str, Any]:
    """Take the key's lease, or raise InProgress; returns what its last holder noted."""
    lease = keys.lease(request.key)
    taken = transaction.update(
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
    transaction.commit([taken])
    return reads.get(settings.directory_table, lease) or {}


def _created(request: IdempotentRequest, name: str, scopes: list[str]) -> str:
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
