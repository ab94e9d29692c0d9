"""
Find the sections of the runbook, which each alarm names one of.

Called by   infra/alarm.py
Returns     the anchors of docs/runbook.md
"""

import re
from functools import cache
from pathlib import Path

RUNBOOK = Path(__file__).resolve().parents[1] / "docs" / "runbook.md"


@cache
def anchors(runbook: Path = RUNBOOK) -> frozenset[str]:
    """Return the anchors of the runbook's headings, spelled as Markdown renderers spell them."""
    headings = re.findall(r"^#+ +(.+?) *$", runbook.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)
