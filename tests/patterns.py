"""
Make texts that a regular expression accepts, and texts that miss it by one character.

Called by   tests/domain/test_text.py
Returns     Pattern

Mistakes in a pattern are at its edges: the first and last character of a class, the longest text, a blank, what a lookahead refuses.
Hypothesis's `from_regex` seldom makes such texts, and takes twenty times as long for each.
"""

import random
from collections.abc import Iterator
from functools import cache
from re import _parser  # type: ignore[attr-defined]  # the parser of `re` itself, as Hypothesis uses it
from typing import Any

_LONGEST = 70  # repeats of a part, unless a text of the part's full length is made
# What callers also send: letters of other scripts, an accent alone, halves of surrogate pairs, invisible characters.
_OTHERS = "09afzAFZ .-_:/@+=#%'\"\\{}\0\n\x7f\u00e9\u0301\u0660\u200b\u3000\u4eac\ud800\udfff\U0001f600\U000e0001"


class Pattern:
    """A regular expression of the kind that JSON Schema states: anchored, without references to groups."""

    def __init__(self, pattern: str) -> None:
        self._parts = list(_parser.parse(pattern))
        self._refused = list(_lookaheads(self._parts))
        everything = tuple(dict.fromkeys((*_edges(self._parts), *_OTHERS)))
        plain = tuple(one for one in everything if one.isascii() and one.isprintable())
        self._alphabets = (everything, plain)  # plain ones alone, as a long text of all would hardly ever be accepted

    def accepted(self, chance: random.Random) -> str:
        """Return a text that the pattern accepts if no lookahead refuses it."""
        return self._text(self._parts, chance)

    def missed(self, chance: random.Random) -> str:
        """Return such a text with one character more, one less or another one, or one that a lookahead refuses."""
        text = self.accepted(chance)
        if self._refused and chance.random() < 0.5:
            blank = chance.choice(("", " ", "\u3000"))
            return blank + self._text(chance.choice(self._refused), chance) + chance.choice(("", text))
        place, other = chance.randrange(len(text) + 1), chance.choice(self._alphabets[0])
        return text[:place] + chance.choice(("", other, other)) + text[place + chance.randrange(2) :]

    def _text(self, parts: Any, chance: random.Random) -> str:
        return "".join(_pieces(parts, chance.choice(self._alphabets), chance, longest=chance.random() < 0.2))


def _lookaheads(parts: Any) -> Iterator[Any]:
    """Yield what must not follow, at each place."""
    for kind, what in parts:
        match str(kind):
            case "ASSERT_NOT":
                yield what[-1]
            case "BRANCH":
                yield from (found for way in what[1] for found in _lookaheads(way))
            case "MAX_REPEAT" | "SUBPATTERN":
                yield from _lookaheads(what[-1])


def _edges(parts: Any) -> Iterator[str]:
    """Yield the first and last characters of each class, and their neighbours."""
    for kind, what in parts:
        match str(kind):
            case "LITERAL":
                yield chr(what)
            case "RANGE":
                yield from (chr(one) for end in what for one in range(max(end - 1, 0), min(end + 2, 0x110000)))
            case "IN":
                yield from _edges(what)
            case "BRANCH":
                yield from (edge for way in what[1] for edge in _edges(way))
            case "MAX_REPEAT" | "SUBPATTERN" | "ASSERT_NOT":
                yield from _edges(what[-1])


def _pieces(parts: Any, characters: tuple[str, ...], chance: random.Random, *, longest: bool) -> Iterator[str]:
    for kind, what in parts:
        match str(kind):
            case "LITERAL":
                yield chr(what)
            case "IN":
                those = tuple(what)
                yield chance.choice(_members(those, characters) or _members(those, (*_edges(what), *_OTHERS)))
            case "BRANCH":
                yield from _pieces(chance.choice(what[1]), characters, chance, longest=longest)
            case "SUBPATTERN":
                yield from _pieces(what[-1], characters, chance, longest=longest)
            case "MAX_REPEAT":
                least, most, repeated = what
                for _ in range(_times(least, int(most), chance, longest=longest)):
                    yield from _pieces(repeated, characters, chance, longest=longest)
            case "AT" | "ASSERT_NOT":
                pass
            case other:
                raise NotImplementedError(other)


def _times(least: int, most: int, chance: random.Random, *, longest: bool) -> int:
    if longest and most < 5_000:  # no pattern without an end
        return most
    return chance.choice((least, min(least + 1, most), chance.randint(least, min(most, least + _LONGEST))))


@cache
def _members(of: tuple[Any, ...], characters: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the characters that are of a class."""
    negated = str(of[0][0]) == "NEGATE"
    return tuple(one for one in characters if negated != any(_holds(kind, what, ord(one)) for kind, what in of))


def _holds(kind: Any, what: Any, number: int) -> bool:
    match str(kind):
        case "LITERAL":
            return bool(what == number)
        case "RANGE":
            return bool(what[0] <= number <= what[1])
        case "NEGATE":
            return False
        case other:
            raise NotImplementedError(other)
