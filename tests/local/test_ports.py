"""Copied state, and state on another port, sends its messages to the port that it runs on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local import emulator, ports
from local.instance import Instance
from tests.local.world import eventually

QUEUE = "http://localhost:4570/000000000000/comanda-local-milestones"
LAYER = "http://127.0.0.1:4570/_ministack/lambda-layers/000000000000/us-east-1/l"


def test_every_address_of_the_old_port_is_one_of_the_new(tmp_path: Path) -> None:
    (tmp_path / "sqs.json").write_text(json.dumps({"queues": {QUEUE: {"url": QUEUE}}}))
    (tmp_path / "lambda.json").write_text(json.dumps({"Location": LAYER}))
    (tmp_path / "dynamodb.json").write_text(json.dumps({"note": "ring at http://localhost:4570/ or number 4570"}))

    assert ports.follow(tmp_path, 4761) == 2

    moved = QUEUE.replace("4570", "4761")
    assert json.loads((tmp_path / "sqs.json").read_text()) == {"queues": {moved: {"url": moved}}}
    assert json.loads((tmp_path / "lambda.json").read_text()) == {"Location": LAYER.replace("4570", "4761")}
    assert "4570/ or number 4570" in (tmp_path / "dynamodb.json").read_text(), "a stranger's words stay"
    assert ports.follow(tmp_path, 4761) == 0


def test_a_copy_of_a_folder_never_stops_the_instance_that_it_was_copied_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.instance.ROOT", tmp_path)
    original, copy = Instance("original"), Instance("copy")
    wait = "import time; print(1, flush=True); time.sleep(60)"
    command = [sys.executable, "-c", wait, "-m", "local.server", str(original.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # before that its command cannot always be seen
        try:
            for instance in (original, copy):
                instance.home.mkdir(parents=True)
                instance.record.write_text(json.dumps({"pid": process.pid}))

            eventually(lambda: emulator._pid(original) == process.pid)  # Linux shows its command a moment later
            assert emulator._pid(copy) is None
            assert not emulator.stop(copy)
            assert process.poll() is None
        finally:
            process.kill()


def test_a_stop_reports_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.instance.ROOT", tmp_path)
    monkeypatch.setattr(emulator, "STOP_SECONDS", 1)
    instance, said = Instance("deaf"), []
    instance.home.mkdir(parents=True)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    command = [sys.executable, "-c", deaf, "-m", "local.server", str(instance.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ}) as process:
        assert process.stdout is not None
        process.stdout.readline()
        instance.record.write_text(json.dumps({"pid": process.pid}))

        assert emulator.stop(instance, said.append)

        assert process.wait(10) != 0
    assert said
    assert "was killed" in said[0]


def test_an_empty_name_is_no_name_and_no_name_leads_out_of_its_folder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COMANDA_NAME", "")
    assert Instance.current().name == "default"

    for name in ("..", ".", "../other", "a/b", "/a", " ", "-x"):
        monkeypatch.setenv("COMANDA_NAME", name)
        with pytest.raises(SystemExit, match="COMANDA_NAME: takes letters"):
            Instance.current()


@pytest.mark.parametrize("port", ["0", "65536", "80.5", "http", "-1", "\u0661"])
def test_a_port_that_cannot_be_is_refused_in_words(monkeypatch: pytest.MonkeyPatch, port: str):
    monkeypatch.setenv("COMANDA_PORT", port)

    with pytest.raises(SystemExit, match="COMANDA_PORT: takes a number from 1 to 65535"):
        _ = Instance("never-started").port
