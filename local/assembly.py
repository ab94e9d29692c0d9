"""
Publish the assets of a cloud assembly, and create or update its stacks, as `cdk deploy` does, but without Node's CLI.

Called by   local/deploy.py
Returns     Stack values, in the order of their deployment
Raises      Failed with the resources that failed and the reasons
"""

import hashlib
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.instance import ACCOUNT, REGION, Instance

VERSION_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
# Zip members need a date; the hash of the content is already the asset's name.
LONG_AGO = (1980, 1, 1, 0, 0, 0)
STACK_SECONDS = 300


class Failed(RuntimeError):
    """A stack could not be deployed; the message lists the resources that failed."""


@dataclass(frozen=True)
class Stack:
    """A stack of the assembly. `needs` are the artifacts that must be deployed before it."""

    name: str
    template: str
    needs: tuple[str, ...]

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.template.encode()).hexdigest()[:32]


def stacks(folder: Path) -> Iterator[Stack]:
    """Yield every stack after the stacks that it needs."""
    artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
    waiting = {name: artifact for name, artifact in artifacts.items() if artifact["type"] == "aws:cloudformation:stack"}
    while waiting:
        ready = [
            name for name, artifact in waiting.items() if not set(artifact.get("dependencies", ())) & waiting.keys()
        ]
        for name in ready:
            artifact = waiting.pop(name)
            properties = artifact["properties"]
            yield Stack(
                name=properties.get("stackName", name),
                template=(folder / properties["templateFile"]).read_text(),
                needs=tuple(artifact.get("dependencies", ())),
            )


def publish(instance: Instance, folder: Path) -> int:
    """Upload the assets that are not there yet. Their keys are hashes of their content. Returns how many were new."""
    s3 = instance.client("s3")
    instance.client("ssm").put_parameter(Name=VERSION_PARAMETER, Value="30", Type="String", Overwrite=True)
    if ASSETS not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=ASSETS)
    there = {
        entry["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=ASSETS)
        for entry in page.get("Contents", ())
    }
    new = 0
    for listing in sorted(folder.glob("*.assets.json")):
        for asset in json.loads(listing.read_text())["files"].values():
            (key,) = {destination["objectKey"] for destination in asset["destinations"].values()}
            if key in there:
                continue
            source = folder / asset["source"]["path"]
            content = zipped(source) if asset["source"]["packaging"] == "zip" else source.read_bytes()
            s3.put_object(Bucket=ASSETS, Key=key, Body=content)
            there.add(key)
            new += 1
    return new


def zipped(folder: Path) -> bytes:
    """Return the folder as a zip file. Equal content gives equal bytes."""
    scratch = folder.parent / f"{folder.name}.zip.tmp"
    with zipfile.ZipFile(scratch, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(str(path.relative_to(folder)), LONG_AGO)
            entry.external_attr = (path.stat().st_mode & 0o7777) << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=1)
    content = scratch.read_bytes()
    scratch.unlink()
    return content


def deploy(instance: Instance, stack: Stack, say: Callable[[str], None]) -> dict[str, str]:
    """Create or update a stack. Returns its outputs."""
    client = instance.client("cloudformation")
    now = _described(client, stack.name)
    if now is not None and now["StackStatus"] in {"ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"}:
        client.delete_stack(StackName=stack.name)
        _settled(client, stack.name)
        now = None
    instance.client("s3").put_object(Bucket=ASSETS, Key=f"{stack.digest}.template.json", Body=stack.template.encode())
    request: dict[str, Any] = {
        "StackName": stack.name,
        "TemplateURL": f"{instance.endpoint}/{ASSETS}/{stack.digest}.template.json",
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        "Tags": [{"Key": "comanda:template", "Value": stack.digest}],
    }
    if now is None:
        say(f"creating {stack.name}")
        client.create_stack(**request, OnFailure="DO_NOTHING")
    elif (
        _tag(now) == stack.digest and now["StackStatus"].endswith("_COMPLETE") and "ROLLBACK" not in now["StackStatus"]
    ):
        say(f"{stack.name} is up to date")
        return _outputs(now)
    else:
        say(f"updating {stack.name}")
        try:
            client.update_stack(**request)
        except ClientError as refused:
            if "No updates are to be performed" not in str(refused):
                raise
    done = _settled(client, stack.name)
    if done is None or done["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise Failed(_complaint(client, stack.name, done))
    return _outputs(done)


def _described(client: Any, name: str) -> dict[str, Any] | None:
    try:
        found: list[dict[str, Any]] = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as refused:
        if "does not exist" in str(refused):
            return None
        raise
    return None if found[0]["StackStatus"] == "DELETE_COMPLETE" else found[0]


def _settled(client: Any, name: str) -> dict[str, Any] | None:
    deadline = time.monotonic() + STACK_SECONDS
    while time.monotonic() < deadline:
        described = _described(client, name)
        if described is None or not described["StackStatus"].endswith("_IN_PROGRESS"):
            return described
        time.sleep(0.2)
    raise Failed(f"{name} is not done after {STACK_SECONDS} seconds")


def _complaint(client: Any, name: str, done: dict[str, Any] | None) -> str:
    status = "gone" if done is None else f"{done['StackStatus']} {done.get('StackStatusReason', '')}".strip()
    lines = [f"{name} could not be deployed: {status}"]
    events = client.describe_stack_events(StackName=name)["StackEvents"] if done is not None else []
    lines += [
        f"  {event['ResourceType']} {event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED")
    ]
    return "\n".join(lines)


def _outputs(described: dict[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", ())}


def _tag(described: dict[str, Any]) -> str | None:
    return next((tag["Value"] for tag in described.get("Tags", ()) if tag["Key"] == "comanda:template"), None)
