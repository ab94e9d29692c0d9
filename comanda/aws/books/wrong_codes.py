"""
Count the wrong codes of gift cards that a caller sent, and take no more codes from one who guesses.

Ten in a minute lock a caller for the rest of the minute, and five lock a draft. Codes that come at the same moment are all
looked at before the first is counted; a code has 95 random bits, so some more tries find nothing.

Called by   functions/gift_cards, functions/intake
Returns     nothing
Raises      TooManyRequests
"""

from datetime import datetime, timedelta

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime.settings import settings
from comanda.domain.days import utc_minute
from comanda.domain.errors import TooManyRequests

MOST_A_MINUTE = 10
MOST_OF_DRAFT = 5
_KEPT = timedelta(minutes=2)
_DRAFT_KEPT = timedelta(days=90)
_DRAFT = "all"


def require_tries(caller: str, draft_id: str | None, now: datetime) -> None:
    """Raise TooManyRequests if the caller, or somebody for this draft, has sent too many wrong codes."""
    if _count(keys.wrong_codes(caller, utc_minute(now))) >= MOST_A_MINUTE:
        raise TooManyRequests("too many codes of gift cards were wrong: send the next one in a minute")
    if draft_id and _count(keys.wrong_codes(draft_id, _DRAFT)) >= MOST_OF_DRAFT:
        raise TooManyRequests("too many codes of gift cards were wrong: this draft takes no more of them")


def add(caller: str, draft_id: str | None, now: datetime) -> None:
    """Count a wrong code."""
    _add(keys.wrong_codes(caller, utc_minute(now)), now + _KEPT)
    if draft_id:
        _add(keys.wrong_codes(draft_id, _DRAFT), now + _DRAFT_KEPT)


def _count(key: keys.Key) -> int:
    row = reads.get(settings.orders_table, key)
    return int(row["wrong"]) if row else 0


def _add(key: keys.Key, until: datetime) -> None:
    expression = "SET #ttl = :ttl ADD wrong :one"
    single_writes.update(settings.orders_table, key, expression, n_ttl="ttl", ttl=int(until.timestamp()), one=1)
