"""
Keep sent mails over a restart, and name secrets and the identities of mails as AWS does.

Called by   local/cures/__init__.py
"""

import io
import json
import sys
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from ministack.core import iam_actions, persistence
from ministack.services import secretsmanager, ses, ses_v2
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


def state_is_written_in_one_piece() -> None:
    """Upstream writes state by `json.dump`, which walks it in Python. `json.dumps` does so in C, in less than half the time."""
    source_has(persistence.save_state, "json.dump(", "f, default=_json_default")

    def dump(document: Any, file: Any, **options: Any) -> None:
        file.write(json.dumps(document, **options))

    replaced = type(sys)("json")
    replaced.__dict__.update(vars(json) | {"dump": dump})
    persistence.json = replaced
