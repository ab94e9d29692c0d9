"""Test that a call which AWS does not answer, or answers with an error of its own, raises one error that is retried."""

from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from comanda.aws.orders import orders
from comanda.aws.runtime.clients import client
from comanda.domain.errors import Throttled


@pytest.mark.parametrize("kind", [ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError])
def test_a_call_without_an_answer_raises_throttled(aws: Any, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]):
    def silent(*_: Any, **__: Any) -> None:
        raise kind(endpoint_url="https://dynamodb")

    monkeypatch.setattr(client("dynamodb")._endpoint, "make_request", silent)

    with pytest.raises(Throttled, match=kind.__name__):
        orders.find("ord_us1_01J0000000000000000000000A")
