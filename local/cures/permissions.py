"""
Correct which names a policy's wildcards match.

Called by   local/cures/__init__.py
"""

import re

from ministack.core import iam_evaluator

from local.cures.shape import source_has


def wildcards_match_every_character() -> None:
    """
    Upstream's `*` and `?` match no line break, so that no policy allows an object whose name has one.

    On AWS they match every character.
    """
    original = iam_evaluator._fnmatch_compile
    source_has(original, 'regex += ".*"', "re.IGNORECASE if ignore_case else 0")
    seen: dict[tuple[str, bool], re.Pattern[str]] = {}

    def compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
        if (pattern, ignore_case) not in seen:
            found = original(pattern, ignore_case)
            seen[pattern, ignore_case] = re.compile(found.pattern, found.flags | re.DOTALL)
        return seen[pattern, ignore_case]

    iam_evaluator._fnmatch_compile = compiled
