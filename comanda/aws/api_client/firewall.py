"""
Name the header by which the firewall knows calls of the console and of order forms, and does not count them by address.

Called by   comanda.aws.api_client.calls; infra/gateway_stack.py for the name

Each of these rooms counts its own visitors, who share the room's few addresses.
"""

from functools import cache

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings

HEADER = "X-Comanda-Room"


@cache
def secret() -> str:
    """Return the header's value, which only these rooms and the firewall know. It is read once for the life of the process."""
    answer = client("secretsmanager").get_secret_value(SecretId=settings.firewall_secret_arn)
    return str(answer["SecretString"])
