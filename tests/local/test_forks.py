"""Forked workers are processes of their own, and what is imported before the fork knows nothing of a function's settings."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from comanda.aws.runtime.settings import Settings
from local.cures.forks import Fork, Forker
from local.cures.warm import IMPORTED
from local.instance import ROOT
from tests.local.world import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
SECONDS = 30
TELLS = """
import json, os, sys
line = sys.stdin.readline()
print(json.dumps([line, dict(os.environ), os.getcwd(), os.getppid(), sys.argv[0]]), flush=True)
print("a complaint", file=sys.stderr)
sys.stdin.readline()
"""


@pytest.fixture
def forker() -> Iterator[Forker]:
    made = Forker(sys.executable, ())
    yield made
    made.end()
    assert made.process.returncode == 0


def forked(forker: Forker, folder: Path, **environment: str) -> Fork:
    script = folder / "_worker.py"
    script.write_text(TELLS)
    return forker.fork(str(script), str(folder), {"AWS_LAMBDA_FUNCTION_NAME": "comanda-local-hello", **environment})


def close(worker: Fork) -> None:
    """End the worker if it runs, and close its files."""
    worker.kill()
    worker.wait(SECONDS)
    for file in (worker.stdin, worker.stdout, worker.stderr):
        file.close()


def test_a_worker_has_its_own_files_environment_folder_and_name(forker: Forker, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    workers = [forked(forker, tmp_path / name, MINE=name) for name in ("one", "two")]

    for name, worker in zip(("one", "two"), workers, strict=True):
        worker.stdin.write(f"hello {name}\n")
        line, environment, folder, parent, script = json.loads(worker.stdout.readline())
        assert line == f"hello {name}\n"
        assert environment == {"AWS_LAMBDA_FUNCTION_NAME": "comanda-local-hello", "MINE": name}
        assert (folder, script) == (str(tmp_path / name), str(tmp_path / name / "_worker.py"))
        assert parent == forker.process.pid
        assert worker.stderr.readline() == "a complaint\n"
        assert Path(f"/proc/{worker.pid}/comm").read_text() == "hello\n"
        assert worker.poll() is None
        close(worker)


def test_the_end_of_a_worker_is_seen_however_it_ends(forker: Forker, tmp_path: Path) -> None:
    by_itself, terminated, killed_by_another = (forked(forker, tmp_path) for _ in range(3))
    with pytest.raises(subprocess.TimeoutExpired):
        by_itself.wait(0.01)

    by_itself.stdin.write("\n\n")
    terminated.terminate()
    os.kill(killed_by_another.pid, signal.SIGKILL)

    for worker in (by_itself, terminated, killed_by_another):
        assert worker.wait(SECONDS) == 0
        assert worker.poll() == 0
        close(worker)  # a signal to what is gone does nothing
    eventually(lambda: not any(Path(f"/proc/{worker.pid}").exists() for worker in (by_itself, terminated)))  # no zombie


def test_workers_end_when_the_emulator_is_gone(tmp_path: Path) -> None:
    forker = Forker(sys.executable, ())
    worker = forked(forker, tmp_path)

    forker.connection.close()  # as a kill of the emulator does
    worker.stdin.close()

    forker.process.wait(SECONDS)
    assert worker.wait(SECONDS) == 0
    close(worker)


def test_a_fork_is_refused_when_the_process_that_forks_is_gone(tmp_path: Path) -> None:
    forker = Forker(sys.executable, ())
    close(forked(forker, tmp_path))
    forker.process.kill()
    forker.process.wait(SECONDS)

    with pytest.raises(OSError, match=r"ended|[Bb]roken pipe"):
        forked(forker, tmp_path)
    forker.end()


READS = """
import importlib, json, os, sys
seen = set()
class Watched(dict):
    def __getitem__(self, key):
        seen.add(os.environ.decodekey(key))
        return super().__getitem__(key)
os.environ._data = Watched(os.environ._data)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted(seen)))
"""


def test_what_is_imported_before_the_fork_is_there_and_reads_no_setting_of_a_function() -> None:
    said = subprocess.run(
        [sys.executable, "-c", READS, *IMPORTED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seen = json.loads(said.stdout)

    settings = {name.upper() for name in vars(Settings) if not name.startswith("_")}
    powertools = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
    assert settings
    assert set(seen).isdisjoint(settings | powertools | {"AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME"})
