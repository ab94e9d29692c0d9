"""
Decide what pages show of cases, and turn the forms of a case into its steps. Pure.

Called by   functions/console/pages: those of cases, customers and orders, and the home page
Returns     plain values, which templates read; cases are the JSON that the API answers
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from comanda.aws.api_client.calls import Answer, Call, get
from comanda.domain.cases.terms import TEAMS
from functions.console.view import Person

ME = "me"
MOST_COUNTED = "50"  # cases of an owner that the home page counts
STEPS = {
    "note": "note",
    "wait-customer": "wait",
    "wait-partner": "wait",
    "close": "close",
    "reopen": "reopen",
    "resume": "resume",
    "assign": "assign",
    "take": "assign",
}
TEXT = ("text", "author", "internal", "outcome")
ASSIGN = ("owner", "due")
_MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")


def owners(person: Person) -> list[str]:
    """Return the owners whose cases a person sees first: the person, then the teams of their desks."""
    return [ME, *(team for team in map(str, TEAMS) if team in person.desks)]


def counts(wanted: Iterable[str]) -> list[Call]:
    """Return the calls that `rows_of_owners` needs the answers of."""
    return [get("/v1/cases", owner=owner, limit=MOST_COUNTED) for owner in wanted]


def rows_of_owners(wanted: Iterable[str], answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """Return a row for each owner whose cases could be read: how many are not closed, and which is due first."""
    return [
        {
            "owner": owner,
            "waiting": len(answer.body["items"]),
            "capped": answer.body["next"] is not None,
            "oldest_due": answer.body["items"][0]["due"] if answer.body["items"] else None,
            "tone": "bad" if any(case["overdue"] for case in answer.body["items"]) else "",
        }
        for owner, answer in zip(wanted, answers, strict=True)
        if answer.ok
    ]


def body_of(do: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of the step that a button stands for."""
    if do == "resume":
        return {}
    if do == "take":
        return {}
    if do == "assign":
        due = typed["due"].strip()
        return {"owner": typed["owner"], **({"due": moment(due)} if due else {})}
    said = {"text": typed["text"], "internal": bool(typed["internal"])} if typed["text"].strip() else {}
    if do == "note":
        theirs = typed["author"] == "CUSTOMER"
        return {"text": typed["text"], "author": "CUSTOMER"} if theirs else {"text": typed["text"], **said}
    if do == "close":
        return {"outcome": typed["outcome"], **said}
    return said if do == "reopen" else {"for": do.removeprefix("wait-").upper(), **said}


def moment(typed: str) -> str:
    """Return a moment of a field for day and minute, which is in UTC, as the API takes it. Another text stays as it is."""
    return f"{typed}:00Z" if _MINUTE.fullmatch(typed) else typed


def toned(cases: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a table of cases, those that are overdue with a tone."""
    return [{**case, "tone": "bad" if case["overdue"] else ""} for case in cases]
