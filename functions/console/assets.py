"""
Serve the files that pages load: scripts, styles and maps, each under the hash of its content, for ever.

Called by   functions/console/handler.py; functions/console/view.py, which makes their links
Returns     the text of a file with its media type; None for a file that there is not

The gateway passes text only, so every asset is text.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
_DIGITS = 16  # hex digits of the hash in an address
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file as it is sent."""

    text: str
    media_type: str
    digest: str


@cache
def find(name: str) -> Asset | None:
    """Return the asset of this name, or None if no file of the folder has it."""
    file = _files().get(name)
    if file is None:
        return None
    content = file.read_bytes()
    return Asset(text=content.decode(), media_type=_TYPES[file.suffix], digest=sha256(content).hexdigest()[:_DIGITS])


def path(name: str) -> str:
    """Return the asset's path below `/console`. Raises FileNotFoundError for a name that no file has."""
    asset = find(name)
    if asset is None:
        raise FileNotFoundError(name)
    return f"assets/{asset.digest}/{name}"


@cache
def _files() -> dict[str, Path]:
    folders = [folder for folder in (FOLDER / "vendor", FOLDER) if folder.is_dir()]
    return {file.name: file for folder in folders for file in folder.iterdir() if file.suffix in _TYPES}
