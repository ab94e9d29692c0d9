"""
Give the texts of an explanation for the reasons that a decision stores: nodes left out, and units left over.

Called by   comanda.domain.evaluation.explain
Returns     English text
Raises      nothing
"""

from collections.abc import Mapping, Sequence

from comanda.domain.orders.queues import Queue

# Why a node was left out: for one node, for several.
OUT: Mapping[str, tuple[str, str]] = {
    "does-not-ship": ("does not ship", "do not ship"),
    "other-country": ("is in another country", "are in another country"),
    "closed": ("is closed in the days to come", "are closed in the days to come"),
    "no-capacity": ("has too little room left", "have too little room left"),
    "type-not-allowed": ("is of a type that the rule leaves out", "are of a type that the rule leaves out"),
    "node-not-allowed": ("is not among the nodes of the rule", "are not among the nodes of the rule"),
    "group-not-allowed": ("is in no group of the rule", "are in no group of the rule"),
    "lacks-tag": ("lacks a tag that the rule asks for", "lack a tag that the rule asks for"),
    "no-pickup": ("has no counter, which the rule asks for", "have no counter, which the rule asks for"),
    "too-far": ("is farther away than the rule allows", "are farther away than the rule allows"),
    "too-many-splits": ("would be one shipment too many", "would be shipments too many"),
    "late": ("could not make the wanted date", "could not make the wanted date"),
    "gave-it-back": ("gave it back before", "gave it back before"),
    "lacks-a-tag-of-the-goods": ("lacks a tag that such goods need", "lack a tag that such goods need"),
    "keeps-its-last-units": ("keeps its last units, as the rule asks", "keep their last units, as the rule asks"),
    "taken-by-other-lines": ("gives all of it to the order already", "give all of it to the order already"),
    "dominated": (
        "is needless: another has as much and is nowhere dearer",
        "are needless: others have as much and are nowhere dearer",
    ),
}

# Why units are left over.
LEFT_OVER: Mapping[str, str] = {
    "no-stock": "no node that may send there has any left",
    "no-capacity": "the nodes that have it and may handle it have no room left",
    "kit-incomplete": "no node that may send it can send the rest of its kit as well",
    "lacks-tag": "nodes have it, and none of them has the tags that such goods need",
    "splits-used-up": "nodes have it, and the rule allows no more shipments",
    "not-worth-it": "no shipment that the rule allows would be worth the rule's minimum",
    "no-node-allowed": "nodes have it, and no rule lets them send it",
    "no-rule-applies": "no rule of the set is for this order",
    "no-carrier-serves-it": "no carrier goes to this military post office",
    "too-many-splits": "it would take more shipments than are allowed",
    **{
        f"chosen-{why}": f"a person chose its node, which {text}"
        for why, text in {
            "no-stock": "does not have it any more",
            "closed": "is closed",
            "no-capacity": "has no capacity left",
            "does-not-ship": "does not ship",
            "other-country": "is in another country",
            "lacks-tag": "may not handle it",
            "declined": "gave it back",
            "unknown": "does not exist any more",
        }.items()
    },
    "too-many-declines": "so many nodes gave it back that a person decides",
    "pickup-node-closed": "the customer's store is closed, or hands nothing over",
    "pickup-declined": "the customer's store gave it back, and a pickup is never sent instead",
    "pickup-out-of-stock": "the customer's store has too little of it, or of its kit",
    "pickup-no-capacity": "the customer's store has no room left",
}

WAITS: Mapping[str, str] = {
    Queue.BACKORDER: "for stock, in the backorder queue",
    Queue.ROUTING: "for a planner, in the routing queue",
    Queue.CUSTOMER_CARE: "for customer care, in its queue",
}


def count_reasons(why: Mapping[str, Sequence[str]]) -> str:
    """Return how many nodes have which reason, the most frequent first."""
    most_first = sorted(why.items(), key=lambda one: (-len(one[1]), one[0]))
    return "; ".join(f"{len(nodes)} {reason_text(reason, len(nodes))}" for reason, nodes in most_first)


def reason_text(reason: str, count: int = 1) -> str:
    """Return the text of a reason for so many nodes. A reason without a text, of a later version of this code, is
    returned as it is."""
    one, many = OUT.get(reason, (reason, reason))
    return one if count == 1 else many
