"""
Count what each address asks of the form, and let each challenge be used once. The address itself is stored nowhere.

Called by   functions/order_form/handler.py, functions/order_form/pages.py
Returns     whether a visitor may go on
Raises      TooManyMails, StageMailsSpent

An address is replaced by a keyed hash with the day in it, so rows of two days cannot be matched and the hash cannot be
guessed back. The rows of a window are deleted by their ttl an hour later, those of mails a day later.
"""

from datetime import datetime
from typing import Any

from comanda.aws.api.networks import network_of
from comanda.aws.dynamodb import keys, reads, single_writes, transaction
from comanda.aws.runtime.secret import sign_with
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Rejected

WINDOW_SECONDS = 600
MOST_LOOKUPS = 120  # pages, searches and promises of an address in a window
MOST_ORDERS = 5  # of an address in a window
_KEPT_SECONDS = 3600
_HOUR = 3600
_DAY = 24 * _HOUR
_SHARDS = 8  # of the count of a channel's orders: an attack writes to it all the time


def sign(text: str) -> str:
    """Return the MAC of a challenge, by a key that is used for nothing else."""
    return sign_with(settings.form_key_arn, "challenge", text)


def visitor(address: str, now: datetime) -> str:
    """Return the name under which an address is counted today. An address of IPv6 stands for its /64, which one house has."""
    return sign_with(settings.form_key_arn, "visitor", f"{now:%Y%m%d} {network_of(address)}")[:32]


def may_look_up(visitor: str, now: datetime) -> bool:
    """Count one more page of a visitor, and return whether it is within the limit."""
    expression, names = _one_more("pages", _ttl(now), MOST_LOOKUPS)
    return single_writes.update(settings.forms_table, keys.visits(visitor, _window(now)), expression, **names)


def may_order(visitor: str, key: str, now: datetime) -> bool:
    """Count an order of a visitor, and return whether it is within the limit. The same form counts once."""
    row = reads.get(settings.forms_table, keys.visits(visitor, _window(now))) or {}
    placed = row.get("orders", [])
    if key in placed:
        return True
    return len(placed) < MOST_ORDERS and single_writes.update(
        settings.forms_table,
        keys.visits(visitor, _window(now)),
        "SET #ttl = :ttl, orders = list_append(if_not_exists(orders, :none), :form)",
        condition="attribute_not_exists(orders) OR size(orders) < :most",
        n_ttl="ttl",
        ttl=_ttl(now),
        none=[],
        form=[key],
        most=MOST_ORDERS,
    )


def mail_name(email: str) -> str:
    """Return the name under which mails to an address are counted. The address cannot be guessed back."""
    return sign_with(settings.form_key_arn, "mailed", email.strip().casefold())[:32]


class TooManyMails(Rejected):
    """The address got all the mails that it may get in a day."""

    code = "too-many-mails"


class StageMailsSpent(Rejected):
    """All mails of the stage's hour are sent, whoever asked for them."""

    code = "stage-mails-spent"


def count_mail(email: str, now: datetime, most: int) -> None:
    """Count a mail to an address of the form. Raises TooManyMails, StageMailsSpent; then no mail was counted."""
    name, at = mail_name(f"{now:%Y%m%d} {email}"), int(now.timestamp())
    both = (
        (keys.visits(name, at // _DAY), _DAY, most, TooManyMails()),
        (keys.form_mails(at // _HOUR), _HOUR, settings.form_mails_an_hour, StageMailsSpent()),
    )
    writes = []
    for key, kept, limit, refused in both:
        expression, names = _one_more("mails", at + kept, limit)
        writes.append(transaction.update(settings.forms_table, key, expression, refused, **names))
    transaction.commit(writes)


def _one_more(counter: str, ttl: int, most: int) -> tuple[str, dict[str, Any]]:
    """Return the update that adds one to a counter which has not reached its limit, and the names and values of it."""
    condition = f"attribute_not_exists({counter}) OR {counter} < :most"
    names = {"condition": condition, "n_ttl": "ttl", "ttl": ttl, "one": 1, "most": most}
    return f"SET #ttl = :ttl ADD {counter} :one", names


def seconds_left(now: datetime) -> int:
    """Return the seconds until counting begins anew."""
    return WINDOW_SECONDS - int(now.timestamp()) % WINDOW_SECONDS


def spend(challenge: str, key: str, now: datetime) -> bool:
    """Use a challenge up for the form with this key, and return False if another form has used it. The same form may send
    its proof again: its order is placed once."""
    return single_writes.update(
        settings.forms_table,
        keys.challenge(challenge),
        "SET form = :form, #ttl = :ttl",
        condition="attribute_not_exists(pk) OR form = :form",
        n_ttl="ttl",
        form=key,
        ttl=_ttl(now),
    )


def count_order(channel: str, key: str, now: datetime) -> None:
    """Count an order of the channel's form, for the difficulty of the next challenges."""
    single_writes.update(
        settings.forms_table,
        keys.form_orders(channel, _window(now), keys.shard(key, _SHARDS)),
        "SET #ttl = :ttl ADD placed :one",
        n_ttl="ttl",
        ttl=_ttl(now),
        one=1,
    )


def orders_lately(channel: str, key: str, now: datetime) -> int:
    """Return about how many orders the channel's form got in this window, from one of its counters."""
    row = reads.get(
        settings.forms_table,
        keys.form_orders(channel, _window(now), keys.shard(key, _SHARDS)),
        consistent=False,
    )
    return int(row["placed"]) * _SHARDS if row else 0


def _window(now: datetime) -> int:
    return int(now.timestamp()) // WINDOW_SECONDS


def _ttl(now: datetime) -> int:
    return int(now.timestamp()) + _KEPT_SECONDS
