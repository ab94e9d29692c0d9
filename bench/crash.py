"""Measure `crash:`: a process ends before and after each AWS call of each journey; then only redelivery and the sweeper work."""

from bench.figures import Figure
from bench.inprocess import a_world, quiet
from tests.storms.crash_journeys import JOURNEYS, crashed_everywhere, limit_days


def figures() -> list[Figure]:
    points, wrong, out = 0, 0, []
    for name, journey in JOURNEYS.items():
        with quiet(), a_world() as world:
            limit_days(world)
            calls, found = crashed_everywhere(world, journey)
        points += 2 * calls
        wrong += sum(bool(broken) for _, broken in found)
        out.append(Figure(figure=f"crash: {name}", value=2 * calls, unit="points"))
    return [
        *out,
        Figure(figure=f"crash: {len(JOURNEYS)} journeys together", value=points, unit="points"),
        Figure(figure="crash: points after which something is wrong", value=wrong, unit="points", bar=0),
    ]
