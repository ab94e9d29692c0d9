"""
Find the addresses of this stage: the console's own, the sign-in page's and the API's.

Called by   every module of the room that leads or calls elsewhere
Raises      MissingParameter for one that the stage did not publish

They are SSM parameters and no settings, because the gateway's address is known only after the room was made. They are read
once for the life of the process.
"""

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings

NAMES = ("console-url", "sign-in-url", "console-client", "api-url")


class MissingParameter(RuntimeError):
    """Say that the stage has no SSM parameter that the console needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Addresses without a slash at their end. `client_id` is the app client that people sign in with."""

    console: str
    sign_in: str
    client_id: str
    api: str

    @property
    def origin(self) -> str:
        return origin_of(self.console)

    @property
    def sign_in_origin(self) -> str:
        return origin_of(self.sign_in)

    @property
    def callback(self) -> str:
        return f"{self.console}/signed-in"

    @property
    def signed_out(self) -> str:
        return f"{self.console}/signed-out"


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


@cache
def addresses() -> Addresses:
    """Return the stage's addresses. Raises MissingParameter."""
    prefix = settings.parameters.rstrip("/")
    found = client("ssm").get_parameters(Names=[f"{prefix}/{name}" for name in NAMES])["Parameters"]
    values = {one["Name"].rpartition("/")[2]: str(one["Value"]).rstrip("/") for one in found}
    if missing := [name for name in NAMES if name not in values]:
        raise MissingParameter(", ".join(missing))
    return Addresses(
        console=values["console-url"],
        sign_in=values["sign-in-url"],
        client_id=values["console-client"],
        api=values["api-url"],
    )
