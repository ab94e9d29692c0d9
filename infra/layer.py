"""
Build the layers for one architecture. The shared one has the pinned third-party wheels and the package `comanda` with its
tables of places. Each other one has the packages that only the rooms need which name it in their `layers` (infra/rooms.py).

Called by   infra/app.py; `python -m infra.layer [architecture ...]` builds and checks by hand
Returns     each layer's folder under build/ and the hash of its inputs
Raises      WrongArchitecture, TooLarge; CalledProcessError when uv refuses (a hash that does not match, no wheel)
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra import geography
from infra.bytecode import RUNTIME, compile_folder
from infra.package import BUILD, ROOT
from infra.rooms import ROOMS
from infra.stages import ARM, INTEL

# Each architecture as uv names its platform, and as the header of an ELF file numbers it.
PLATFORMS = {
    ARM: "aarch64-manylinux_2_28",
    INTEL: "x86_64-manylinux_2_28",
}  # the runtime is Amazon Linux 2023: glibc 2.34
ELF_MACHINES = {0xB7: ARM, 0x3E: INTEL}

# Lambda refuses more than 250 MB for a function with all its layers; the largest room is far below 10 MB.
LIMIT = 240 * 1024 * 1024

# The layers that only some rooms have.
OTHERS = tuple(sorted({name for room in ROOMS.values() for name in room.layers}))

# The services whose API descriptions ship; the other 400 cost 15 MB.
SERVICES = frozenset(
    (
        "cognito-idp",
        "dynamodb",
        "events",
        "lambda",
        "s3",
        "secretsmanager",
        "sesv2",
        "sqs",
        "ssm",
        "stepfunctions",
        "sts",
    )
)
# Some services have another name among the endpoints.
ENDPOINTS = SERVICES | {"email", "states", "streams.dynamodb"}
# The languages of mails and of the console, in all their regions; the other 300 cost 30 MB.
LANGUAGES = ("root", "en", "es", "pt")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")


class WrongArchitecture(Exception):
    """A shared object in the layer would not load on the function's processor."""


class TooLarge(Exception):
    """The layer leaves no room for the functions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A built layer, from which `AWS::Lambda::LayerVersion` is made. The shared one has by name those that some rooms have too."""

    folder: Path
    digest: str
    architecture: str
    size: int
    others: "Mapping[str, Layer]" = field(default_factory=dict)


def build(architecture: str, *, source: Path = ROOT, into: Path = BUILD) -> Layer:
    """Build the layers from the present sources. Wheels and layers are kept by the hash of their inputs and built once."""
    geography.make_tables(source / "comanda" / "tables")
    wheels = _wheels(architecture, source=source, into=into)
    digest = hashlib.sha256(f"{wheels.name} {_digest_of(source / 'comanda')}".encode()).hexdigest()[:32]
    folder = into / "layers" / f"{architecture}-{digest}"
    if not folder.is_dir():
        unfinished = _fresh(folder)
        shutil.copytree(wheels, unfinished / "python")
        shutil.copytree(source / "comanda", unfinished / "python" / "comanda", ignore=LEFT_OUT)
        compile_folder(unfinished / "python" / "comanda")
        check_architecture(unfinished, architecture)
        _finish(unfinished, folder)
    others = {name: _other(name, architecture, source=source, into=into) for name in OTHERS}
    size = _size(folder)
    for room in ROOMS.values():
        whole = size + sum(others[name].size for name in room.layers)
        if whole > LIMIT:
            raise TooLarge(f"the {architecture} layers of {room.name} have {whole:,} bytes of at most {LIMIT:,}")
    return Layer(folder=folder, digest=digest, architecture=architecture, size=size, others=others)


def _other(name: str, architecture: str, *, source: Path, into: Path) -> Layer:
    """Build a layer of third-party wheels only, which some rooms have beside the shared one."""
    wheels = _wheels(architecture, source=source, into=into, pins=f"{name}.txt")
    digest = hashlib.sha256(wheels.name.encode()).hexdigest()[:32]
    folder = into / "layers" / f"{architecture}-{name}-{digest}"
    if not folder.is_dir():
        unfinished = _fresh(folder)
        shutil.copytree(wheels, unfinished / "python")
        check_architecture(unfinished, architecture)
        _finish(unfinished, folder)
    return Layer(folder=folder, digest=digest, architecture=architecture, size=_size(folder))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def shared_objects(folder: Path) -> dict[Path, str]:
    """Return the architecture of each shared object, read from its ELF header."""
    found = {}
    for path in sorted(folder.rglob("*.so*")):
        with path.open("rb") as file:
            header = file.read(20)
        machine = int.from_bytes(header[18:20], "little") if header[:4] == b"\x7fELF" else -1
        found[path.relative_to(folder)] = ELF_MACHINES.get(machine, f"unknown ({machine})")
    return found


def check_architecture(folder: Path, architecture: str) -> None:
    wrong = [f"{path} is {found}" for path, found in shared_objects(folder).items() if found != architecture]
    if wrong:
        raise WrongArchitecture(f"the layer is for {architecture}, but {'; '.join(wrong)}")


def _wheels(architecture: str, *, source: Path, into: Path, pins: str = "runtime.txt") -> Path:
    pinned = source / "requirements" / pins
    recipe = Path(__file__).read_bytes() + pinned.read_bytes() + architecture.encode()
    folder = into / "wheels" / f"{architecture}-{hashlib.sha256(recipe).hexdigest()[:32]}"
    if not folder.is_dir():
        unfinished = _fresh(folder)
        _install(pinned, unfinished, architecture)
        _trim(unfinished)
        compile_folder(unfinished)
        _finish(unfinished, folder)
    return folder


def _install(pins: Path, target: Path, architecture: str) -> None:
    subprocess.run(  # noqa: S603  our own command, our own pins
        [
            _uv(), "pip", "install", "--quiet", "--target", str(target), "--no-deps", "--require-hashes",
            "--only-binary", ":all:", "--python-version", ".".join(map(str, RUNTIME)),
            "--python-platform", PLATFORMS[architecture], "-r", str(pins),
        ],
        check=True,
    )  # fmt: skip


def _uv() -> str:
    """Return the path of uv: from $UV, from PATH, or from the checkout's private folder."""
    private = (ROOT / ".tools" / parts / "bin" / "uv" for parts in ("uv", "site"))
    found = os.environ.get("UV") or shutil.which("uv") or next((str(path) for path in private if path.is_file()), None)
    if found is None:
        raise FileNotFoundError("uv is not installed: `make env` installs it")
    return found


def _trim(folder: Path) -> None:
    """Remove files that no function loads: descriptions of other services, other languages, console scripts."""
    shutil.rmtree(folder / "bin", ignore_errors=True)
    if not (folder / "botocore").is_dir():
        for tests in [path for path in folder.rglob("tests") if path.is_dir()]:  # a quarter of numpy
            shutil.rmtree(tests)
        return
    for data in (folder / "botocore" / "data", folder / "boto3" / "data"):
        for service in data.iterdir():
            if service.is_dir() and service.name not in SERVICES:
                shutil.rmtree(service)
    _trim_endpoints(folder / "botocore" / "data" / "endpoints.json")
    for service in (folder / "botocore" / "data").glob("*/*/service-2.json.gz"):
        described = json.loads(gzip.decompress(service.read_bytes()))
        _replace(service, gzip.compress(_without_prose(described), mtime=0))
    for locale in (folder / "babel" / "locale-data").glob("*.dat"):
        if locale.stem.split("_")[0] not in LANGUAGES:
            locale.unlink()


def _trim_endpoints(path: Path) -> None:
    """Keep the endpoints of our services: every process parses this file before its first call."""
    described = json.loads(path.read_bytes())
    for partition in described["partitions"]:
        kept = {name: value for name, value in partition["services"].items() if name in ENDPOINTS}
        partition["services"] = kept
    _replace(path, json.dumps(described, separators=(",", ":")).encode())


def _replace(path: Path, content: bytes) -> None:
    """Replace a file by a new one. uv links installed files to its cache, so writing into one changes every environment."""
    path.unlink()
    path.write_bytes(content)


def _without_prose(described: Any) -> bytes:
    """
    Return an API's description without its prose and without `operationContextParams`.

    Those parameters let an endpoint depend on the ARNs in a call. We name tables by their names, and searching every item of
    a transaction for ARNs took a twentieth of the time of placing an order.
    """

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            # Prose is emptied, not dropped: botocore reads some. A structure may have a member called documentation.
            kept = {k: v for k, v in value.items() if k != "operationContextParams"}
            return {k: "" if k == "documentation" and isinstance(v, str) else bare(v) for k, v in kept.items()}
        return [bare(part) for part in value] if isinstance(value, list) else value

    return json.dumps(bare(described), separators=(",", ":")).encode()


def _digest_of(folder: Path) -> str:
    seen = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
            seen.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return seen.hexdigest()


def _fresh(folder: Path) -> Path:
    """Make a folder beside the final one to build in, so that an interrupted build is never taken for a finished one."""
    unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    return unfinished


def _finish(unfinished: Path, folder: Path) -> None:
    try:
        unfinished.rename(folder)
    except OSError:
        # Another process finished the same build in between; its result is the same.
        if not folder.is_dir():
            raise
        shutil.rmtree(unfinished)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or (ARM, INTEL):
        layer = build(wanted)
        objects = len(shared_objects(layer.folder))
        parts = {"shared": layer.size, **{name: other.size for name, other in layer.others.items()}}
        sizes = ", ".join(f"{name} {size / 2**20:.1f} MB" for name, size in parts.items())
        print(f"{wanted}: {sizes} of 250; {objects} shared objects, all {wanted}; {layer.digest}")  # noqa: T201  this is the command's answer
