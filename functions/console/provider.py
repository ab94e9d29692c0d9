"""
Ask Cognito for tokens: exchange the code of a sign-in, refresh an access token, revoke a refresh token.

Called by   functions/console/sign_in.py, functions/console/session.py
Raises      SignInRefused with the provider's word for it; NoAnswer

The secret of the app client is read once for the life of the process, and stored nowhere.
"""

import hmac
from base64 import b64encode, urlsafe_b64decode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from comanda.aws.api_client.calls import read_json
from comanda.aws.api_client.server import server_at
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from functions.console.addresses import addresses

_SECONDS = 5.0
_FORM = "application/x-www-form-urlencoded"


class SignInRefused(Exception):
    """The provider refused: the code or refresh token was used, has ended, or belongs to another client."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Tokens as the provider grants them. `seconds` is how long the access token lasts."""

    access: str
    seconds: int
    refresh: str | None
    claims: dict[str, Any]  # of the id token, {} without one


def authorize_url(*, state: str, nonce: str, challenge: str) -> str:
    """Return the address of the sign-in page. Without a list of scopes the person gets all that the app client has."""
    where = addresses()
    query = {
        "response_type": "code",
        "client_id": where.client_id,
        "redirect_uri": where.callback,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{where.sign_in}/oauth2/authorize?{urlencode(query)}"


def logout_url() -> str:
    """Return the address that ends the provider's own session and leads back to the console."""
    where = addresses()
    return f"{where.sign_in}/logout?{urlencode({'client_id': where.client_id, 'logout_uri': where.signed_out})}"


def exchange(code: str, verifier: str) -> Granted:
    """Return the tokens for the code of a sign-in. Raises SignInRefused, NoAnswer."""
    return _ask(
        {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": addresses().callback,
        }
    )


def refresh(token: str) -> Granted:
    """Return a new access token. Raises SignInRefused, NoAnswer."""
    return _ask({"grant_type": "refresh_token", "refresh_token": token})


def revoke(token: str) -> None:
    """Make a refresh token, and the access tokens that came from it, useless. A token that is useless already is no error."""
    from botocore.exceptions import ClientError

    try:
        client("cognito-idp").revoke_token(Token=token, ClientId=addresses().client_id, ClientSecret=secret())
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NotAuthorizedException", "UnsupportedTokenTypeException"):
            raise


@cache
def secret() -> str:
    """Return the secret of the console's app client."""
    described = client("cognito-idp").describe_user_pool_client(
        UserPoolId=settings.user_pool_id, ClientId=addresses().client_id
    )
    return str(described["UserPoolClient"]["ClientSecret"])


def sign(purpose: str, text: str) -> str:
    """Return an HMAC of the text under a key that is made from the app client's secret."""
    key = hmac.new(secret().encode(), purpose.encode(), sha256).digest()
    return hmac.new(key, text.encode(), sha256).hexdigest()


def _ask(form: dict[str, str]) -> Granted:
    where = addresses()
    basic = b64encode(f"{quote(where.client_id)}:{quote(secret())}".encode()).decode()
    headers = {"Content-Type": _FORM, "Accept": "application/json", "Authorization": f"Basic {basic}"}
    raw = server_at(where.sign_in, _SECONDS).send("POST", "/oauth2/token", headers, urlencode(form).encode())
    answer = _json(raw.body)
    if raw.status != 200 or not isinstance(answer.get("access_token"), str):
        raise SignInRefused(str(answer.get("error", raw.status))[:40])
    return Granted(
        access=answer["access_token"],
        seconds=int(answer.get("expires_in", 0)),
        refresh=answer.get("refresh_token"),
        claims=_claims(answer.get("id_token", "")),
    )


def _json(body: bytes) -> dict[str, Any]:
    answer = read_json(body)
    return answer if isinstance(answer, dict) else {}


def _claims(token: str) -> dict[str, Any]:
    """Return the claims of an id token. It came from the provider itself over TLS, so its signature says nothing more
    (OpenID Connect Core, 3.1.3.7)."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        return _json(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
