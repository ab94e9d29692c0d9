"""
Say what has the rates of a channel. It is apart from what reads tables and asks services, which few channels need.

Called by   functions/directory, drafts and intake; comanda.aws.directory
Returns     the name of a tax service or of a tax table
Raises      nothing
"""

from collections.abc import Mapping
from typing import Any


def source(channel: Mapping[str, Any]) -> str:
    """Return what says the rates of a channel, by its document: its tax service, else its tax table. Empty: those that are given
    count."""
    service = channel.get("tax_service")
    return service["service"] if service else channel.get("tax_table") or ""
