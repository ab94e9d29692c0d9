"""Test that a call which AWS does not answer, or answers with an error of its own, raises one error that is retried."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.session import get_session

from comanda.aws.dynamodb import transaction
from comanda.aws.orders import orders
from comanda.aws.runtime.clients import client
from comanda.domain.errors import StockConflict, Throttled


@pytest.mark.parametrize("kind", [ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError])
def test_a_call_without_an_answer_raises_throttled(aws: Any, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]):
    def silent(*_: Any, **__: Any) -> None:
        raise kind(endpoint_url="https://dynamodb")

    monkeypatch.setattr(client("dynamodb")._endpoint, "make_request", silent)

    with pytest.raises(Throttled, match=kind.__name__):
        orders.find("ord_us1_01J0000000000000000000000A")


def sent(made: Any, writes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the body that a client sends for a transaction of these writes."""
    bodies = []

    def answer(params: dict[str, Any], **_: Any) -> Any:
        bodies.append(json.loads(params["body"]))
        return SimpleNamespace(status_code=200), {}

    made.meta.events.register("before-call.dynamodb", answer, unique_id="sent")
    try:
        made.transact_write_items(TransactItems=writes)
    finally:
        made.meta.events.unregister("before-call.dynamodb", unique_id="sent")
    return bodies[0]


def test_a_transaction_is_sent_as_botocore_sends_it(aws: Any):
    values = {
        "pk": "O#1",
        "name": 'Zoë \U0001f375 "\\\n',
        "n": -7,
        "doc": b"\x00\xff",
        "more": {"l": [True, None, b"x"]},
    }
    refused = StockConflict("another one was first")
    key = {"pk": "O#1", "sk": "#"}
    writes = [
        transaction.put("Orders", values, refused, condition="#v = :v", n_v="version", v=1),
        transaction.update("Orders", key, "SET #d = :d", refused, n_d="doc", d=b"\x01"),
        transaction.check("Orders", key, "attribute_exists(pk)", refused),
        transaction.delete("Orders", key, refused),
    ]

    operations = [write.operation for write in writes]
    body, of_botocore = (
        sent(made, operations) for made in (client("dynamodb"), get_session().create_client("dynamodb"))
    )

    assert body.pop("ClientRequestToken") != of_botocore.pop("ClientRequestToken")
    assert body == of_botocore
