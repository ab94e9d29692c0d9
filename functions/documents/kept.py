"""
Lead to a document that is kept, or make it first: the same digest is the same bytes under the same key, however often it is asked
for.

Called by   functions/documents/packing_slips.py, functions/documents/sale_papers.py
Returns     links that hold for a minute
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from aws_lambda_powertools import Logger

from comanda.aws.files import documents as bucket
from comanda.aws.files import stored_documents
from comanda.domain.errors import NotAllowed, NotFound, Problem

logger = Logger()

_TEMPLATES = Path(__file__).parent / "templates"


class NoDocument(NotFound):
    """Say why there is no document of this name."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__("document", name)
        self.args = (f"document {name} not found: {why}",)


class Incomplete(NotAllowed):
    """Refuse an electronic document that lacks something, by the names of all that it lacks."""

    def __init__(self, document_id: str, problems: Sequence[Problem]) -> None:
        lacks = "; ".join(f"{one.pointer}: {one.message}" for one in problems[:5])
        super().__init__(f"{document_id} cannot be an electronic document: {lacks}")
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A document of an order, by the digest of all that it is made of."""

    order_id: str
    name: str
    digest: str
    file_name: str
    media_type: str = "application/pdf"


def link(wanted: Wanted, make: Callable[[], bytes], now: datetime) -> str:
    """Return a link to the document. `make` makes it, if it is not kept."""
    named = wanted.order_id, wanted.name, wanted.digest
    key = stored_documents.stored(*named, now)
    if key is None:
        made = make()
        key = stored_documents.claim(*named, now)
        bucket.store(key, made, media_type=wanted.media_type, file_name=wanted.file_name)
        stored_documents.note_stored(*named, now)
        facts = {"order_id": wanted.order_id, "file": wanted.file_name, "bytes": len(made)}
        logger.info("document made", extra={"document": wanted.name, **facts})
    return bucket.link(key)


@cache
def template(name: str) -> bytes:
    """Return what a template is made of: its own text and what all have in common."""
    return b"".join((_TEMPLATES / f"{one}.typ").read_bytes() for one in (name, "common"))
