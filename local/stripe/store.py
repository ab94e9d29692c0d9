"""
Keep the objects of an account in a SQLite file, or in memory.

Called by   local/stripe/account.py
Returns     objects as dictionaries; a name that begins with "_" is the server's own, and no answer shows it
Raises      nothing of its own

A request's effect, its events and the answer that its Idempotency-Key remembers are one transaction: a kill leaves all or none.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.stripe.refusals import Refused

Thing = dict[str, Any]

_TABLES = """
create table if not exists things (
    number integer primary key, kind text not null, id text not null unique, parent text, due real, rank real not null,
    body text not null
);
create index if not exists by_kind on things (kind, number);
create index if not exists by_parent on things (kind, parent, number);
create index if not exists by_due on things (due, rank, number) where due is not null;
create table if not exists settings (name text primary key, value text not null);
create table if not exists answers (
    name text primary key, request text not null, status integer not null, body text not null, made_at real not null
);
"""


class Store:
    """A small database of objects by kind and id. Every use is under its lock."""

    def __init__(self, path: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._tables = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._tables.executescript("pragma journal_mode=wal; pragma synchronous=off;" + _TABLES)
        self._depth = 0

    def close(self) -> None:
        with self.lock:
            self._tables.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """
        Apply all that is put inside, or nothing when an error ends it; a refusal may keep what was done before it.

        One transaction inside another undoes its own part only.
        """
        with self.lock:
            name = f"step{self._depth}"
            begin, commit, undo = (f"{word} {name}" for word in ("savepoint", "release", "rollback to"))
            self._tables.execute(begin)
            self._depth += 1
            try:
                yield
            except BaseException as error:
                if not (isinstance(error, Refused) and error.keeps):
                    self._tables.execute(undo)
                raise
            finally:
                self._depth -= 1
                self._tables.execute(commit)

    def put(self, kind: str, thing: Thing) -> None:
        """Write an object. `_parent`, `_due` (when the server shall look at it) and `_rank` in it are columns too."""
        body = json.dumps(thing, separators=(",", ":"))
        self._run(
            "insert into things (kind, id, parent, due, rank, body) values (?, ?, ?, ?, ?, ?) on conflict (id) do update set "
            "parent = excluded.parent, due = excluded.due, rank = excluded.rank, body = excluded.body",
            (kind, thing["id"], thing.get("_parent"), thing.get("_due"), thing.get("_rank", 0), body),
        )

    def find(self, kind: str, name: str) -> Thing | None:
        found = self._run("select body from things where kind = ? and id = ?", (kind, name))
        return json.loads(found[0][0]) if found else None

    def find_any(self, name: str) -> Thing | None:
        """Return the object with this id, of whatever kind."""
        found = self._run("select body from things where id = ?", (name,))
        return json.loads(found[0][0]) if found else None

    def every(self, kind: str, parent: str | None = None) -> list[Thing]:
        """Return the objects of a kind, oldest first; with `parent`, those that belong to it."""
        where, values = ("kind = ? and parent = ?", (kind, parent)) if parent else ("kind = ?", (kind,))
        found = self._run(f"select body from things where {where} order by number", values)  # noqa: S608  both are ours
        return [json.loads(body) for (body,) in found]

    def matching(self, kind: str, conditions: list[tuple[str, str, Any]]) -> list[Thing]:
        """Return the objects of a kind whose fields meet all conditions (JSON path, comparison, value), newest first."""
        where, values = "kind = ?", [kind]
        for path, comparison, value in conditions:
            where += f" and json_extract(body, ?) {comparison} ?"
            values += [path, value]
        found = self._run(f"select body from things where {where} order by number desc", tuple(values))  # noqa: S608  comparisons are ours
        return [json.loads(body) for (body,) in found]

    def due(self, now: float) -> tuple[str, Thing] | None:
        """Return the kind and object whose time came first, or None when none has come yet."""
        found = self._run("select kind, body from things where due <= ? order by due, rank, number limit 1", (now,))
        return (found[0][0], json.loads(found[0][1])) if found else None

    def next_due(self) -> float | None:
        found = self._run("select min(due) from things where due is not null", ())
        moment: float | None = found[0][0]
        return moment

    def forget(self, name: str) -> None:
        self._run("delete from things where id = ?", (name,))

    def empty(self) -> None:
        """Delete all objects and remembered answers. Settings stay."""
        with self.transaction():
            self._run("delete from things", ())
            self._run("delete from answers", ())

    def setting(self, name: str, default: Any) -> Any:
        found = self._run("select value from settings where name = ?", (name,))
        return json.loads(found[0][0]) if found else default

    def set(self, name: str, value: Any) -> None:
        self._run("insert or replace into settings values (?, ?)", (name, json.dumps(value)))

    def answer(self, name: str) -> tuple[str, int, str, float] | None:
        """Return what an Idempotency-Key remembers: the request, the status, the body, and when it was answered."""
        found = self._run("select request, status, body, made_at from answers where name = ?", (name,))
        return found[0] if found else None

    def remember(self, name: str, request: str, status: int, body: str, now: float) -> None:
        self._run("insert or replace into answers values (?, ?, ?, ?, ?)", (name, request, status, body, now))

    def _run(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        with self.lock:
            return self._tables.execute(statement, values).fetchall()


def public(value: Any) -> Any:
    """Return the value without the server's own names, whose first character is an underscore. Its id comes first."""
    if isinstance(value, dict):
        first = {name: value[name] for name in ("id", "object") if name in value}
        return {name: public(entry) for name, entry in (first | value).items() if not name.startswith("_")}
    if isinstance(value, list):
        return [public(entry) for entry in value]
    return value
