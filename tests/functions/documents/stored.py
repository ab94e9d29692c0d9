"""Read the documents that are stored in the bucket."""

from io import BytesIO
from urllib.parse import urlsplit

import pypdf

from comanda.aws.runtime.clients import client
from tests.functions.world import Reply

BUCKET = "comanda-test-documents"


def objects() -> list[str]:
    return [row["Key"] for row in client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", ())]


def pages(key: str) -> list[str]:
    """Return the text of each page of a stored document."""
    stored = client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(stored)).pages]


def key_of(reply: Reply) -> str:
    return urlsplit(reply.headers["Location"]).path.strip("/")
