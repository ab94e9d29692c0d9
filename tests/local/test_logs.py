"""`comanda logs` shows the end of a log, however long it is, and a search through a log sees all of it."""

from typing import Any, cast

import pytest

from local import logs
from local.instance import Instance

EVENTS = [
    {"timestamp": 1_000 * second, "message": f"{stream} {second}"}
    for second in range(1, 30)
    for stream in ("one", "two")
]


class _Logs:
    """Answer as the embedded AWS does: the events of all streams by their time, as many as a page has."""

    def filter_log_events(self, *, logGroupName: str, startTime: int, limit: int) -> Any:  # noqa: N803  AWS's names
        assert logGroupName == "/aws/lambda/comanda-local-stock"
        return {"events": [event for event in EVENTS if cast(int, event["timestamp"]) >= startTime][:limit]}


class _Instance:
    def client(self, _: str) -> Any:
        return _Logs()


@pytest.mark.parametrize("page", [3, 7, 57, 58, 59, 10_000])
def test_the_last_lines_of_a_log_are_the_newest_of_all_its_streams(page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_A_PAGE", page)

    last = logs.last(cast(Instance, _Instance()), "stock", 3)
    everything = list(logs.messages(_Logs(), "/aws/lambda/comanda-local-stock"))

    assert [line.split()[-1] for line in last] == ["28", "29", "29"]
    assert everything == [event["message"] for event in EVENTS]
