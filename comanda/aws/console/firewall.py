"""
Name the header by which the firewall knows requests of the console, and does not count them against their address.

Called by   functions/console/front_door.py; infra/constructs/firewall.py for the name
"""

from functools import cache

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings

HEADER = "X-Comanda-Console"


@cache
def secret() -> str:
    """Return the header's value, which only the console and the firewall know. It is read once for the life of the process."""
    answer = client("secretsmanager").get_secret_value(SecretId=settings.firewall_secret_arn)
    return str(answer["SecretString"])
