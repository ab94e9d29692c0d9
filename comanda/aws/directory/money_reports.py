"""
Find the reports of money that partners bring, as their entries say.

Called by   functions/sweep
Returns     Reports, one for each provider
Raises      Throttled
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from comanda.aws.directory import directory
from comanda.domain.reconciliation.reports import Reports, by_provider


def brought() -> list[Reports]:
    """Return the providers whose reports some partner brings."""
    entries = directory.entries(directory.PARTNER, directory.names(directory.PARTNER)).values()
    return by_provider(_reports(entry["settlements"]) for entry in entries if entry.get("settlements"))


def _reports(brings: Mapping[str, Any]) -> Reports:
    return Reports(
        provider=brings["provider"],
        since=datetime.fromisoformat(brings["since"]).replace(tzinfo=UTC),
        patience=timedelta(days=brings["missing_after_days"]),
    )
