"""Spell the keys of the books in the Orders table: journals of orders, and trial balances of channels."""

from datetime import date, datetime

from comanda.aws.dynamodb.keys.orders import JOURNALS, ORDERS
from comanda.aws.dynamodb.keys.spelling import HEADER, Key, shard, text, time


def journal(order_id: str, version: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{JOURNALS}{version:08d}"}


def journal_of_day(channel: str, at: datetime, order_id: str, version: int) -> Key:
    """Return the key by which a day's journals of a channel are found, in the order of their times."""
    moment = time(at)
    return {
        "gsi2pk": journals_page(channel, moment[:8], shard(order_id)),
        "gsi2sk": f"{moment}#{order_id}#{version:08d}",
    }


def journals_page(channel: str, yyyymmdd: str, shard: int) -> str:
    return f"{JOURNALS}{text(channel)}#{yyyymmdd}#{shard}"


def trial_balance(channel: str, day: date, part: int) -> Key:
    """Return the key of the sums of one page of a day's journals. The days of a month share a partition."""
    return {"pk": f"TB#{text(channel)}#{day:%Y%m}", "sk": f"{day:%Y%m%d}#{part}"}


def added_taxes(entity: str, period: str) -> Key:
    """Return the key of how far the taxes of a legal entity's documents are added up. `period` is a month or a day."""
    return {"pk": f"TX#{text(entity)}", "sk": period}


def trial_balances(channel: str) -> Key:
    """Return the key of how far a channel's journals are added up."""
    return {"pk": f"TB#{text(channel)}", "sk": HEADER}
