"""
Define the time limit of a search: a function that returns True once no time is left.

Called by   every rule that searches: the optimizer, the router, promises, trials of rule sets
Returns     the type of such a function, and the limit that never ends

The rules are pure, so the caller passes the limit in. A search that a limit stopped says so in its result.
"""

from collections.abc import Callable

type TimeLimit = Callable[[], bool]


def never() -> bool:
    """Return False: the time is never over."""
    return False
