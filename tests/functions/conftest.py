"""Give every test an AWS of its own, and keep the mails that its rooms send."""

from tests.functions.doors import doors
from tests.functions.few_pages import few_pages
from tests.functions.grants import grants
from tests.functions.mailroom import outbox
from tests.functions.taxed import taxed
from tests.functions.world import world
from tests.moto_aws import aws

__all__ = ["aws", "doors", "few_pages", "grants", "outbox", "taxed", "world"]
