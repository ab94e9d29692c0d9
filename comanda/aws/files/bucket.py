"""
Read partners' files from inbox/ of the files bucket, write receipts to outbox/, and delete files that name people or that nobody takes.

Called by   functions/inbox
Returns     a readable stream; pages of versions
Raises      NotFound for an object, or a version of it, that no longer exists

A file is read by version, because a partner may put the next file under the same name while this one is applied. It is read
in blocks, because S3 closes a connection that waits while rows are applied.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import NotFound

BLOCK = 4 * 1024 * 1024  # bytes of one read: a process holds no more of a file, however long the file is
PAGE = 1000  # versions in one answer: as many as S3 gives

# S3 deletes a version with this tag some weeks after it was put (infra/data_stack.py): nobody will take it any more.
UNTAKEN = "taken=no"
UNTAKEN_DAYS, UNTAKEN_OLD_DAYS = (
    30,
    14,
)  # of the newest version of its name; of one that is deleted or followed by another

_GONE = ("NoSuchKey", "NoSuchVersion", "404")


class Stored(io.RawIOBase):
    """A readable version of an object. Without `version`, the newest version at the first read."""

    def __init__(self, key: str, version: str | None) -> None:
        self.key, self.version = key, version
        self._at = 0
        self._block, self._block_at = b"", 0
        self.size = 0
        self._fetch(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("a stored file is sought from its beginning only")
        self._at = offset
        return offset

    def readinto(self, buffer: Any) -> int:
        if self._at >= self.size:
            return 0
        if not self._block_at <= self._at < self._block_at + len(self._block):
            self._fetch(self._at)
        start = self._at - self._block_at
        part = self._block[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _fetch(self, start: int) -> None:
        from botocore.exceptions import ClientError

        request = {"Bucket": settings.files_bucket, "Key": self.key, "Range": f"bytes={start}-{start + BLOCK - 1}"}
        if self.version:
            request["VersionId"] = self.version
        try:
            answer = client("s3").get_object(**request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "InvalidRange":  # an empty object has no first byte
                self._block, self._block_at = b"", start
                return
            if code in _GONE:
                raise NotFound("file", self.key) from error
            raise
        self.version = self.version or answer.get("VersionId")
        self._block, self._block_at = answer["Body"].read(), start
        length = answer.get("ContentRange", "").rpartition("/")[2]
        self.size = int(length) if length.isdigit() else len(self._block)


def write(key: str, content: bytes, content_type: str) -> None:
    """Put a receipt. A repeated call writes the same object."""
    client("s3").put_object(Bucket=settings.files_bucket, Key=key, Body=content, ContentType=content_type)


def delete(key: str, version: str | None) -> None:
    """Delete a version of a file that names people. One that is gone is no error."""
    at = {"Bucket": settings.files_bucket, "Key": key}
    client("s3").delete_object(**at, **({"VersionId": version} if version else {}))


def mark_untaken(key: str, version: str) -> None:
    """Have a version end soon that is applied by no run. One that is gone is no error."""
    from botocore.exceptions import ClientError

    name, _, value = UNTAKEN.partition("=")
    tags = {"TagSet": [{"Key": name, "Value": value}]}
    try:
        client("s3").put_object_tagging(Bucket=settings.files_bucket, Key=key, VersionId=version, Tagging=tags)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an object, with the time at which it was put."""

    key: str
    version: str
    put: datetime
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Versions in the order of their keys. `after` is the place behind which the next page begins, None on the last page."""

    versions: tuple[Version, ...]
    after: tuple[str, str] | None


def versions(prefix: str, after: tuple[str, str] | None) -> Iterator[Page]:
    """Yield every version below a prefix, a thousand at a time, behind the place `after` of an earlier page.

    None begins with the first version.
    """
    while True:
        request: dict[str, Any] = {"Bucket": settings.files_bucket, "Prefix": prefix, "MaxKeys": PAGE}
        if after is not None:
            request |= {"KeyMarker": after[0], "VersionIdMarker": after[1]}
        answer = client("s3").list_object_versions(**request)
        found = tuple(
            Version(key=v["Key"], version=v["VersionId"], put=v["LastModified"], size=v["Size"])
            for v in answer.get("Versions", ())
        )
        after = (answer["NextKeyMarker"], answer["NextVersionIdMarker"]) if answer.get("IsTruncated") else None
        yield Page(versions=found, after=after)
        if after is None:
            return
