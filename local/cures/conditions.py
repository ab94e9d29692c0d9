"""
Check the grammar of a condition once, and not again for each item that it is evaluated on.

Called by   local/cures/__init__.py
"""

import functools

from ministack.services import dynamodb

from local.cures.shape import expect, source_has

TEXTS = 1000  # conditions that are remembered; Comanda has some dozens


def conditions_are_checked_once() -> None:
    """
    Upstream checks a condition's grammar for every item: a query with a filter checks it for each item of the partition.

    Only the text decides, so a text that was right once is right again. A wrong one raises, and is not remembered.
    """
    check = dynamodb._condition_syntax_error
    source_has(
        check, "def _condition_syntax_error(expr: str, slot: str) -> str | None:", "_COND_TOKEN_RE.finditer(expr)"
    )
    source_has(dynamodb._evaluate_condition, "_condition_syntax_error(expr, slot)")
    expect(not check.__closure__, "the check depends on its text only")
    dynamodb._condition_syntax_error = functools.lru_cache(TEXTS)(check)
