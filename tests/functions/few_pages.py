"""
Divide each list in two pages, where the product has eight: a sweep asks for every page, and nearly all are empty in a test.

Called by   tests that sweep after each of many crashes and races, by the name of the fixture; all of tests/storms
"""

import pytest

from comanda.aws.dynamodb import keys

PAGES = 2


@pytest.fixture
def few_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "SHARDS", PAGES)
    monkeypatch.setattr(keys.shard, "__defaults__", (PAGES,))
