"""
Store documents in the bucket `documents`, and sign links to them.

Called by   functions/documents; comanda.aws.files.stored_documents; functions/console, which sends browsers to such links only
Returns     keys and links; a link holds for a minute

The bucket has the key of the Customers table, because documents hold names and addresses. The key of an object is random: it
tells nothing of an order or a person.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings

LINK_SECONDS = 60
# S3 deletes an object with this tag after thirty days: the document can be made again (infra/data_stack.py).
KEEP_DAYS = 30
TAG = f"keep={KEEP_DAYS}-days"


def new_key(now: datetime) -> str:
    """Return a key for a new object, below its year."""
    return f"{now:%Y}/{uuid4().hex}"


def store(key: str, content: bytes, *, media_type: str, file_name: str) -> None:
    """Put a document that can be made again. A repeated call puts the same. `file_name` is what a browser saves it as."""
    client("s3").put_object(
        Bucket=settings.documents_bucket,
        Key=key,
        Body=content,
        ContentType=media_type,
        ContentDisposition=f'inline; filename="{file_name}"',
        CacheControl="no-store",
        Tagging=TAG,
    )


def delete(key: str) -> None:
    """Delete every version of an object. One that is gone is no error."""
    bucket = {"Bucket": settings.documents_bucket}
    found = client("s3").list_object_versions(**bucket, Prefix=key)
    for one in (*found.get("Versions", ()), *found.get("DeleteMarkers", ())):
        client("s3").delete_object(**bucket, Key=one["Key"], VersionId=one["VersionId"])


def link(key: str) -> str:
    """Return an address at which anyone may read the object for a minute."""
    signed: str = client("s3").generate_presigned_url(
        "get_object", Params={"Bucket": settings.documents_bucket, "Key": key}, ExpiresIn=LINK_SECONDS
    )
    return signed


def is_link(address: str) -> bool:
    """Return True if the address is that of an object of the bucket, on the very server to which `link` leads."""
    ours, given = urlsplit(link("x")), urlsplit(address)
    folder = ours.path.removesuffix("x")
    return _server(given) == _server(ours) and given.path.startswith(folder) and ".." not in given.path


def _server(parts: Any) -> tuple[str, str]:
    return parts.scheme, parts.netloc
