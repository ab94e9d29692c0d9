"""The next command completes the work of an interrupted one, and names a missing step in words."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from local import assembly, cli, deploy, emulator, invitations, seed, side_servers
from local.instance import Instance
from local.retailer.people import people
from ops.client import Problem
from tests.local.test_sweeping import Lambdas


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Instance:
    monkeypatch.setattr("local.instance.ROOT", tmp_path)
    monkeypatch.setenv("COMANDA_NAME", "own")
    monkeypatch.delenv("COMANDA_PORT", raising=False)
    own = Instance("own")
    own.state.mkdir(parents=True)
    return own


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the steps of `up` between its start and its sweep by steps that take no time."""
    monkeypatch.setattr(deploy, "synthesize", lambda *_: Path())
    monkeypatch.setattr(assembly, "publish", lambda *_: 0)
    monkeypatch.setattr(assembly, "stacks", lambda *_: [])
    monkeypatch.setattr(deploy, "find_deployed", lambda *_: None)
    monkeypatch.setattr(deploy, "let_the_admin_in", lambda *_: None)
    monkeypatch.setattr(deploy, "connect_payments", lambda *_: None)
    monkeypatch.setattr(deploy, "connect_taxes", lambda *_: None)
    for server in side_servers.ALL:
        monkeypatch.setattr(server, "start", lambda _: None)
        monkeypatch.setattr(server, "wait", lambda _: "")
    monkeypatch.setattr("time.sleep", lambda _: None)


def started(monkeypatch: pytest.MonkeyPatch, instance: Instance) -> None:
    """Start an emulator that needs no time to start."""
    answers = iter((False, True))
    monkeypatch.setattr(emulator, "_answers", lambda _: next(answers))
    monkeypatch.setattr(emulator.subprocess, "Popen", lambda *_, **__: SimpleNamespace(pid=2**30, poll=lambda: None))
    assert emulator.start(instance)
    monkeypatch.setattr(emulator, "is_running", lambda _: True)


def swept(monkeypatch: pytest.MonkeyPatch, instance: Instance, lambdas: Lambdas) -> list[str]:
    """Run `up` on a running instance. Returns its messages."""
    parameters = SimpleNamespace(put_parameter=lambda **_: None)
    monkeypatch.setattr(Instance, "client", lambda _, service, **__: parameters if service == "ssm" else lambdas)
    said: list[str] = []
    deploy.up(instance, said.append)
    return said


def test_a_start_whose_up_ended_early_is_swept_once_by_the_next_up(
    instance: Instance, deployed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (instance.state / "dynamodb.json").write_text("{}")
    started(monkeypatch, instance)  # and its `up` was killed, or its template could not be made

    assert "swept 3 of 3 open orders" in swept(monkeypatch, instance, Lambdas(3))
    assert not any("swept" in line for line in swept(monkeypatch, instance, Lambdas(3)))


def test_a_sweep_that_failed_is_made_again_by_the_next_up(
    instance: Instance, deployed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (instance.state / "dynamodb.json").write_text("{}")
    started(monkeypatch, instance)

    assert "not all was swept" in swept(monkeypatch, instance, Lambdas(3, "o-1"))[-1]
    assert "swept 3 of 3 open orders" in swept(monkeypatch, instance, Lambdas(3))


def test_the_first_start_of_all_has_nothing_to_sweep(
    instance: Instance, deployed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(monkeypatch, instance)

    assert not any("swept" in line for line in swept(monkeypatch, instance, Lambdas(3)))


def test_a_template_whose_synthesis_was_interrupted_is_never_taken_for_a_whole_one(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, mark = instance.home / "cdk.out", instance.home / "cdk.out.sources"
    folder.mkdir()
    mark.write_text("as before")

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deploy, "digest_of_sources", lambda: "changed")
    monkeypatch.setattr(deploy.child, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        deploy.synthesize(instance, lambda _: None)

    assert not mark.exists()


def test_a_kill_while_clients_are_remembered_loses_none_that_was_known(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance.remember_client("admin", {"id": "a", "secret": "s"})
    write = Path.write_text

    def killed(path: Path, text: str) -> int:
        write(path, text[:5])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", killed)
        with pytest.raises(KeyboardInterrupt):
            instance.remember_client("shop", {"id": "b", "secret": "s"})

    assert instance.known_clients() == {"admin": {"id": "a", "secret": "s"}}
    assert instance.clients.stat().st_mode & 0o777 == 0o600


class Pool:
    """A user pool in which the operator sets passwords."""

    def __init__(self) -> None:
        self.passwords: dict[str, str] = {}

    def admin_set_user_password(self, **user: Any) -> None:
        self.passwords[user["Username"]] = user["Password"]

    def admin_get_user(self, **_: Any) -> dict[str, Any]:
        return {"UserAttributes": [{"Name": "email", "Value": "x"}, {"Name": "sub", "Value": "s-1"}]}


class People:
    """The doors of people: each address is a person of its own, once."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.there: set[str] = set()

    def post(self, _path: str, body: Any, *, key: str) -> dict[str, str]:
        found = f"of-{body['email']}"
        if found in self.there and key not in self.keys:
            raise _problem(409)
        self.keys[key] = found
        self.there.add(found)
        return {"person_id": found}

    def get(self, path: str) -> None:
        if path.rsplit("/", 1)[1] not in self.there:
            raise _problem(404)


def _problem(status: int) -> Problem:
    found = Problem.__new__(Problem)
    found.status = status
    return found


def _invite(instance: Instance, doors: People) -> None:
    api: Any = doors
    for job in invitations.jobs(api, instance, deploy.Deployed("", "", {"user-pool": "p"})):
        job()


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    made = Pool()
    monkeypatch.setattr(Instance, "client", lambda *_, **__: made)
    return made


def test_seeded_people_have_passwords_that_only_the_owner_reads_and_a_second_seed_changes_none(
    instance: Instance, pool: Pool
) -> None:
    doors = People()
    _invite(instance, doors)
    first, invited = instance.known_people(), len(doors.keys)

    _invite(instance, doors)

    assert instance.known_people() == first
    assert len(doors.keys) == invited == len(people())
    assert {one["email"]: one["password"] for one in first.values()} == pool.passwords
    assert instance.people.stat().st_mode & 0o777 == 0o600


def test_a_seed_that_ended_between_a_person_and_the_password_goes_on(
    instance: Instance, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors = People()
    with monkeypatch.context() as patch:
        patch.setattr(Instance, "remember_person", lambda *_: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):
            _invite(instance, doors)

    _invite(instance, doors)

    assert len(doors.there) == len(people())
    assert instance.known_people()["sales"]["password"] == pool.passwords["sales@example.com"]


def test_a_person_whose_file_was_lost_gets_a_new_password_and_one_who_was_removed_is_invited_again(
    instance: Instance, pool: Pool
) -> None:
    doors = People()
    _invite(instance, doors)
    doors.keys.clear()  # an idempotency key is remembered for two days
    instance.people.unlink()
    _invite(instance, doors)
    assert instance.known_people()["care"] == {
        "id": "s-1",
        "email": "care@example.com",
        "password": pool.passwords["care@example.com"],
    }

    doors.there.clear()
    _invite(instance, doors)

    assert instance.known_people()["care"]["id"] == "of-care@example.com"


def test_a_seed_that_ended_before_it_noted_a_client_gets_the_same_client_again(instance: Instance) -> None:
    wanted = {"name": "shop-web", "kind": "channel"}
    keys: list[str] = []

    def post(_path: str, _body: Any, *, key: str) -> dict[str, str]:
        keys.append(key)
        return {"client_id": "c-1", "client_secret": "s"}

    api: Any = SimpleNamespace(post=post, get=lambda _: pytest.fail("nobody is known yet"))
    for _ in range(2):
        seed._client(api, instance, {}, wanted)()

    assert len(set(keys)) == 1
    assert instance.known_clients() == {"shop-web": {"id": "c-1", "secret": "s"}}


class Refusing:
    """An AWS that has no parameters, and refuses everything else."""

    def get_paginator(self, _name: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: [{"Parameters": []}])

    def invoke(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no function"}}, "Invoke")

    exceptions = SimpleNamespace(TooManyRequestsException=KeyboardInterrupt)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("status", "Comanda is not deployed, or not whole: `make up` first"),
        ("seed", "Comanda is not deployed, or not whole: `make up` first"),
        ("sweep", "ResourceNotFoundException"),
    ],
)
def test_a_command_before_the_deployment_prints_one_line_that_says_so(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, command: str, said: str
) -> None:
    monkeypatch.setattr(emulator, "is_running", lambda _: True)
    monkeypatch.setattr(Instance, "client", lambda *_, **__: Refusing())

    answer = CliRunner().invoke(cli.app, [command])

    assert answer.exit_code == 1
    assert said in answer.output
    assert isinstance(answer.exception, SystemExit), answer.exception
    assert json.dumps(answer.output).count("\\n") == 1
