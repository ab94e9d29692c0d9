"""Every test runs in an AWS of its own; what the rooms mail is caught on its way out."""

from tests.functions.doors import doors
from tests.functions.mailroom import outbox
from tests.functions.world import world
from tests.moto_aws import aws

__all__ = ["aws", "doors", "outbox", "world"]
