"""
Write docs/ownership.md from the table of owners.

Called by   local/cli.py (`comanda ownership`); tests/functions/test_ownership.py compares the file with `page`
Returns     the text, or the path of the file
"""

from collections.abc import Mapping
from pathlib import Path

from functions.inbox.arrival import KINDS
from openapi.ownership import ANYONE, ASKED, NEW, OWN, PART, PROVIDER, THINGS, columns, kinds, named, writes

FILE = Path(__file__).parent.parent / "docs" / "ownership.md"


def page() -> str:
    """Return the text of docs/ownership.md."""
    return "\n".join([*_HEAD, *_things(), *_MIDDLE, *_doors(), "", "## Files", "", *_files()]) + "\n"


_HEAD = """# Who must own what a request names
<!-- `comanda ownership` writes this page from openapi/ownership.py; tests try every row of it at every door. -->

Each thing that a write names must belong to the caller.
The caller's entry in the directory says what it owns: channels, nodes, a partner, a carrier.
A thing of another caller is answered exactly as if it were not there, and nothing is changed.
A node has one partner: the one that its entry names as `partner_id`, else the one whose entry lists it in `nodes`.
An entry that would give it two is refused (422 `another-partners`); where both were stored before, `partner_id` decides.
The systems and people of a node have an entry that names the node, and work there beside its partner.
Everything of the cell belongs to the office (`admin`, `staff`).

| thing | is | channel, form | node, worker | partner | carrier |
|---|---|---|---|---|---|""".splitlines()
_MIDDLE = f"""
- **{OWN}**: another's is not there: 404 in a path, 422 at its field, `REJECTED` for a row.
- **{ASKED}**: another's node is asked, and nothing of it moves before it or the office agrees: [stock.md](stock.md#supplies).
- **{PART}**: it is looked for in the thing that the same request names, and nowhere else.
- **{NEW}**: the same word of another caller names another thing.
- **{ANYONE}**: master data, which every caller may name.
- **{PROVIDER}**: it is kept as it came; the provider knows its owner.

A client that makes another client gives it no scope that it does not have itself (403).

## Doors
These doors are open to callers other than the office.
A field that is not listed names nothing that is owned: it is an amount, a time or a word.

| door | who | names |
|---|---|---|""".splitlines()


def _things() -> list[str]:
    return [
        f"| {name} | {thing.means} | {thing.channel} | {thing.node} | {thing.partner} | {thing.carrier} |"
        for name, thing in THINGS.items()
    ]


def _doors() -> list[str]:
    return [
        f"| `{route.method} {route.path}` | {', '.join(kinds(route))} | {_list(named(route))} |" for route in writes()
    ]


def _files() -> list[str]:
    """
    Return the lines about files.

    A file belongs to the partner whose folder it is in: a partner writes only to its own folder, and reads its own receipts.
    """
    lines = ["A file is the partner's in whose folder it lies: `inbox/<partner>/<kind>/`.", ""]
    lines += ["| kind | names |", "|---|---|"]
    return lines + [f"| `{kind}` | {_list(columns(kind))} |" for kind in KINDS]


def _list(places: Mapping[str, str]) -> str:
    return ", ".join(f"`{place}` {thing}" for place, thing in places.items())


def write() -> Path:
    """Write the page. Returns its path."""
    FILE.write_text(page(), encoding="utf-8")
    return FILE
