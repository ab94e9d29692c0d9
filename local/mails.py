"""
Write the mails that the embedded AWS accepted into files, with a page that lists them.

Called by   local/cli.py (`comanda mails`), local/outcome.py
Returns     the path of the page, and how many mails are on it
Raises      nothing
"""

import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.instance import Instance

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{count} mails of Comanda</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #ddd; }}
</style>
<h1>{count} mails</h1>
<table>
<tr><th>sent</th><th>to</th><th>subject</th><th></th></tr>
{rows}
</table>
</html>
"""
ROW = '<tr><td>{at}</td><td>{to}</td><td><a href="{name}.html">{subject}</a></td><td><a href="{name}.txt">text</a></td></tr>'


def sent(instance: Instance) -> list[dict[str, Any]]:
    """Read the mails, oldest first, from the file that the emulator appends to. The emulator need not run."""
    kept = instance.state / "mails.jsonl"
    if not kept.exists():
        return []
    whole = (line for line in kept.read_text().splitlines(keepends=True) if line.endswith("\n"))
    return [json.loads(line) for line in whole]


def write(instance: Instance) -> tuple[Path, int]:
    """Write each mail as text and HTML, and a page that lists them. Returns the page and the number of mails."""
    mails = sent(instance)
    folder = instance.mails
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, mail in enumerate(mails, start=1):
        subject = mail["Subject"] or "(no subject)"
        name = f"{number:05d}-{re.sub(r'[^a-z0-9]+', '-', subject.lower()).strip('-')[:60]}"
        at = datetime.fromtimestamp(mail["Timestamp"], UTC).strftime("%Y-%m-%d %H:%M:%S")
        to = ", ".join(mail["To"])
        (folder / f"{name}.txt").write_text(
            f"From: {mail['Source']}\nTo: {to}\nSubject: {subject}\nDate: {at} UTC\n\n{mail['BodyText']}"
        )
        (folder / f"{name}.html").write_text(mail["BodyHtml"] or f"<pre>{html.escape(mail['BodyText'])}</pre>")
        escaped = {key: html.escape(value) for key, value in {"at": at, "to": to, "subject": subject}.items()}
        rows.append(ROW.format(name=name, **escaped))
    page = folder / "index.html"
    page.write_text(PAGE.format(count=len(mails), rows="\n".join(reversed(rows))))
    return page, len(mails)
