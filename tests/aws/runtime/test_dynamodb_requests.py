"""Test that a call of DynamoDB sends what botocore's own client sends: the same address, headers and JSON."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.credentials import ReadOnlyCredentials
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from comanda.aws.runtime import clients
from comanda.aws.runtime.dynamodb_requests import DynamoDBRequests, signer
from tests.moto_aws import SETTINGS

TEXTS = st.sampled_from(["", "tea", 'a "quote" \\ and \n a line', "شاي", "🍵", "pão"])
NUMBERS = st.integers().map(str)
SCALARS = st.one_of(
    TEXTS.map(lambda text: {"S": text}),
    NUMBERS.map(lambda number: {"N": number}),
    st.booleans().map(lambda truth: {"BOOL": truth}),
    st.binary(max_size=40).map(lambda raw: {"B": raw}),
    st.just({"NULL": True}),
    st.lists(TEXTS, min_size=1).map(lambda texts: {"SS": texts}),
    st.lists(NUMBERS, min_size=1).map(lambda numbers: {"NS": numbers}),
    st.lists(st.binary(max_size=9), min_size=1).map(lambda raws: {"BS": raws}),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda values: {"L": values})
        | st.dictionaries(TEXTS, inner, max_size=3).map(lambda values: {"M": values})
    ),
    max_leaves=8,
)
ITEMS = st.dictionaries(st.sampled_from(["pk", "sk", "doc", "data"]), VALUES, min_size=1)
KEY = {"pk": {"S": "O#1"}, "sk": {"S": "#"}}
CONDITION = {
    "ConditionExpression": "#v = :v",
    "ExpressionAttributeNames": {"#v": "version"},
    "ExpressionAttributeValues": {":v": {"N": "1"}},
}


def _calls(item: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a call of each operation that the system uses, with an item somewhere in it."""
    where = {"TableName": "Orders"}
    writes = [
        {"Put": {**where, **CONDITION, "Item": item}},
        {"Update": {**where, "Key": KEY, "UpdateExpression": "SET a = :a", "ExpressionAttributeValues": item}},
        {"Delete": {**where, "Key": KEY}},
        {"ConditionCheck": {**where, **CONDITION, "Key": KEY}},
    ]
    return {
        "get_item": {**where, "Key": KEY, "ConsistentRead": True},
        "batch_get_item": {"RequestItems": {"Orders": {"Keys": [KEY, item], "ConsistentRead": False}}},
        "batch_write_item": {"RequestItems": {"Orders": [{"PutRequest": {"Item": item}}]}},
        "query": {**where, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": item, "Limit": 200},
        "scan": {**where, "ExclusiveStartKey": item, "ReturnConsumedCapacity": "TOTAL"},
        "put_item": {**where, **CONDITION, "Item": item},
        "update_item": {**where, "Key": KEY, "UpdateExpression": "SET a = :a", "ExpressionAttributeValues": item},
        "delete_item": {**where, "Key": item},
        "transact_write_items": {"TransactItems": writes, "ClientRequestToken": "t-1"},
    }


class _Body:
    def stream(self, **_: object) -> list[bytes]:
        return [b"{}"]


def _sent(made: Any, operation: str, call: dict[str, Any]) -> tuple[str, str, dict[str, str], Any]:
    """Return the method, the address, the headers and the JSON that a client sends."""
    requests: list[Any] = []

    def answer(request: Any, **_: object) -> AWSResponse:
        requests.append(request)
        return AWSResponse(request.url, 200, {"content-type": "application/x-amz-json-1.0"}, _Body())  # type: ignore[arg-type]  # botocore asks only for a `stream`

    made.meta.events.register_first("before-send.dynamodb", answer, unique_id="sent")
    getattr(made, operation)(**call)
    made.meta.events.unregister("before-send.dynamodb", unique_id="sent")
    (request,) = requests
    of_each_call = {"authorization", "x-amz-date", "amz-sdk-invocation-id", "user-agent", "content-length"}
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    return (
        request.method,
        request.url,
        {name: value for name, value in headers.items() if name not in of_each_call},
        json.loads(request.body),
    )


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Any, Any]]:
    """Return the product's client, and one as botocore makes it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patch.setenv(name, SETTINGS[name])
        clients.client.cache_clear()
        yield clients.client("dynamodb"), get_session().create_client("dynamodb")
    clients.client.cache_clear()


@pytest.mark.parametrize("operation", _calls({}))
@given(item=ITEMS)
def test_a_call_sends_what_botocore_sends(both: tuple[Any, Any], operation: str, item: dict[str, Any]):
    own, plain = both
    assert isinstance(own._serializer, DynamoDBRequests)

    call = _calls(item)[operation]

    assert _sent(own, operation, call) == _sent(plain, operation, call)


@pytest.mark.parametrize("url", ["https://dynamodb.us-east-1.amazonaws.com/", "http://127.0.0.1:4717/"])
@pytest.mark.parametrize("token", [None, "a-token"])
def test_a_call_is_signed_as_botocore_signs_it(monkeypatch: pytest.MonkeyPatch, url: str, token: str | None):
    now = datetime(2026, 11, 30, 7, 30, tzinfo=UTC)
    monkeypatch.setattr(auth, "get_current_datetime", lambda: now)

    def signed_by(kind: type[auth.SigV4Auth]) -> dict[str, str]:
        headers = {
            "X-Amz-Target": "DynamoDB_20120810.Query",
            "Content-Type": "application/x-amz-json-1.0",
            "User-Agent": "x",
        }
        request = AWSRequest(method="POST", url=url, headers=headers, data='{"pk": "شاي"}'.encode())
        credentials = ReadOnlyCredentials("key", "secret", token)
        for _ in range(2):  # the second time as a retry, which replaces the signature
            kind(credentials, "dynamodb", "us-east-1").add_auth(request)
        return dict(request.headers.items())

    assert signed_by(signer()) == signed_by(auth.SigV4Auth)


def test_the_client_signs_so(both: tuple[Any, Any]):
    requests = both[0]._request_signer

    chosen = requests._choose_signer("Query", "standard", {"auth_type": "v4"})

    assert isinstance(requests.get_auth_instance("dynamodb", "us-east-1", chosen), signer())


def test_a_value_that_has_no_place_in_json_is_refused(both: tuple[Any, Any]):
    with pytest.raises(TypeError, match="set has no place in a request"):
        both[0].put_item(TableName="Orders", Item={"pk": {"SS": {"a"}}})
