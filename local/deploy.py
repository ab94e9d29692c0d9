"""
Deploy this checkout's Comanda into the embedded AWS: the template of stage `local`, as it would go to a region.

Called by   local/cli.py (`comanda up`, `demo`, `sweep`, `status`), local/seed.py, local/demo.py, the system tests
Returns     Deployed: where to call, with what
Raises      assembly.Failed, SynthesisFailed, RoomFailed, NotDeployed; emulator.NotStarted; NotAnswering of the payments

One row is written past the API: that of the first client, which the API needs before it can make others. The seed writes
another, for its person of staff.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item
from infra import names
from infra.stages import LOCAL, STAGES, Stage
from local import assembly, child, emulator, side_servers
from local.avalara.server import ACCOUNT as AVALARA_ACCOUNT
from local.avalara.server import KEY as AVALARA_KEY
from local.instance import ROOT, Instance
from local.parts import Parts
from local.stripe import registration
from local.stripe.server import KEY as STRIPE_KEY

MADE = frozenset(
    ("__pycache__", "tables", "vendor", "fonts")
)  # folders that are made from the sources, by a synthesis too
PAGE = 25  # open orders of one run of the sweeper: seconds, on a busy machine too
LONGEST_RUN = 930  # seconds: the longest run of a Lambda, and half a minute for the connection
SOURCES = (
    "comanda", "functions", "statemachines", "infra",
    "requirements/runtime.txt", "requirements/solver.txt", "requirements/press.txt",
)  # fmt: skip


class SynthesisFailed(RuntimeError):
    """`python -m infra.app local` failed; the message is its output."""


class RoomFailed(RuntimeError):
    """An invoked room raised an error; its log (`comanda logs <room>`) has the stack trace."""


class NotDeployed(RuntimeError):
    """The embedded AWS runs without Comanda, or with a part of it: a deployment failed or was interrupted."""

    def __init__(self) -> None:
        super().__init__("Comanda is not deployed, or not whole: `make up` first")


@dataclass(frozen=True)
class Deployed:
    """A running Comanda: its addresses and the settings of its stacks."""

    base_url: str
    token_url: str
    settings: dict[str, str]  # by the last part of the names of the parameters that the stacks publish

    def __getitem__(self, name: str) -> str:
        if name not in self.settings:
            raise NotDeployed
        return self.settings[name]


def up(instance: Instance, say: Callable[[str], None], parts: Parts | None = None) -> Deployed:
    """Start, synthesize, deploy and sweep, each only where it is not done already. `parts` notes how long each took."""
    parts = parts or Parts()
    with parts.part("start"):
        started = emulator.start(instance)
        for server in side_servers.ALL:
            server.start(instance)
    say(f"embedded AWS {'started' if started else 'is running'} at {instance.endpoint}")
    with parts.part("template"):
        folder = synthesize(instance, say)
    with parts.part("deployment"):
        endpoint = {"Name": names.parameter(LOCAL, names.ENDPOINT), "Value": instance.endpoint}
        instance.client("ssm").put_parameter(**endpoint, Type="String", Overwrite=True)
        say(f"{assembly.publish(instance, folder)} new assets published")
        for stack in assembly.stacks(folder):
            assembly.deploy(instance, stack, say)
        deployed = find_deployed(instance)
        let_the_admin_in(instance, deployed)
    say(f"payments are answered at {side_servers.STRIPE.wait(instance)}")
    connect_payments(instance, deployed)
    say(f"taxes are answered at {side_servers.AVALARA.wait(instance)}")
    connect_taxes(instance, deployed)
    if instance.unswept.exists():
        with parts.part("sweep"):
            _sweep_after_start(instance, say)
    return deployed


def _sweep_after_start(instance: Instance, say: Callable[[str], None]) -> None:
    """Restart the machines of all open orders, which a stop ends. A failed run leaves the mark for the next start."""
    try:
        sweep(instance, everything=True, say=say)
        say("swept: the machines of open orders run again, and missed events are sent again")
    except RoomFailed as failed:
        say(f"not all was swept, the next `make up` sweeps again: {failed}")


def synthesize(instance: Instance, say: Callable[[str], None]) -> Path:
    """Make the cloud assembly, in about a dozen seconds, unless its sources are unchanged. Returns its folder."""
    folder, mark = instance.home / "cdk.out", instance.home / "cdk.out.sources"
    digest = digest_of_sources()
    if folder.exists() and mark.exists() and mark.read_text() == digest:
        say("the template is as before")
        return folder
    say("synthesizing the template of stage local")
    mark.unlink(missing_ok=True)  # without the mark, a folder that an interrupt left half written is not used
    command = [sys.executable, "-m", "infra.app", LOCAL.name, "--out", str(folder)]
    # Where a machine tells Python to keep no bytecode, the CDK needs a third of its time to compile its own modules.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = child.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise SynthesisFailed(f"{done.stdout}{done.stderr}".strip())
    mark.write_text(digest)
    return folder


def find_deployed(instance: Instance) -> Deployed:
    """Read the parameters that the stacks publish. Raises NotDeployed when they are not there."""
    pages = instance.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=f"/comanda/{LOCAL.name}/")
    settings = {entry["Name"].rsplit("/", 1)[-1]: entry["Value"] for page in pages for entry in page["Parameters"]}
    if names.API_ID not in settings:
        raise NotDeployed
    return Deployed(
        base_url=f"{instance.endpoint}/_aws/execute-api/{settings[names.API_ID]}/{names.API_STAGE}",
        token_url=f"{instance.endpoint}/oauth2/token",
        settings=settings,
    )


def let_the_admin_in(instance: Instance, deployed: Deployed) -> None:
    """Give the pool's `admin` app client its row in Directory, if it has none. Its secret goes to the clients file."""
    client_id = deployed[names.ADMIN_CLIENT]
    described = instance.client("cognito-idp").describe_user_pool_client(
        UserPoolId=deployed[names.USER_POOL], ClientId=client_id
    )["UserPoolClient"]
    tables = instance.client("dynamodb")
    row = item({**keys.client(client_id), "kind": "admin", "name": "admin"})
    if "Item" not in tables.get_item(TableName=deployed[names.DIRECTORY], Key={key: row[key] for key in ("pk", "sk")}):
        tables.put_item(TableName=deployed[names.DIRECTORY], Item=row)
    instance.remember_client("admin", {"id": client_id, "secret": described["ClientSecret"]})


def connect_payments(instance: Instance, deployed: Deployed) -> None:
    """Give the stage its account at the server that answers as Stripe does, and let that server send its notices here."""
    secrets = instance.client("secretsmanager")

    def keep(name: str, found: dict[str, Any]) -> None:
        secrets.put_secret_value(SecretId=deployed[name], SecretString=json.dumps({"stripe": found}))

    account = {"key": STRIPE_KEY, "address": side_servers.STRIPE.url(instance), "back": deployed.base_url}
    keep(names.PAYMENTS_SECRET, account)
    known = secrets.get_secret_value(SecretId=deployed[names.NOTICES_SECRET])["SecretString"]
    address = f"{deployed.base_url}/v1/providers/stripe/events"
    if endpoint := registration.register(side_servers.STRIPE.url(instance), address, known):
        keep(names.NOTICES_SECRET, {"endpoint": endpoint["id"], "webhook_secrets": [endpoint["secret"]]})


def connect_taxes(instance: Instance, deployed: Deployed) -> None:
    """Give the stage its account at the server that answers as AvaTax does. A channel that names the service is taxed by it."""
    account = {"account": AVALARA_ACCOUNT, "license_key": AVALARA_KEY, "address": side_servers.AVALARA.url(instance)}
    secret = {"SecretId": deployed[names.TAXES_SECRET], "SecretString": json.dumps({"avalara": account})}
    instance.client("secretsmanager").put_secret_value(**secret)


def sweep(instance: Instance, *, everything: bool, say: Callable[[str], None] = lambda _: None) -> dict[str, int]:
    """
    Invoke the sweeper now. `everything` restarts the machines of all open orders, page by page, as after a restart.

    Returns the sums of the runs' counts. Raises RoomFailed after all pages, when a run failed.
    """
    lambdas = instance.client("lambda", config=_without_retries())
    waiting = _invoke(lambdas, LOCAL, "sweep", {"list": True})["open"] if everything else []
    done: Counter[str] = Counter()
    failed: list[RoomFailed] = []
    for first in range(0, len(waiting), PAGE):
        page = waiting[first : first + PAGE]
        try:
            done.update(_invoke(lambdas, LOCAL, "sweep", {"orders": page}))
        except RoomFailed as error:
            failed.append(error)
        say(f"swept {first + len(page)} of {len(waiting)} open orders")
    done.update(_invoke(lambdas, LOCAL, "sweep", {"orders": [], "all": True} if everything else {}))
    if failed:
        raise RoomFailed(f"{len(failed)} pages of orders were not swept whole; the first error: {failed[0]}")
    if everything:
        instance.unswept.unlink(missing_ok=True)
    return dict(done)


def prices(stage: str) -> object:
    """Invoke the room that finds prices every night. Returns its result."""
    return _invoke(_lambdas(stage), STAGES[stage], "price", {})


def wave(stage: str) -> object:
    """Invoke the room that releases a wave of orders every hour. Returns its result."""
    return _invoke(_lambdas(stage), STAGES[stage], "wave", {})


def _lambdas(stage: str) -> Any:
    """Return a Lambda client of the embedded AWS, or of a stage in AWS with the caller's own credentials."""
    if stage == LOCAL.name:
        return Instance.current().client("lambda", config=_without_retries())
    import boto3

    return boto3.client("lambda", config=_without_retries())


@cache
def _without_retries() -> Any:
    """
    Return a configuration that waits for a run until it ends.

    botocore's own second try after a minute would be another run beside the first.
    """
    from botocore.config import Config

    return Config(read_timeout=LONGEST_RUN, retries={"total_max_attempts": 1})


def _invoke(lambdas: Any, stage: Stage, room: str, payload: dict[str, object]) -> Any:
    """Invoke a room and return its result. Waits while all workers of the room are busy. Raises RoomFailed."""
    name, body = names.function(stage, room), json.dumps(payload).encode()
    until = time.monotonic() + LONGEST_RUN
    while True:
        try:
            answer = lambdas.invoke(FunctionName=name, Payload=body)
        except lambdas.exceptions.TooManyRequestsException:  # the run did not begin
            if time.monotonic() > until:
                raise RoomFailed(f"the room {room} was busy for {LONGEST_RUN} s") from None
            time.sleep(1)
            continue
        break
    result = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        raise RoomFailed(f"the room {room} failed: {result['errorType']} {result['errorMessage']}")
    return result


def digest_of_sources() -> str:
    seen = hashlib.sha256()
    for source in SOURCES:
        place = ROOT / source
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and MADE.isdisjoint(path.relative_to(ROOT).parts):
                seen.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return seen.hexdigest()
