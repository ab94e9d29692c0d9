"""
Describe one embedded AWS of this checkout: its name, its port, and the folder that holds all its files.

Called by   the other modules of local/ and the system tests
Returns     Instance
Raises      SystemExit for an impossible name or port; StopIteration when no port is free

COMANDA_NAME (default "default") is the name, COMANDA_PORT (default 4570, or the next free one) the port.
The port is remembered with the state, because queue addresses inside the state contain it.
"""

import json
import os
import re
import socket
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
FIRST_PORT = 4570
MOST_PORTS = 65_535
REGION = "us-east-1"
PATIENCE = 300  # seconds to wait for an answer of the emulator
ACCOUNT = "000000000000"
# The emulator's root caller: the operator. Functions get the credentials of their own roles.
OPERATOR = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}

_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._-]*")
_PORT = re.compile("[1-9][0-9]{0,4}")


@dataclass(frozen=True)
class Instance:
    """An embedded AWS, which may be running or not."""

    name: str = "default"

    @classmethod
    def current(cls) -> "Instance":
        """Return the instance that COMANDA_NAME names."""
        name = os.environ.get("COMANDA_NAME") or "default"
        if not _NAME.fullmatch(name):  # the name is that of a folder, which `make reset` deletes
            raise SystemExit(
                "COMANDA_NAME: takes letters, digits, dots, dashes and underscores, a letter or digit first"
            )
        return cls(name=name)

    @property
    def home(self) -> Path:
        return ROOT / ".local" / self.name

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def scratch(self) -> Path:
        """The folder that workers unpack into. Every start empties it."""
        return self.home / "tmp"

    @property
    def log(self) -> Path:
        return self.home / "emulator.log"

    @property
    def record(self) -> Path:
        """The file with the process id of the running emulator."""
        return self.home / "emulator.json"

    @property
    def unswept(self) -> Path:
        """The mark that a start with kept state makes, and that the sweep after it removes."""
        return self.home / "unswept"

    @property
    def clients(self) -> Path:
        """The file of ids and secrets of API clients. Only its owner can read it."""
        return self.home / "clients.json"

    @property
    def people(self) -> Path:
        """The file of the addresses and passwords of the seeded people. Only its owner can read it."""
        return self.home / "people.json"

    @property
    def mails(self) -> Path:
        return self.home / "mails"

    @cached_property
    def port(self) -> int:
        remembered = self.home / "port"
        wanted = os.environ.get("COMANDA_PORT")
        if wanted:
            if not _PORT.fullmatch(wanted) or int(wanted) > MOST_PORTS:
                raise SystemExit(f"COMANDA_PORT: takes a number from 1 to {MOST_PORTS}")
            port = int(wanted)
        elif remembered.exists():
            return int(remembered.read_text())
        else:
            port = next(candidate for candidate in range(FIRST_PORT, FIRST_PORT + 200) if is_free(candidate))
        self.home.mkdir(parents=True, exist_ok=True)
        write_whole(remembered, str(port))
        return port

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """Return the environment of the emulator's process. It has none of the caller's own AWS settings."""
        inherited = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("AWS_", "MINISTACK", "PYTHON", "LAMBDA_", "S3_", "COVERAGE", "PYTEST"))
        }
        return inherited | {
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": OPERATOR["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": OPERATOR["aws_secret_access_key"],
            "BIND_HOST": HOST,
            "COMANDA_NAME": self.name,
            "COMANDA_PORT": str(self.port),
            "COMANDA_UNPACKED": str(self.home / "unpacked"),
            "DOCKER_HOST": "unix:///nonexistent/docker.sock",  # zip functions only: never talk to a Docker daemon
            "EDGE_PORT": str(self.port),
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_EXECUTOR": "local",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_HOST": "localhost",
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "1",
            "PYTHONNOUSERSITE": "1",
            "S3_DATA_DIR": str(self.state / "s3"),
            "S3_PERSIST": "1",
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(self.state),
            "TMPDIR": str(self.scratch),
        }

    def client(self, service: str, **options: Any) -> Any:
        """Return the operator's boto3 client for a service of this instance. The same arguments get the same client."""
        return _client(self.endpoint, service, **options)

    def known_clients(self) -> dict[str, dict[str, str]]:
        """Read the clients file: name -> id and secret."""
        return _entries(self.clients)

    def remember_client(self, name: str, client: dict[str, str]) -> None:
        _add_entry(self.clients, name, client)

    def known_people(self) -> dict[str, dict[str, str]]:
        """Read the file of people: name -> id, e-mail address and password."""
        return _entries(self.people)

    def remember_person(self, name: str, person: dict[str, str]) -> None:
        _add_entry(self.people, name, person)


def _entries(path: Path) -> dict[str, dict[str, str]]:
    if not path.exists():
        return {}
    found: dict[str, dict[str, str]] = json.loads(path.read_text())
    return found


def _add_entry(path: Path, name: str, entry: dict[str, str]) -> None:
    write_whole(path, json.dumps(_entries(path) | {name: entry}, indent=2) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a file that only its owner can read. A kill leaves the old text or the new one, and never a part of it."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.touch(mode=0o600)
    fresh.chmod(0o600)
    fresh.write_text(text)
    fresh.replace(path)


@cache
def _client(endpoint: str, service: str, **options: Any) -> Any:
    import boto3
    from botocore.config import Config

    # The client waits for a long call: botocore's own second try after a minute would run beside the first.
    options = {"config": Config(read_timeout=PATIENCE)} | options
    made: Any = boto3.client
    return made(service, endpoint_url=endpoint, region_name=REGION, **OPERATOR, **options)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0
