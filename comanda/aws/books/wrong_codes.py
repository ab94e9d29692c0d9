"""
Count the guesses of gift cards' codes, and take no more codes from whoever guesses.

A guess is a code in the right form that is of no card. A mistyped code fails its check character, and a card that is spent, has
expired or has another currency was not guessed: neither counts. Ten guesses in a minute lock their sender for the rest of the
minute, and five lock a draft. The sender is a person, or one customer or visitor of an application: whoever guesses in a shop
never locks its other customers. Codes that come at the same moment are all looked at before the first is counted; a code has 95
random bits, so some more tries find nothing.

Called by   functions/gift_cards, functions/intake
Returns     nothing; the name of a sender
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
_DIGITS = 32


def sender(caller: str, behind: str | None) -> str:
    """Return the name of whoever sends codes.

    `behind` is the customer or visitor of an application, "" for the unknown ones, who count together. None is for a person,
    who is the sender of all that comes from the person, for whatever customers.
    """
    return caller if behind is None else f"{caller}/{keys.digest(behind)[:_DIGITS]}"


def require_tries(of: str, draft_id: str | None, now: datetime) -> None:
    """Raise TooManyRequests if the sender, or somebody for this draft, has sent too many wrong codes."""
    if _count(keys.wrong_codes(of, utc_minute(now))) >= MOST_A_MINUTE:
        raise TooManyRequests("too many codes of gift cards were wrong: send the next one in a minute")
    if draft_id and _count(keys.wrong_codes(draft_id, _DRAFT)) >= MOST_OF_DRAFT:
        raise TooManyRequests("too many codes of gift cards were wrong: this draft takes no more of them")


def add(of: str, draft_id: str | None, now: datetime) -> None:
    """Count a wrong code of a sender."""
    _add(keys.wrong_codes(of, utc_minute(now)), now + _KEPT)
    if draft_id:
        _add(keys.wrong_codes(draft_id, _DRAFT), now + _DRAFT_KEPT)


def _count(key: keys.Key) -> int:
    row = reads.get(settings.orders_table, key)
    return int(row["wrong"]) if row else 0


def _add(key: keys.Key, until: datetime) -> None:
    expression = "SET #ttl = :ttl ADD wrong :one"
    single_writes.update(settings.orders_table, key, expression, n_ttl="ttl", ttl=int(until.timestamp()), one=1)
