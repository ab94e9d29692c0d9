"""Invite people and sign them in as they do: by the pool's hosted pages, with a code and its proof (PKCE)."""

import base64
import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from infra import names
from tests.system.retailer import CANARY
from tests.system.world import PLAIN, DeployedWorld

PASSWORD = "Aa1!a-long-password"


def a_person(**rights: Any) -> dict[str, Any]:
    """Return an invitation of staff to an address of its own, which stands nowhere else but in the pool."""
    email = f"{CANARY}-{uuid.uuid4().hex[:8]}@example.com"
    return {"email": email, "name": "Ana", "roles": ["staff"], "desks": ["care"], **rights}


@dataclass(frozen=True)
class SignedIn:
    """A person with the tokens of one sign-in."""

    world: DeployedWorld
    person_id: str
    access: str
    refresh: str

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.access}", "Idempotency-Key": uuid.uuid4().hex}
        return httpx.request(method, self.world.deployed.base_url + path, json=body, headers=headers, **PLAIN)


def invite(world: DeployedWorld, **rights: Any) -> tuple[str, str]:
    """Return the id and the address of a new person, who has chosen a password."""
    body = a_person(**rights)
    person_id = str(world.office.post("/v1/people", body)["person_id"])
    world.aws("cognito-idp").admin_set_user_password(
        UserPoolId=world.deployed[names.USER_POOL], Username=person_id, Password=PASSWORD, Permanent=True
    )
    return person_id, str(body["email"]).lower()  # the emulator's pool tells capital letters apart


def sign_in(world: DeployedWorld, person_id: str, email: str, password: str = PASSWORD) -> SignedIn:
    """Sign a person in by the hosted page, as the console's app client does."""
    app, pages = _app(world), world.deployed[names.SIGN_IN_URL]
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    wanted = {
        "client_id": app["ClientId"],
        "redirect_uri": app["CallbackURLs"][0],
        "response_type": "code",
        "scope": " ".join(app["AllowedOAuthScopes"]),
        "state": "s",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    with httpx.Client(**PLAIN) as browser:
        page = browser.get(f"{pages}/oauth2/authorize", params=wanted, follow_redirects=True)
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
        sent = browser.post(f"{pages}/login", data={**form, **wanted, "username": email, "password": password})
        (code,) = parse_qs(urlsplit(sent.headers["Location"]).query)["code"]
        tokens = exchange(
            world,
            grant_type="authorization_code",
            code=code,
            redirect_uri=wanted["redirect_uri"],
            code_verifier=verifier,
        ).json()
    return SignedIn(world, person_id, tokens["access_token"], tokens["refresh_token"])


def exchange(world: DeployedWorld, **grant: str) -> httpx.Response:
    """Ask for tokens as the console's app client."""
    app = _app(world)
    credentials = (app["ClientId"], app["ClientSecret"])
    return httpx.post(world.deployed.token_url, data={**grant, "client_id": app["ClientId"]}, auth=credentials, **PLAIN)


def _app(world: DeployedWorld) -> dict[str, Any]:
    found: dict[str, Any] = world.aws("cognito-idp").describe_user_pool_client(
        UserPoolId=world.deployed[names.USER_POOL], ClientId=world.deployed[names.CONSOLE_CLIENT]
    )["UserPoolClient"]
    return found
