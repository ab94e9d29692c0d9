"""
Write goods, money and counts as an explanation says them.

Called by   comanda.domain.evaluation.explain
Returns     English text
Raises      nothing
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

type DecisionRecord = Mapping[str, Any]  # as comanda.domain.routing.record makes it

LISTED = 5  # lines and nodes that are named; more are only counted


def units(rows: Iterable[Sequence[Any]]) -> int:
    """Return the sum of the units of rows [line, sku, units, ...]."""
    return sum(row[2] for row in rows)


def goods(lines: Sequence[Sequence[Any]]) -> str:
    named = [f"{count} of {sku} (line {line_id})" for line_id, sku, count, *_ in lines[:LISTED]]
    if len(lines) > LISTED:
        named.append(f"{units(lines[LISTED:])} units of {len(lines) - LISTED} more lines")
    single = len(lines) == 1 and lines[0][2] == 1
    return f"{listed(named)} {'is' if single else 'are'}"


def listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def against(arrives: str, wanted: str | None) -> str:
    if not wanted:
        return ", with no date promised or asked for"
    early = (date.fromisoformat(wanted) - date.fromisoformat(arrives)).days
    if not early:
        return ", the wanted date"
    return f", {days(abs(early))} {'before' if early > 0 else 'after'} the wanted {wanted}"


def costs(parts: Mapping[str, int], currency: str) -> str:
    if not parts:
        return ""
    named = ", ".join(f"{name} {amount(micros)}" for name, micros in parts.items())
    return f"{money(sum(parts.values()), currency)} ({named})"


def money(micros: int, currency: str) -> str:
    return f"{currency} {amount(micros)}".strip()


def amount(micros: int) -> str:
    """Return micro-units as a number with two decimals. A smaller amount is written with two significant digits."""
    if micros and abs(micros) < 10_000:
        return f"{micros / 1_000_000:.{4 if abs(micros) >= 1_000 else 6}f}"
    return f"{micros / 1_000_000:,.2f}"


def shipments(count: int) -> str:
    return "1 shipment" if count == 1 else f"{count} shipments"
