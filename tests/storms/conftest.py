"""Every test runs in an AWS of its own; what the rooms mail is caught on its way out."""

import pytest

from tests.functions.doors import doors
from tests.functions.few_pages import few_pages
from tests.functions.mailroom import outbox
from tests.functions.world import world
from tests.moto_aws import aws

__all__ = ["aws", "doors", "few_pages", "outbox", "world"]


@pytest.fixture(autouse=True)
def swept_often(few_pages: None) -> None:
    """Sweep few pages, whatever the test is."""
