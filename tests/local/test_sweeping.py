"""The sweeper is invoked page by page, each run once, and failed pages are reported at the end."""

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from local import deploy
from local.instance import Instance


class NoWorker(Exception):
    """All workers of the function are busy."""


class Lambdas:
    """A Lambda client with a sweeper of so many open orders. `fails` are orders that no run can sweep; the first call is refused."""

    exceptions = SimpleNamespace(TooManyRequestsException=NoWorker)

    def __init__(self, orders: int, *fails: str) -> None:
        self.open, self.fails, self.asked = [f"o-{n}" for n in range(orders)], fails, []
        self._busy = True

    def invoke(self, **call: Any) -> dict[str, Any]:
        if self._busy:
            self._busy = False
            raise NoWorker
        asked = json.loads(call["Payload"])
        self.asked.append(asked)
        if asked.get("list"):
            return self._answer({"open": self.open})
        page = asked.get("orders", [])
        if set(page) & set(self.fails):
            return self._answer({"errorType": "KeyError", "errorMessage": "-"}) | {"FunctionError": "Unhandled"}
        return self._answer({"looked": len(page), "facts": 0, "redriven": 0, "expired": 0})

    @staticmethod
    def _answer(body: Any) -> dict[str, Any]:
        return {"Payload": io.BytesIO(json.dumps(body).encode())}


def swept(monkeypatch: pytest.MonkeyPatch, lambdas: Lambdas, said: list[str]) -> dict[str, int]:
    monkeypatch.setattr(Instance, "client", lambda *_, **__: lambdas)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return deploy.sweep(Instance("test"), everything=True, say=said.append)


def test_all_open_orders_are_swept_in_pages_and_the_progress_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    lambdas, said = Lambdas(60), []

    assert swept(monkeypatch, lambdas, said)["looked"] == 60

    assert [len(asked.get("orders", ())) for asked in lambdas.asked] == [0, 25, 25, 10, 0]
    assert said == [f"swept {n} of 60 open orders" for n in (25, 50, 60)]


def test_a_failing_page_does_not_stop_the_other_pages_and_is_reported_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lambdas = Lambdas(60, "o-3")

    with pytest.raises(deploy.RoomFailed, match="1 pages of orders were not swept whole"):
        swept(monkeypatch, lambdas, [])

    assert len(lambdas.asked) == 5
