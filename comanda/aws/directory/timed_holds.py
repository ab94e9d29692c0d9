"""
Find which types of holds end by themselves, without the rules that place them.

Called by   functions/sweep, which ends holds
Returns     ids of hold types
Raises      Throttled
"""

from comanda.aws.directory.directory import HOLD_TYPE, entries, names


def resolved_by_schedule() -> frozenset[str]:
    """Return the ids of the hold types that end by themselves when they expire."""
    docs = entries(HOLD_TYPE, names(HOLD_TYPE))
    return frozenset(name for name, doc in docs.items() if doc.get("resolved_by") == "schedule")
