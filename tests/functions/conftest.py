"""Every handler runs in an AWS of its own."""

from tests.aws import aws

__all__ = ["aws"]
