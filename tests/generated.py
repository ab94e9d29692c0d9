"""
Make a client from docs/openapi.json with openapi-python-client. It can be imported while a test runs.

Called by   tests/infra/test_generated_client.py, tests/system/test_generated_client.py
Returns     GeneratedClient: its folder, and its parts by name
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from openapi_python_client import Config, MetaType, generate
from openapi_python_client.config import ConfigFile
from openapi_python_client.parser.errors import GeneratorError

from openapi import description
from ops.client import Client

PACKAGE = "generated_comanda"


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedClient:
    """The generated package."""

    folder: Path
    complaints: list[GeneratorError]  # the parts that the tool could not make

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
def generated(folder: Path) -> Iterator[GeneratedClient]:
    """Generate the client into a new folder, and remove its modules afterwards."""
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        description.FILE,
        "utf-8",
        overwrite=True,
        output_path=folder / PACKAGE,
    )
    complaints = generate(config=config)
    sys.path.insert(0, str(folder))
    try:
        yield GeneratedClient(folder=folder / PACKAGE, complaints=list(complaints))
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]
