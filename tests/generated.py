"""
Make a client from docs/openapi.json with openapi-python-client. It can be imported while a test runs.

Called by   tests/infra/test_generated_client.py, tests/system/test_generated_client.py
Returns     GeneratedClient: its folder, and its parts by name
"""

import hashlib
import importlib
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from openapi_python_client import Config, MetaType, generate
from openapi_python_client.config import ConfigFile

from local.instance import ROOT
from openapi import description
from ops.client import Client

PACKAGE = "generated_comanda"
KEPT, COMPLAINTS = ROOT / "build" / "generated-client", "complaints.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedClient:
    """The generated package."""

    folder: Path
    complaints: list[str]  # the parts that the tool could not make

    @property
    def models(self) -> ModuleType:
        return self.part("models")

    def part(self, name: str) -> ModuleType:
        return importlib.import_module(f"{PACKAGE}.{name}")

    def signed_in(self, client: Client) -> Any:
        """Return the generated client with the token of one of our clients."""
        return self.part("client").AuthenticatedClient(
            base_url=client.base_url, token=client.token(), httpx_args={"trust_env": False}
        )


@contextmanager
def generated() -> Iterator[GeneratedClient]:
    """Give the client of the present description, generated if it is not there yet. Its modules are removed afterwards."""
    folder = _kept()
    if not folder.exists():
        _generate(folder)
    sys.path.insert(0, str(folder))
    try:
        yield GeneratedClient(folder=folder / PACKAGE, complaints=json.loads((folder / COMPLAINTS).read_text()))
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


def _kept() -> Path:
    made_of = hashlib.sha256(description.FILE.read_bytes() + version("openapi-python-client").encode())
    return KEPT / made_of.hexdigest()[:32]


def _generate(folder: Path) -> None:
    shutil.rmtree(KEPT, ignore_errors=True)
    unfinished = folder.with_suffix(".unfinished")
    unfinished.mkdir(parents=True)
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        description.FILE,
        "utf-8",
        overwrite=True,
        output_path=unfinished / PACKAGE,
    )
    complaints = [complaint.detail for complaint in generate(config=config)]
    (unfinished / COMPLAINTS).write_text(json.dumps(complaints))
    unfinished.rename(folder)
