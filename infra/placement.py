"""
List which stack makes each room: the doors answer the REST API, the others act after a fact is committed.

Called by   infra/api_stack.py, infra/flow_stack.py
"""

DOORS = (
    "intake",
    "customers",
    "fulfill",
    "tracking",
    "books",
    "gift_cards",
    "credit_accounts",
    "credit",
    "notices",
    "cases",
    "erase",
    "documents",
    "stock",
    "reserve",
    "promise",
    "drafts",
    "availability",
    "directory",
    "planning",
    "outages",
    "order_form",
    "selfservice",
    "people",
    "console",
)

STEPS = ("route", "wait", "release", "invoice", "notify")
FLOW = (
    *STEPS,
    "conduct",
    "relay",
    "sweep",
    "inbox",
    "watch",
    "daily",
    "replenish",
    "reroute",
    "price",
    "wave",
    "tally",
    "pay",
    "number",
    "taxes",
)
