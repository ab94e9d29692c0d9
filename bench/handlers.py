"""Measure `handler:`: CPU of one warm event with AWS stubbed at the wire, beside the naive way; medians of medians."""

from statistics import median

from bench.figures import Figure
from bench.shipped import probe

RUNS, EVENTS = 5, 400
_ROOMS = {
    "intake": "a 10-line order placed",
    "fulfill": "accept of a 10-line order",
    "tracking": "one scan of the parcel of a 10-line order",
    "drafts": "a 10-line cart stored",
    "route": "10 lines over 42 nodes",
    "conduct": "one event",
    "relay": "one event",
    "console": "a page, beside its calls of the API",
}
_OTHER_ROOMS = tuple(_ROOMS)[1:]
_HOLD_TYPES = 20
_BARS = {"intake": 1.2, "console": 15.0}


def figures() -> list[Figure]:
    naive: list[float] = []
    previewed: list[float] = []  # to an order that is placed, in the same run
    held: list[float] = []  # to the same event with one type of holds, in the same run
    found: dict[str, list[float]] = {room: [] for room in _ROOMS}
    for _ in range(RUNS):
        naive.append(probe("bench.naive", EVENTS)["median_ms"])
        # What is compared is measured one after the other: the machine's speed changes within a run.
        placed = probe("functions.intake.handler", EVENTS)["median_ms"]
        found["intake"].append(placed)
        held.append(probe(f"functions.intake.handler:{_HOLD_TYPES}", EVENTS)["median_ms"] / placed)
        previewed.append(probe("functions.intake.handler:preview", EVENTS)["median_ms"] / placed)
        for room in _OTHER_ROOMS:
            found[room].append(probe(f"functions.{room}.handler", EVENTS)["median_ms"])
    preview = Figure(
        figure="handler: intake, a preview of ten changes of a 10-line order, to a 10-line order placed",
        value=round(median(previewed), 2),
        unit="x CPU",
        bar=3.0,
    )
    ratio = Figure(
        figure=f"handler: intake, a 10-line order placed beside {_HOLD_TYPES} types of holds, to beside one",
        value=round(median(held), 2),
        unit="x CPU",
        bar=1.3,
    )
    return [
        ratio,
        preview,
        *_of_rooms(naive, found),
    ]


def _of_rooms(naive: list[float], found: dict[str, list[float]]) -> list[Figure]:
    return [
        Figure(
            figure=f"handler: {room}, {what}",
            value=round(median(found[room]), 2),
            unit="ms CPU",
            bar=_BARS.get(room),
            baseline=round(median(naive), 2) if room == "intake" else None,
        )
        for room, what in _ROOMS.items()
    ]
