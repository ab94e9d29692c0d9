"""
Measure how many honest numbers are refused as card numbers, for each kind of number, and how many test cards are found.

Called by   bench/run.py (`make bench ONLY=cards`)
Returns     figures: percent refused in people's words, beside the Luhn check alone; percent found of every brand
"""

import random
import re
from collections.abc import Callable

from bench.figures import Figure
from comanda.domain.card_numbers import grouped_like_a_card, looks_like_a_card
from tests.numbers import BRANDS, HONEST, groups, unusual

SEED = 16
TRIES = 20_000
MOST_REFUSED = 0.1  # percent
# These numbers have no form of their own. Their field is searched for numbers in the form of a card only.
REFERENCES = "payment references of 16 digits"


def figures() -> list[Figure]:
    found = [
        Figure(
            figure=f"cards: {kind} refused in people's words",
            value=_percent(make, looks_like_a_card),
            unit="%",
            bar=None if kind == REFERENCES else MOST_REFUSED,
            seed=SEED,
            baseline=_percent(make, _luhn_alone),
        )
        for kind, make in HONEST.items()
    ]
    found.append(
        Figure(
            figure=f"cards: {REFERENCES} refused in their field",
            value=_percent(HONEST[REFERENCES], grouped_like_a_card),
            unit="%",
            bar=MOST_REFUSED,
            seed=SEED,
        )
    )
    for brand, numbers in BRANDS.items():
        spelt = [one for number in numbers for one in (*groups(number), *unusual(number))]
        written = [f"{before}{one}{after}" for one in spelt for before, after in _AROUND]
        share = 100 * sum(map(looks_like_a_card, written)) / len(written)
        found.append(Figure(figure=f"cards: {brand} found", value=share, unit="%", bar=100, better="more"))
    return found


_AROUND = (("", ""), ("card ", ""), ("", " 12/27 123"), ("order 12, ", ", thanks"))


def _percent(make: Callable[[random.Random], str], rule: Callable[[str], bool]) -> float:
    chance = random.Random(SEED)
    return round(100 * sum(rule(make(chance)) for _ in range(TRIES)) / TRIES, 3)


def _luhn_alone(text: str) -> bool:
    """Return whether the earlier rule finds a card number: groups side by side that have 13 to 19 digits together and
    pass the Luhn check."""
    for run in re.findall(r"\d+(?:[\s./-]\d+)*", text):
        parts = re.findall(r"\d+", run)
        for first in range(len(parts)):
            for last in range(first, len(parts)):
                digits = "".join(parts[first : last + 1])
                if 13 <= len(digits) <= 19 and _luhn(digits):
                    return True
    return False


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if i % 2 else 1) for i, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
