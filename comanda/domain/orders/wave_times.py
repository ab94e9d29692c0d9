"""
Say when waves start. A wave starts every hour, and optimises the orders of an hour together.

Called by   comanda.domain.routing, comanda.domain.scheduling
Returns     times in UTC
Raises      nothing
"""

from datetime import datetime, timedelta

EVERY = timedelta(hours=1)


def next_wave(now: datetime) -> datetime:
    """Return when the next wave starts: the next full hour. At exactly hh:00 return the hour after, because that wave may
    have started."""
    return now.replace(minute=0, second=0, microsecond=0) + EVERY


def latest_in_wave(begins: datetime) -> datetime:
    """Return the latest time at which an order can be placed to be part of a wave that starts by `begins`."""
    return begins.replace(minute=0, second=0, microsecond=0) - timedelta(microseconds=1)
