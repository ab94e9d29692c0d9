"""
Fold the journals of a channel's days into trial balances, a part at a time.

A part of a day is one page of the index by day. Its row has the sums, and the last journal that is in them, so that a fold
goes on where the last one ended. The index may show a journal late: those of the last minutes are left to the next fold, and
a day that is over is added up once more from its beginning before it is closed.

Called by   functions/tally, which folds; functions/books, which reads
Returns     trial balances, and the time until which journals are in them
Raises      StaleOrder when another fold wrote first, Throttled (Busy): the fold is tried again
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import batched
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.runtime.settings import settings
from comanda.domain.books import turnover
from comanda.domain.books.turnover import Progress, TrialBalance
from comanda.domain.errors import StaleOrder

_SETTLED = timedelta(minutes=2)  # until the index surely shows a journal
_CLOSES = timedelta(hours=1)  # after the end of the day
_FIRST = timedelta(days=35)  # how far back the first fold of a channel looks
_TOGETHER = 100  # journals that are read at once


def progress(channel: str) -> Progress:
    """Return how far a channel is folded."""
    row = reads.get(settings.orders_table, keys.trial_balances(channel))
    if row is None:
        return Progress()
    return Progress(first_open=date.fromisoformat(row["first_open"]), as_of=datetime.fromisoformat(row["as_of"]))


def of_days(channel: str, first: date, last: date) -> dict[date, TrialBalance]:
    """Return the trial balances from a day to another of its month, without the days on which no money moved."""
    begins, ends = keys.trial_balance(channel, first, 0), keys.trial_balance(channel, last, keys.SHARDS)
    rows = reads.query(
        settings.orders_table,
        "pk = :pk AND sk BETWEEN :first AND :last",
        consistent=True,
        pk=begins["pk"],
        first=begins["sk"],
        last=ends["sk"],
    )
    found: dict[date, TrialBalance] = {}
    for row in rows:
        found.setdefault(date.fromisoformat(row["day"]), TrialBalance()).add_all(turnover.of_stored(row["amounts"]))
    return found


def fold(channel: str, now: datetime) -> int:
    """Fold the journals of a channel's open days, and close the days that are over. Return the number of journals that were
    read. Each closed day is noted before the next one, so that a run that ends in the middle need not begin again."""
    known = progress(channel)
    day = known.first_open or (now - _FIRST).date()
    read = 0
    while day <= now.date():
        over = now >= _start(day) + timedelta(days=1) + _CLOSES
        read += sum(_fold_part(channel, day, part, now, anew=over) for part in range(keys.SHARDS))
        day += timedelta(days=1)
        if over:
            known = _advance(
                channel, known, Progress(first_open=day, as_of=max(known.as_of or _start(day), _start(day)))
            )
    first_open = known.first_open or (now - _FIRST).date()
    _advance(channel, known, Progress(first_open=first_open, as_of=now - _SETTLED))
    return read


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _fold_part(channel: str, day: date, part: int, now: datetime, *, anew: bool) -> int:
    """Add the journals of a part that are not in its sums, or all of them anew. Return how many were read."""
    key = keys.trial_balance(channel, day, part)
    row = reads.get(settings.orders_table, key)
    balance, until = TrialBalance(), ""
    if row and not anew:
        balance, until = turnover.of_stored(row["amounts"]), row["until"]
    read = 0
    for journal, place in _journals(channel, day, part, until, now):
        balance.add(journal["currency"], journal["entries"])
        until, read = place, read + 1
    amounts = turnover.stored(balance)
    if (row["until"], row["amounts"]) != (until, amounts) if row else read:
        _write(key, row, {"day": day.isoformat(), "until": until, "amounts": amounts})
    return read


def _journals(channel: str, day: date, part: int, after: str, now: datetime) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the journals of a part after a place of the index, with their places."""
    rows = reads.query(
        settings.orders_table,
        "gsi2pk = :pk AND gsi2sk BETWEEN :after AND :until",
        index="GSI2",
        pk=keys.journals_page(channel, f"{day:%Y%m%d}", part),
        after=f"{after}!",  # the first character after the end of a sort key
        until=keys.time(now - _SETTLED),
    )
    for some in batched(rows, _TOGETHER, strict=False):
        found = {row["pk"] + row["sk"]: row for row in reads.batch(settings.orders_table, map(_key, some))}
        for row in some:
            yield found[row["pk"] + row["sk"]], row["gsi2sk"]


def _key(row: dict[str, Any]) -> keys.Key:
    return {"pk": row["pk"], "sk": row["sk"]}


def _write(key: keys.Key, row: dict[str, Any] | None, values: dict[str, Any]) -> None:
    """Write the sums of a part, if they are as they were read."""
    refused = StaleOrder(f"trial balance {key['sk']}")
    write = (
        transaction.put(
            settings.orders_table,
            {**key, **values},
            refused,
            condition="#until = :was",
            n_until="until",
            was=row["until"],
        )
        if row
        else transaction.put_once(settings.orders_table, {**key, **values}, refused)
    )
    transaction.commit([write])


def _advance(channel: str, known: Progress, to: Progress) -> Progress:
    """Write how far the channel is folded, if no other fold came further meanwhile, and return it."""
    assert to.first_open is not None
    assert to.as_of is not None
    key, refused = keys.trial_balances(channel), StaleOrder(f"trial balances of {channel}")
    values = {**key, "first_open": to.first_open.isoformat(), "as_of": to.as_of.isoformat()}
    write = (
        transaction.put_once(settings.orders_table, values, refused)
        if known.as_of is None
        else transaction.put(
            settings.orders_table,
            values,
            refused,
            condition="#as_of = :was",
            n_as_of="as_of",
            was=known.as_of.isoformat(),
        )
    )
    transaction.commit([write])
    return to
