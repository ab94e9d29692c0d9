"""
Bring what the browser tests need: Debian's Chromium on this machine, and the accessibility checker axe from npm.

Called by   tests/browser/conftest.py
Returns     the path of the browser; the source of axe
Raises      SystemExit with one sentence that says what to install; NotInstalled with npm's words

The tests drive the machine's own browser, so that no second one is downloaded. `CHROMIUM` names another one.
"""

import os
import shutil
import subprocess
import sys

from infra.npm_assets import install
from local.instance import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "The browser tests need Chromium: install the package `chromium` (apt-get install chromium), or set CHROMIUM."
_PACKAGES = ("chromium", "fonts-liberation", "fonts-dejavu-core")  # the fonts make pictures alike
_PINS = ROOT / "tests" / "browser"
_MODULES = ROOT / "build" / "browser" / "npm"


def chromium() -> str:
    """Return the path of Chromium. Root on a Debian machine gets it installed, which CI relies on."""
    found = _found()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Chromium is not here: apt-get is installing it", file=sys.stderr, flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", *_PACKAGES)):
            subprocess.run(("apt-get", *command), env=quiet, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)  # noqa: S607  Debian's own
        found = _found()
    if found is None:
        raise SystemExit(MISSING)
    return found


def _found() -> str | None:
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


def axe() -> str:
    """Return the source of axe, installed from its pins once."""
    script, pins = _MODULES / "node_modules" / "axe-core" / "axe.min.js", _PINS / "package-lock.json"
    if not script.is_file() or (_MODULES / pins.name).read_bytes() != pins.read_bytes():
        _MODULES.mkdir(parents=True, exist_ok=True)
        install(_PINS, _MODULES)
    return script.read_text(encoding="utf-8")
