"""The retailer's rule sets: seven common policies, of which two are in force. docs/rules.md says what each of them does."""

import json
from pathlib import Path
from typing import Any

FILES = Path(__file__).with_name("rule_sets")
LOCAL_ORDERS = "local"  # the sourcing class of what a store's own customers order

# The set that speaks where no more exact one does, and one for the stores' own orders.
IN_FORCE = ("cheapest", "stores-for-locals")


def policies() -> dict[str, dict[str, Any]]:
    """The seven, by name."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FILES.glob("*.json"))}


def rule_sets() -> dict[str, dict[str, Any]]:
    """Every set of the retailer: the policies, and store-first for local orders only."""
    known = policies()
    locals_only = {**known["store-first"], "name": "Stores first, for locals"}
    return known | {"stores-for-locals": {**locals_only, "applies_to": {"sourcing_classes": [LOCAL_ORDERS]}}}
