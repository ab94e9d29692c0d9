"""
Find partners' files without a receipt, and resume each of them.

Called by   functions/inbox/handler.py, for the event {"look": ...} of functions/sweep
Returns     how many files were resumed, and how many were given up and handed to a person
Raises      Throttled (-> delivered again)

Two kinds of files are found. The first has a `FILE#` row in state APPLYING that was not written for a while; an index lists it.
The second has no row: its event was lost, or its first run died before the first checkpoint. All versions under inbox/ are
listed to find it, a few pages in each search, behind the place that the search before has stored. A round over all versions
skips those that an earlier round has seen, so a search reads the rows of new files only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from comanda.aws.files import bucket, notices, progress
from comanda.aws.files.bucket import Version
from comanda.aws.files.progress import Progress, Round
from comanda.aws.runtime.invoke import start_function
from comanda.aws.runtime.settings import settings
from functions.inbox.arrival import arrival

QUIET = timedelta(minutes=20)  # longer than a run may take: no run works on a file without a checkpoint for this long
MOST_AGE = timedelta(days=30)  # an older version without a receipt is left to its partner
PAGES = 10  # of a thousand versions, in one search
MOST_FILES = 100  # resumed in one search, plus those of one more page
MOST_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file without a receipt. `seen` is the time at which its row was last written, "" without a row."""

    version: str
    key: str
    progress: Progress
    seen: str = ""


def resume_files(now: datetime, *, everything: bool) -> dict[str, int]:
    """Resume the files without a receipt. With `everything`, also files that may still be running: after a restart none is."""
    again = given_up = 0
    # A page of the bucket is stored as seen only after each of its files was resumed, so files are resumed as they are found.
    for found in chain(_stalled(now, everything), _without_row(now, everything)):
        quiet = not found.seen or found.seen <= (now - QUIET).isoformat()
        if found.progress.tries >= MOST_TRIES and quiet:
            given_up += _give_up(found, now)
        elif found.progress.take_up(now, seen=found.seen, counts=quiet):
            again += 1
            _invoke(found)
    return {"again": again, "given_up": given_up}


def _stalled(now: datetime, everything: bool) -> list[Found]:
    """Return the files that are being applied and had no checkpoint for a while."""
    found = []
    for row in progress.applying(now if everything else now - QUIET, MOST_FILES):
        key, _, version = row["source"].rpartition("@")
        kept = Progress(
            partner=row["partner"],
            source=row["source"],
            received=datetime.fromisoformat(row["received"]),
            tries=row.get("tries", 0),
        )
        found.append(Found(key=key, version=version, progress=kept, seen=row["at"]))
    return found


def _without_row(now: datetime, everything: bool) -> Iterator[Found]:
    """Yield the files that have no row, page by page of the bucket. A page is stored as seen after its files were resumed."""
    beginning = Round(since=now - MOST_AGE, begun=now)
    state = beginning if everything else progress.kept_round(otherwise=beginning)
    since = max(state.since, now - MOST_AGE)
    known: dict[str, set[str]] = {}
    yielded = 0
    for number, page in enumerate(bucket.versions("inbox/", state.after), 1):
        for version in page.versions:
            if version.put < since or (version.put > now - QUIET and not everything) or _folder(version):
                continue
            found = _found(version, since, known)
            if found is not None:
                yielded += 1
                yield found
        if everything:
            continue  # only the regular search stores its place
        ended = Round(since=state.begun - QUIET, begun=now)
        state = replace(state, after=page.after) if page.after else ended
        state.keep()
        if number == PAGES or yielded >= MOST_FILES:
            return


def _folder(version: Version) -> bool:
    return not version.size and version.key.endswith("/")  # consoles make folders as empty objects


def _found(version: Version, since: datetime, known: dict[str, set[str]]) -> Found | None:
    """Return a version as a file that no run has begun, or None if it has a row. `known` keeps the sources by partner."""
    arrived = arrival(version.key, version.version)
    partner = arrived.owner
    if partner not in known:
        known[partner] = progress.sources(partner, since - QUIET)
    if arrived.source in known[partner]:
        return None
    kept = Progress(partner=partner, source=arrived.source, received=version.put)
    return Found(key=version.key, version=version.version, progress=kept)


def _invoke(found: Found) -> None:
    """Start a run of its own for the file, with the event that S3 would have sent."""
    event = {
        "time": found.progress.received.isoformat(),
        "detail": {"object": {"key": found.key, "version-id": found.version}},
    }
    start_function(settings.inbox_function, event)


def _give_up(found: Found, now: datetime) -> bool:
    """Hand the file to a person, and have it end soon, as it may name people: at last the row that ends its tries."""
    facts = {"file": found.key, "version": found.version, "tries": found.progress.tries}
    notices.notify(notices.GIVEN_UP, found.progress.source, facts)
    bucket.mark_untaken(found.key, found.version)
    return found.progress.give_up(now, seen=found.seen)
