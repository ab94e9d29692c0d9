"""
Write the path of a field as a JSON pointer (RFC 6901).

Called by   comanda.aws.api.http and contracts, which name the wrong field of a request
Returns     text such as "/lines/0/quantity"
"""

from collections.abc import Iterable


def pointer(path: Iterable[str | int]) -> str:
    """Return the path as a JSON pointer, "/" for the whole document. Half of a surrogate pair is spelled out."""
    joined = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path) or "/"
    return joined.encode("utf-8", "backslashreplace").decode()
