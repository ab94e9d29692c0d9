"""`comanda logs` shows the end of a log, however long it is, and a search through a log sees all of it."""

import time
from typing import Any, cast

import boto3
from moto import mock_aws

from local import logs
from local.instance import Instance

GROUP = "/aws/lambda/comanda-local-stock"


class _Instance:
    def client(self, _: str) -> Any:
        return boto3.client("logs", region_name="us-east-1")


@mock_aws
def test_the_last_lines_of_a_log_are_the_newest_of_all_its_streams() -> None:
    client = _Instance().client("logs")
    client.create_log_group(logGroupName=GROUP)
    for stream in ("one", "two"):
        client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        began = int(time.time()) - 60
        told = [{"timestamp": 1_000 * (began + second), "message": f"{stream} {second}"} for second in range(1, 30)]
        client.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=told)

    last = logs.last(cast(Instance, _Instance()), "stock", 3)
    everything = list(logs.messages(client, GROUP))

    assert [line.split()[-1] for line in last] == ["28", "29", "29"]
    assert sorted(everything) == sorted(f"{stream} {second}" for stream in ("one", "two") for second in range(1, 30))
