"""Every test runs in an AWS of its own; what the rooms mail is caught on its way out."""

import pytest

from comanda.aws.dynamodb import keys
from tests.functions.doors import doors
from tests.functions.mailroom import outbox
from tests.functions.world import world
from tests.moto_aws import aws

__all__ = ["aws", "doors", "outbox", "world"]
PAGES = 2


@pytest.fixture(autouse=True)
def few_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide each list in two pages, where the product has eight: a sweep asks for every page, and nearly all are empty here."""
    monkeypatch.setattr(keys, "SHARDS", PAGES)
    monkeypatch.setattr(keys.shard, "__defaults__", (PAGES,))
