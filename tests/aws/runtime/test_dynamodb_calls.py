"""Test that calls of DynamoDB are sent, signed and repeated as botocore does it, which they go past in part."""

import json
from datetime import UTC, datetime
from typing import Any

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.session import get_session
from moto.core.models import botocore_stubber

from comanda.aws.dynamodb import transaction
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.dynamodb_calls import signer
from comanda.domain.errors import StockConflict

VALUES = {
    "pk": "O#1",
    "name": 'Zoë \U0001f375 "\\\n',
    "n": -7,
    "doc": b"\x00\xff",
    "more": {"l": [True, None, b"x"]},
}
KEY = {"pk": {"S": "O#1"}, "sk": {"S": "#"}}
ITEM = {**KEY, "doc": {"B": b"\x00\xff"}}
REFUSED = StockConflict("another one was first")
WRITES = [
    transaction.put("Orders", VALUES, REFUSED, condition="#v = :v", n_v="version", v=1),
    transaction.update("Orders", {"pk": "O#1", "sk": "#"}, "SET #d = :d", REFUSED, n_d="doc", d=b"\x01"),
    transaction.check("Orders", {"pk": "O#1", "sk": "#"}, "attribute_exists(pk)", REFUSED),
    transaction.delete("Orders", {"pk": "O#1", "sk": "#"}, REFUSED),
]
CALLS: dict[str, dict[str, Any]] = {
    "get_item": {"TableName": "Orders", "Key": KEY, "ConsistentRead": True},
    "query": {
        "TableName": "Orders",
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "O#1"}},
        "Limit": 3,
    },
    "batch_get_item": {"RequestItems": {"Orders": {"Keys": [KEY], "ConsistentRead": False}}},
    "batch_write_item": {"RequestItems": {"Orders": [{"PutRequest": {"Item": ITEM}}]}},
    "put_item": {"TableName": "Orders", "Item": ITEM},
    "update_item": {
        "TableName": "Orders",
        "Key": KEY,
        "UpdateExpression": "SET doc = :doc",
        "ExpressionAttributeValues": {":doc": {"B": b"\x01"}},
    },
    "delete_item": {"TableName": "Orders", "Key": KEY},
    "transact_write_items": {"TransactItems": [write.operation for write in WRITES]},
}


class _Raw:
    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self, **_: Any) -> list[bytes]:
        return [self.body]


def answer_with(monkeypatch: pytest.MonkeyPatch, made: Any, *answers: tuple[int, dict[str, Any]]) -> list[Any]:
    """Let a client get these answers, one after the other, and return the list of its requests."""
    monkeypatch.setattr(botocore_stubber, "enabled", False)  # moto leaves out what is tested here
    monkeypatch.setattr("time.sleep", lambda _: None)
    requests: list[Any] = []
    waiting = list(answers)

    def send(request: Any) -> AWSResponse:
        requests.append(request)
        status, body = waiting.pop(0)
        return AWSResponse(request.url, status, {}, _Raw(json.dumps(body).encode()))  # type: ignore[arg-type]  # botocore asks only for a `stream`

    monkeypatch.setattr(made._endpoint.http_session, "send", send)
    return requests


def sent(monkeypatch: pytest.MonkeyPatch, made: Any, name: str) -> Any:
    """Return the request that a client sends."""
    requests = answer_with(monkeypatch, made, (200, {"Items": []}))
    getattr(made, name)(**CALLS[name])
    return requests[0]


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_sent_as_botocore_sends_it(aws: Any, monkeypatch: pytest.MonkeyPatch, name: str):
    of_botocore = get_session().create_client("dynamodb", config=Config(user_agent="comanda"))
    ours, theirs = (sent(monkeypatch, made, name) for made in (client("dynamodb"), of_botocore))

    body, expected = json.loads(ours.body), json.loads(theirs.body)
    if name == "transact_write_items":
        assert len({one.pop("ClientRequestToken") for one in (body, expected)}) == 2
    assert body == expected
    assert (ours.method, ours.url) == (theirs.method, theirs.url)
    assert set(ours.headers) == set(theirs.headers)
    for header in ("X-Amz-Target", "Content-Type", "User-Agent", "X-Amz-Security-Token"):
        assert ours.headers[header] == theirs.headers[header]
    assert _scope(ours) == _scope(theirs)


def _scope(request: Any) -> str:
    """Return the key, the scope and the headers that a request says it is signed with."""
    return str(request.headers["Authorization"].decode().rpartition(", Signature=")[0])


@pytest.mark.parametrize("token", [None, "of-a-session+/="])
@pytest.mark.parametrize(
    "url",
    [
        "https://dynamodb.us-east-1.amazonaws.com/",
        "https://DynamoDB.sa-east-1.amazonaws.com:443/",
        "http://127.0.0.1:4566/",
        "http://localhost:80/",
        "http://[::1]:4566/",
    ],
)
@pytest.mark.parametrize("day", [1, 2])
def test_a_call_is_signed_as_botocore_signs_it(monkeypatch: pytest.MonkeyPatch, token: str | None, url: str, day: int):
    monkeypatch.setattr(botocore_stubber, "enabled", False)
    now = datetime(2026, 12, day, 23, 59, 59, tzinfo=UTC)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: now)
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
    requests = []
    for kind in (signer(), SigV4Auth):
        headers = {
            "X-Amz-Target": "DynamoDB_20120810.Query",
            "Content-Type": "application/x-amz-json-1.0",
            "User-Agent": "comanda",
            "X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793",
        }
        request = AWSRequest("POST", url, headers, '{"name":"Zoë"}'.encode())
        kind(credentials, "dynamodb", "us-east-1").add_auth(request)
        requests.append(request)

    ours, theirs = requests
    assert dict(ours.headers) == dict(theirs.headers)


def test_a_call_that_fails_is_signed_and_sent_again(aws: Any, monkeypatch: pytest.MonkeyPatch):
    made = client("dynamodb")
    throttled = {"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"}
    requests = answer_with(monkeypatch, made, (500, {}), (400, throttled), (200, {"Item": {"doc": {"B": "eA=="}}}))

    found = made.get_item(**CALLS["get_item"])

    assert found["Item"]["doc"]["B"] == "eA=="  # base64, which comanda.aws.dynamodb.items decodes
    assert found["ResponseMetadata"]["RetryAttempts"] == 2
    attempts = [request.headers["amz-sdk-request"].decode().partition(";")[0] for request in requests]
    assert attempts == ["attempt=1", "attempt=2", "attempt=3"]
    assert all(request.headers["Authorization"] for request in requests)
    assert len({request.body for request in requests}) == 1


def test_a_refused_call_raises_the_error_of_its_code(aws: Any, monkeypatch: pytest.MonkeyPatch):
    made = client("dynamodb")
    refused = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "cancelled",
        "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "no"}],
    }
    requests = answer_with(monkeypatch, made, (400, refused))

    with pytest.raises(made.exceptions.TransactionCanceledException) as caught:
        made.transact_write_items(**CALLS["transact_write_items"])

    assert isinstance(caught.value, ClientError)
    assert [one["Code"] for one in caught.value.response["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert caught.value.operation_name == "TransactWriteItems"
    assert len(requests) == 1


def test_each_transaction_has_a_token_of_its_own_and_its_repetitions_have_the_same(
    aws: Any, monkeypatch: pytest.MonkeyPatch
):
    made = client("dynamodb")
    requests = answer_with(monkeypatch, made, (500, {}), (200, {}), (200, {}))

    for _ in range(2):
        made.transact_write_items(**CALLS["transact_write_items"])

    tokens = [json.loads(request.body)["ClientRequestToken"] for request in requests]
    assert tokens[0] == tokens[1] != tokens[2]
