"""
Read which rooms the definition of a state machine names.

Called by   infra/constructs/machine.py
Returns     names of rooms
"""

import re

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def rooms_of(definition: str) -> frozenset[str]:
    """Return the rooms that the definition's placeholders name: `${Route}` is the room `route`."""
    return frozenset(name.lower() for name in PLACEHOLDER.findall(definition))
