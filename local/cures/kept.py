"""
Keep sent mails over a restart, and name secrets and the identities of mails as AWS does.

Called by   local/cures/__init__.py
"""

import base64
import io
import json
import sys
from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from ministack.core import iam_actions, persistence
from ministack.services import lambda_svc, secretsmanager, ses, ses_v2
from ministack.services.cloudformation import provisioners

from local.cures.shape import expect, source_has


def a_secret_refers_to_its_arn() -> None:
    """Upstream's `Ref` of a secret is its name, so that no grant made from it matches. On AWS `Ref` is the ARN."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]
    source_has(create, 'return name, {"Id": arn, "Arn": arn}')

    def name_of(physical_id: str) -> str:
        named = (name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == physical_id)
        return next(named, physical_id)

    def created(*arguments: Any) -> tuple[str, Any]:
        _, attributes = create(*arguments)
        return attributes["Arn"], attributes

    def updated(physical_id: str, *rest: Any, **options: Any) -> tuple[str, Any]:
        _, attributes = update(name_of(physical_id), *rest, **options)
        return attributes["Arn"], attributes

    def deleted(physical_id: str, properties: Any) -> None:
        delete(name_of(physical_id), properties)

    handlers.update(create=created, update=updated, delete=deleted)


def mails_are_sent_as_their_identity() -> None:
    """Upstream evaluates `ses:SendEmail` against `*`. AWS evaluates it against the identity that the mail is sent from."""
    original = iam_actions._ses_v2_resource_arn
    source_has(original, "parts[2] not in _SES_V2_RESOURCES")
    expect("outbound-emails" not in iam_actions._SES_V2_RESOURCES, "a sent mail has no resource of its own")

    def resource_arn(method: str, path: str, body: bytes, region: str, account_id: str) -> str:
        if method == "POST" and path == "/v2/email/outbound-emails":
            _, address = parseaddr(json.loads(body or b"{}").get("FromEmailAddress", ""))
            identity = address if ses_v2._identities.get(address) else address.partition("@")[2]
            return f"arn:aws:ses:{region}:{account_id}:identity/{identity}"
        found: str = original(method, path, body, region, account_id)
        return found

    iam_actions._ses_v2_resource_arn = resource_arn


def mails_are_kept(folder: Path) -> None:
    """
    Upstream keeps sent mails in memory only: a restart forgets them. Here each mail is also a line of a file, which is
    read again at the next start.
    """
    source_has(ses._sent_emails_list, 'lst = _sent_emails.get("entries")')
    expect(ses_v2._sent_emails_list is ses._sent_emails_list, "one list of mails for both SES interfaces")
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "mails.jsonl"

    class Mails(list[dict[str, Any]]):
        def append(self, mail: dict[str, Any]) -> None:
            super().append(mail)
            with kept.open("a") as lines:
                lines.write(json.dumps(mail) + "\n")

    def sent() -> Mails:
        mails = ses._sent_emails.get("entries")
        if not isinstance(mails, Mails):
            mails = Mails()
            if kept.exists():
                mails.extend(json.loads(line) for line in io.StringIO(kept.read_text()) if line.endswith("\n"))
            ses._sent_emails["entries"] = mails
        return mails

    ses._sent_emails_list = sent
    ses_v2._sent_emails_list = sent


def layers_are_kept_in_files(folder: Path) -> None:
    """
    Keep the archives of layers in files, which upstream writes as text into the state of functions.

    That is more than a hundred megabytes at each change of a function, and as many to read at a start. Upstream keeps the code
    of functions in files, too. The state names each file by the hash of its archive.
    """
    get_state, restore_state = lambda_svc.get_state, lambda_svc._restore_state
    source_has(get_state, '"layers": copy.deepcopy(_layers)')
    source_has(restore_state, '_layers.update(data.get("layers", {}))')

    def get_state_without_archives() -> Any:
        state = get_state()
        for version in _layer_versions(state):
            if isinstance(version["_zip_data"], bytes):
                file = folder / f"{base64.b64decode(version['Content']['CodeSha256']).hex()}.zip"
                _write_once(file, version["_zip_data"])
                version["_zip_data"] = {"file": file.name}
        return state

    def restore_state_with_archives(state: Any) -> None:
        named = set()
        for version in _layer_versions(state):
            if isinstance(version["_zip_data"], dict):  # bytes in a state of before this cure
                named.add(version["_zip_data"]["file"])
                version["_zip_data"] = (folder / version["_zip_data"]["file"]).read_bytes()
        for file in folder.glob("*.zip"):
            if file.name not in named:
                file.unlink()
        restore_state(state)

    lambda_svc.get_state, lambda_svc._restore_state = get_state_without_archives, restore_state_with_archives


def _layer_versions(state: Any) -> Iterator[dict[str, Any]]:
    layers = (state or {}).get("layers") or {}
    for layer in (layers._data if hasattr(layers, "_data") else layers).values():
        yield from layer["versions"]


def _write_once(file: Path, content: bytes) -> None:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".unfinished")
        unfinished.write_bytes(content)
        unfinished.replace(file)


def state_is_written_in_one_piece() -> None:
    """Upstream writes state by `json.dump`, which walks it in Python. `json.dumps` does so in C, in less than half the time."""
    source_has(persistence.save_state, "json.dump(", "f, default=_json_default")

    def dump(document: Any, file: Any, **options: Any) -> None:
        file.write(json.dumps(document, **options))

    replaced = type(sys)("json")
    replaced.__dict__.update(vars(json) | {"dump": dump})
    persistence.json = replaced
