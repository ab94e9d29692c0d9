"""The rules that the two files of machines keep, whatever runs them."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from comanda.domain import errors
from comanda.domain.orders.verdict import SUCCESSES, Verdict
from tests.statemachines.interpreter import FILES, MACHINES, STATES

LAMBDAS_OWN = {
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
}
IDS = {"order_id", "fulfillment", "wait", "state", "token", "error", "asked"}
TIMEOUTS = ["States.Timeout", "States.HeartbeatTimeout"]
MONTH = 30 * 24 * 3600

# The next state of each state by error, beside its timeout (itself) and any other error (AskAPerson). A new edge needs a life
# that takes it, in `stories`, in `test_looking_first`, or in `test_timeouts`.
EDGES = {
    ("order", "Route"): {"": "UntilSettled", "Held": "Held"},
    ("order", "UntilSettled"): {
        "": "Complete",
        "Settled": "Complete",
        "RouteAgain": "Route",
        "Provided": "InvoiceProvided",
    },
    ("order", "InvoiceProvided"): {"": "UntilSettled"},
    ("order", "Held"): {"": "Route", "Resolved": "Route"},
    ("order", "AskAPerson"): {"": "Route", "Resolved": "Route"},
    ("order", "Complete"): {"": "End"},
    ("fulfillment", "Release"): {
        "": "Invoice",
        "Shipped": "Invoice",
        "Declined": "HandedBack",
        "Cancelled": "StandDown",
        "HeldNow": "Held",
        "Silent": "Escalate",
        "Packed": "InvoicePacked",
    },
    ("fulfillment", "InvoicePacked"): {"": "Release"},
    ("fulfillment", "Invoice"): {"": "Notify"},
    ("fulfillment", "Notify"): {"": "End"},
    ("fulfillment", "HandedBack"): {"": "End"},
    ("fulfillment", "StandDown"): {"": "End"},
    ("fulfillment", "Escalate"): {"": "Release"},
    ("fulfillment", "Held"): {"": "Release", "Resolved": "Release"},
    ("fulfillment", "AskAPerson"): {"": "Release", "Resolved": "Release"},
}

_EACH_STATE = pytest.mark.parametrize("place", STATES, ids=".".join)


def _waits(state: dict[str, Any]) -> bool:
    return str(state["Resource"]).endswith(".waitForTaskToken")


def _named(rules: list[dict[str, Any]]) -> Iterator[str]:
    for rule in rules:
        yield from rule["ErrorEquals"]


def _next(state: dict[str, Any]) -> set[str]:
    return {rule["Next"] for rule in state.get("Catch", ())} | ({state["Next"]} if "Next" in state else set())


@pytest.mark.parametrize("machine", MACHINES)
def test_every_room_that_a_machine_names_is_there(machine: str) -> None:
    rooms = set(re.findall(r"\$\{(\w+)\}", (FILES / f"{machine}.asl.json").read_text(encoding="utf-8")))

    assert rooms
    assert all((FILES.parent / "functions" / room.lower() / "handler.py").is_file() for room in rooms)


def test_every_edge_is_one_that_a_story_takes() -> None:
    found = {
        place: {"": state.get("Next", "End")}
        | {error: rule["Next"] for rule in state["Catch"] for error in rule["ErrorEquals"] if "States." not in error}
        for place, state in STATES.items()
    }

    assert found == EDGES


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_can_be_entered_and_left(machine: str) -> None:
    document = MACHINES[machine]
    found, new = set(), {document["StartAt"]}
    while new:
        found |= new
        new = {follower for state in new for follower in _next(document["States"][state])} - found

    assert found == set(document["States"])
    assert document["Comment"]
    assert "QueryLanguage" not in document
    assert [name for name, state in document["States"].items() if state.get("End")]


@_EACH_STATE
def test_a_state_is_a_task_with_a_comment_and_a_timeout(place: tuple[str, str]) -> None:
    state = STATES[place]

    assert state["Type"] == "Task"  # no Choice, Wait, Map, Pass, Parallel: edges are error names
    assert len(state["Comment"]) > 10
    assert state["TimeoutSeconds"] == (MONTH if _waits(state) else 120)
    assert "HeartbeatSeconds" not in state
    assert state["ResultPath"] is None
    assert ("Next" in state) != bool(state.get("End"))


@_EACH_STATE
def test_a_payload_carries_ids_only(place: tuple[str, str]) -> None:
    state = STATES[place]
    payload = state["Parameters"]["Payload"]

    assert state["Resource"].removesuffix(".waitForTaskToken") == "arn:aws:states:::lambda:invoke"
    assert payload["state"] == place[1]
    assert {name.removesuffix(".$") for name in payload} <= IDS
    assert ("token.$" in payload) == _waits(state)
    for name, source in payload.items():
        if name.endswith(".$"):
            assert source in (f"$.{name[:-2]}", "$$.Task.Token", "$$.State.EnteredTime", "$.because.Error")


@_EACH_STATE
def test_only_busy_errors_are_tried_again(place: tuple[str, str]) -> None:
    retries = STATES[place]["Retry"]

    if place[1] == "AskAPerson":
        assert retries[-1]["ErrorEquals"] == ["States.ALL"]  # the question itself is tried again and again
        return
    named = set(_named(retries))
    assert {"StaleOrder", "StockConflict", "Throttled"} | LAMBDAS_OWN <= named
    assert all(issubclass(getattr(errors, name), errors.Busy) for name in named - LAMBDAS_OWN)
    assert all(rule["MaxAttempts"] > 0 for rule in retries)


def test_every_state_but_the_question_to_a_person_begins_with_the_same_retries() -> None:
    """JSON has no anchors, so the two rules stand in every state. A state may add a rule of its own after them."""
    rules = {place: state["Retry"][:2] for place, state in STATES.items() if place[1] != "AskAPerson"}

    assert len(rules) == 13
    assert rules == dict.fromkeys(rules, rules["order", "Route"])


@_EACH_STATE
def test_an_edge_is_an_error_of_ours_and_every_other_error_leads_to_a_person(place: tuple[str, str]) -> None:
    name = place[1]
    catches = STATES[place]["Catch"]

    ours = {error for error in _named(catches) if not error.startswith("States.")}
    assert all(issubclass(getattr(errors, error), errors.Edge | errors.Held) for error in ours)
    assert len(list(_named(catches))) == len(set(_named(catches)))
    if name != "AskAPerson":
        assert catches[-1] == {"ErrorEquals": ["States.ALL"], "ResultPath": "$.because", "Next": "AskAPerson"}
    if _waits(STATES[place]):
        timeout = [rule for rule in catches if rule["ErrorEquals"] == TIMEOUTS]
        assert [rule["Next"] for rule in timeout] == [name]


@_EACH_STATE
def test_a_caught_error_is_kept_beside_the_ids(place: tuple[str, str]) -> None:
    """A question without an answer for a month is the exception: it keeps its reason."""
    for rule in STATES[place]["Catch"]:
        kept = place[1] == "AskAPerson" and rule["ErrorEquals"] == TIMEOUTS
        assert rule["ResultPath"] == (None if kept else "$.because")


@_EACH_STATE
def test_a_success_and_its_error_name_lead_to_the_same_state(place: tuple[str, str]) -> None:
    """An answer comes as a success from `conduct`, and as an error when the state itself reads the order."""
    state = STATES[place]

    for rule in state["Catch"]:
        if SUCCESSES & set(rule["ErrorEquals"]):
            assert rule["Next"] == state["Next"]


def test_every_answer_of_the_verdict_has_an_edge() -> None:
    caught = {error for state in STATES.values() for error in _named(state["Catch"])}

    assert set(get_args(Verdict)) == {edge.__name__ for edge in errors.Edge.__subclasses__()}
    assert set(get_args(Verdict)) <= caught


@pytest.mark.parametrize("machine", MACHINES)
def test_every_loop_waits_for_a_token(machine: str) -> None:
    """Every edge back leads through a wait for a token, so no machine polls."""
    busy = {name: state for name, state in MACHINES[machine]["States"].items() if not _waits(state)}

    for start, state in busy.items():
        reached, new = set[str](), _next(state) & set(busy)
        while new:
            reached |= new
            new = {follower for name in new for follower in _next(busy[name]) if follower in busy} - reached
        assert start not in reached


def test_the_files_are_written_as_everybody_writes_them() -> None:
    for machine in MACHINES:
        text = (FILES / f"{machine}.asl.json").read_text(encoding="utf-8")
        assert json.loads(text, object_pairs_hook=_no_duplicates)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({name for name, _ in pairs}) == len(pairs), "a name stands twice"
    return dict(pairs)
