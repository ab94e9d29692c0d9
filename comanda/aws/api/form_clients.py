"""
Keep the credentials of each channel's order form where only the form's room reads them. No answer of the API shows them.

Called by   functions/directory, which makes and removes the clients of kind `form`; functions/order_form, which calls the API
            with them
Returns     the id and the secret of a channel's client
"""

import json
from typing import Any

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings


def keep(channel: str, client_id: str, secret: str) -> None:
    """Let the form of the channel use this client from now on, in place of the one that it used."""
    from botocore.exceptions import ClientError

    name, value = _name(channel), json.dumps({"client_id": client_id, "client_secret": secret})
    try:
        client("secretsmanager").create_secret(Name=name, SecretString=value)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceExistsException":
            raise
        client("secretsmanager").put_secret_value(SecretId=name, SecretString=value)


def read(channel: str) -> tuple[str, str] | None:
    """Return the id and the secret of the client of the channel's form, or None for a channel without a form."""
    from botocore.exceptions import ClientError

    try:
        answer: Any = client("secretsmanager").get_secret_value(SecretId=_name(channel))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
    kept = json.loads(answer["SecretString"])
    return kept["client_id"], kept["client_secret"]


def forget(channel: str, client_id: str) -> None:
    """Take the credentials of a removed client away, unless the form uses another client by now."""
    kept = read(channel)
    if kept is not None and kept[0] == client_id:
        client("secretsmanager").delete_secret(SecretId=_name(channel), ForceDeleteWithoutRecovery=True)


def _name(channel: str) -> str:
    return f"{settings.form_secrets}{channel}"
