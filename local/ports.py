"""
Change the addresses with a port in the state of an embedded AWS: those of queues, of layers, and of what was deployed
with them.

Called by   local/emulator.py, before it starts
Returns     how many files were changed
Raises      nothing

State that was copied, or is started on another port, would send its messages to the program on the old port.
"""

import re
from pathlib import Path

# The addresses that ministack makes of itself; a mail's or an order's text has none of these paths.
_OURS = re.compile(r"(http://(?:localhost|127\.0\.0\.1):)(\d+)(?=/(?:\d{12}|_ministack|_aws)/)")


def follow(state: Path, port: int) -> int:
    """Change the port of every address of the embedded AWS in its saved state."""
    changed = 0
    for file in sorted(state.glob("*.json")):
        text = file.read_text(encoding="utf-8")
        if any(found != str(port) for _, found in _OURS.findall(text)):
            fresh = file.with_suffix(".moved")
            fresh.write_text(_OURS.sub(rf"\g<1>{port}", text), encoding="utf-8")
            fresh.replace(file)
            changed += 1
    return changed
