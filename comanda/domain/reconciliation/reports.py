"""
Define the reports of money that somebody brings: of which provider, since when, and after how long something is missing.

Called by   comanda.aws.directory.money_reports, comanda.aws.books.missing_settlements
Returns     values
Raises      nothing
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """The reports of a provider. `patience` is how long after a movement it may be reported."""

    provider: str
    since: datetime
    patience: timedelta


def by_provider(brought: Iterable[Reports]) -> list[Reports]:
    """Return one for each provider. Of two that bring the same, the later day and the longer time count."""
    found: dict[str, Reports] = {}
    for one in brought:
        other = found.get(one.provider, one)
        found[one.provider] = Reports(
            provider=one.provider, since=max(one.since, other.since), patience=max(one.patience, other.patience)
        )
    return list(found.values())
