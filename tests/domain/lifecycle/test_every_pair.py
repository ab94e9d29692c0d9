"""Each state of work and each action on it is a pair with a result: where all units go, or the error that says why not."""

import json
from itertools import product
from pathlib import Path

import pytest

from comanda.domain.errors import NotAllowed, Rejected
from comanda.domain.lifecycle.cancels import no_show
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.changes.change import change
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.modifications.modification_matrix import Matrix
from comanda.domain.lifecycle.moving.wanted import NewMethod, NewNode, NewRequested, NewService, NewShipTo, NewStore
from comanda.domain.lifecycle.node_work import decline, recall_requests, work
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.parcels.deliver import deliver, lose
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.methods import PICKUP
from tests.builders import NOW, a_line, a_node, a_shipment, a_step, an_order, offered, placed, saved, worked
from tests.domain.declines import OTHER

FILE = Path(__file__).parent / "every_pair.json"

_PICKED = ("accept", "pick")
_PACKED = (*_PICKED, "pack")


def sent():
    return offered(placed(an_order(a_line("TEA", 2))))


def collected():
    store = (a_node("store-7", type="STORE"), {"1": 2})
    return offered(placed(an_order(a_line("TEA", 2, method=PICKUP, node="store-7"))), store)


def shipped():
    return saved(ship(worked(sent(), *_PACKED), a_step(), a_shipment("S-1")))


def asked_back(*steps):
    return saved(recall_requests.recall(worked(sent(), *steps), {1: {"1": 2}}, "fraud", "care", NOW))


# The states of one fulfillment with all its units, shipped or collected.
STATES = {
    "OFFERED": sent,
    "ACCEPTED": lambda: worked(sent(), "accept"),
    "PICKING": lambda: worked(sent(), "accept", "start-pick"),
    "PICKED": lambda: worked(sent(), *_PICKED),
    "PACKED": lambda: worked(sent(), *_PACKED),
    "SHIPPED": shipped,
    "DELIVERED": lambda: saved(deliver(shipped(), a_step(), NOW)),
    "LOST": lambda: saved(lose(shipped(), a_step(), "NOT_ARRIVED")),
    "OFFERED at a counter": collected,
    "PACKED at a counter": lambda: worked(collected(), *_PACKED),
    "READY_FOR_PICKUP": lambda: worked(collected(), *_PACKED, "ready"),
    "PICKED_UP": lambda: saved(ship(worked(collected(), *_PACKED, "ready"), a_step(), a_shipment("S-1"))),
    "DECLINED": lambda: saved(decline.decline(sent(), a_step(), OTHER)),
    "SHORTED": lambda: saved(decline.short_pick(worked(sent(), "accept"), a_step(l1=2), "NOT_FOUND")),
    "CANCELLED": lambda: saved(cancel(sent(), None, "no", "shop", NOW)),
    "RECALLED": lambda: saved(recall_requests.recall(sent(), {1: {"1": 2}}, "fraud", "care", NOW)),
    "HANDED_BACK": lambda: saved(decline.hand_back(worked(sent(), "accept"), a_step(), "OTHER")),
    "NO_SHOW": lambda: saved(no_show.no_show(worked(collected(), *_PACKED, "ready"), a_step())),
    "PICKED, and asked back": lambda: asked_back(*_PICKED),
}


NEW_YORK = Destination(country="US", region="NY", latitude=40.7, longitude=-74.0)
# Changes after the sale that move units, of the line or of the order.
MOVES = {
    "ship_to": NewShipTo(to=NEW_YORK),
    "requested": NewRequested(not_before="2026-12-24"),
    "service": NewService(service="EXPRESS"),
    "method": NewMethod(line_id="1", method=PICKUP, node_id="store-8"),
    "store": NewStore(line_id="1", node_id="store-8"),
    "node": NewNode(line_id="1", node_id="dc-9", by="office"),
}


def changed(wanted):
    """Return the change as an action that is refused with the codes of its denials."""

    def action(order):
        made = change(order, [wanted], Matrix(), ChangeTerms(reason="wish", actor="care", now=NOW))
        if made.decision is None:
            raise NotAllowed(", ".join(denial.code for _, denials in made.denied for denial in denials))
        return made.decision

    return action


def advance(name):
    return lambda order: work.advance(order, name, a_step())


ACTIONS = {
    **{name: advance(name) for name in ("accept", "start-pick", "pick", "pack", "ready")},
    "decline": lambda order: decline.decline(order, a_step(), OTHER),
    "short-pick": lambda order: decline.short_pick(order, a_step(l1=2), "NOT_FOUND"),
    "ship or hand-over": lambda order: ship(order, a_step(), a_shipment("S-2")),
    "hand-back": lambda order: decline.hand_back(order, a_step(), "CANNOT_FINISH"),
    "hand-back, refused by the customer": lambda order: decline.hand_back(order, a_step(), decline.CUSTOMER_REFUSED),
    "no-show": lambda order: no_show.no_show(order, a_step()),
    "deliver": lambda order: deliver(order, a_step(), NOW),
    "lose": lambda order: lose(order, a_step(), "NOT_ARRIVED"),
    "recall": lambda order: recall_requests.recall(order, {1: {"1": 2}}, "fraud", "care", NOW),
    "recall-agree": lambda order: recall_requests.agree(order, a_step()),
    "recall-refuse": lambda order: recall_requests.refuse(order, a_step(), "LEAVING"),
    "cancel": lambda order: cancel(order, {"1": 2}, "no", "shop", NOW),
    **{f"change {name}": changed(make) for name, make in MOVES.items()},
}


def outcome(action, state):
    """Return the statuses and the work after the action, "nothing" for a report that was known, or the refusal."""
    order = STATES[state]()
    try:
        decision = ACTIONS[action](order)
    except Rejected as refused:
        return f"refused: {refused}"
    if decision is None:
        return "nothing"
    after = decision.order
    units = ", ".join(f"{n} {status}" for status, n in after.quantities().items())
    open_recall = ", asked back" if after.requested_back(1) else ""
    return f"{units}; the work is {after.fulfillment_status(1)}{open_recall}"


TABLE = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("action", "state"), tuple(product(ACTIONS, STATES)))
def test_each_pair_of_a_state_and_an_action_has_the_result_that_the_table_says(action, state):
    assert outcome(action, state) == TABLE[action][state]


def test_the_table_has_each_pair_and_no_other():
    assert {(action, state) for action, row in TABLE.items() for state in row} == set(product(ACTIONS, STATES))


def test_a_state_is_called_by_its_work():
    for state, make in STATES.items():
        assert make().fulfillment_status(1) == state.split(",")[0].split(" at ")[0]
