"""
Send calls of DynamoDB by the parts of botocore that they need: its credentials, events, connections, retries and errors.

A request is the JSON that DynamoDB takes, apart from bytes, and each is signed in one way. botocore would look each attribute up
in its description, resolve the endpoint and derive the key of the signature again: half of the CPU of a call.

Called by   comanda.aws.runtime.clients
Returns     the answers of botocore
Raises      the errors of botocore
"""

import hmac
import json
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from comanda.aws.runtime import clock

_SIGNATURE = "comanda-v4"
_REFUSED = 300  # HTTP statuses from here on are errors
_SIGNED = ("Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Target")
_USUAL_PORTS = {"http": ":80", "https": ":443"}


def shorten(base_classes: list[type], **_: object) -> None:
    """Make the class of a client of DynamoDB one that sends its calls by this module, when botocore makes that class."""
    from botocore.auth import AUTH_TYPE_MAPS

    AUTH_TYPE_MAPS[_SIGNATURE] = Signer  # type: ignore[assignment]  # botocore uses what it has, and no base class
    base_classes.insert(0, ShortCalls)


class ShortCalls:
    """Send each call with the events that botocore has for it, apart from those that change parameters."""

    meta: Any
    exceptions: Any
    _endpoint: Any
    _request_signer: Any

    def _make_api_call(self, operation_name: str, api_params: dict[str, Any]) -> Any:
        """Return the answer of a call. botocore's clients have this method for all their calls."""
        model, events = self.meta.service_model.operation_model(operation_name), self.meta.events
        for name in model.idempotent_members:
            api_params.setdefault(name, str(uuid4()))
        context = {"client_region": self.meta.region_name, "client_config": self.meta.config, "auth_type": _SIGNATURE}
        request = self._request(operation_name, api_params, context)
        _, answer = events.emit_until_response(
            f"before-call.dynamodb.{operation_name}",
            model=model,
            params=request,
            request_signer=self._request_signer,
            context=context,
        )
        if answer is None:
            try:
                answer = self._endpoint.make_request(model, request)
            except Exception as error:
                events.emit(f"after-call-error.dynamodb.{operation_name}", exception=error, context=context)
                raise
        http, parsed = answer
        events.emit(
            f"after-call.dynamodb.{operation_name}", http_response=http, parsed=parsed, model=model, context=context
        )
        if http.status_code >= _REFUSED:
            raise self.exceptions.from_code(parsed.get("Error", {}).get("Code"))(parsed, operation_name)
        return parsed

    def _request(self, operation: str, params: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
        protocol = self.meta.service_model.metadata
        return {
            "method": "POST",
            "url": f"{self.meta.endpoint_url.rstrip('/')}/",
            "headers": {
                "X-Amz-Target": f"{protocol['targetPrefix']}.{operation}",
                "Content-Type": f"application/x-amz-json-{protocol['jsonVersion']}",
                "User-Agent": self.meta.config.user_agent,
            },
            "body": _json(params).encode(),
            "context": context,
        }


def _base64(value: bytes) -> str:
    return b64encode(value).decode()


_json = json.JSONEncoder(separators=(",", ":"), check_circular=False, default=_base64).encode


class Signer:
    """Sign a call as `botocore.auth.SigV4Auth` does: a POST of bytes to the root of a host, with the same headers each time."""

    REQUIRES_REGION = True
    REQUIRES_TOKEN = False

    def __init__(self, credentials: Any, service_name: str, region_name: str) -> None:
        self.credentials, self.service, self.region = credentials, service_name, region_name

    def add_auth(self, request: Any) -> None:
        """Add the headers with the time, the token of the session and the signature. botocore's signers have this method."""
        if self.credentials is None:
            from botocore.exceptions import NoCredentialsError

            raise NoCredentialsError
        at = clock.now().strftime("%Y%m%dT%H%M%SZ")
        headers = request.headers
        headers["X-Amz-Date"] = at
        if self.credentials.token:
            headers["X-Amz-Security-Token"] = self.credentials.token
        signed = {"host": _host(request.url)}
        signed |= {name.lower(): headers[name] for name in _SIGNED if name in headers}
        names = sorted(signed)
        lines = "".join([f"{name}:{signed[name]}\n" for name in names])
        together = ";".join(names)
        canonical = f"POST\n/\n\n{lines}\n{together}\n{sha256(request.data).hexdigest()}"
        scope = f"{at[:8]}/{self.region}/{self.service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        key = _key_of_day(self.credentials.secret_key, at[:8], self.region, self.service)
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.credentials.access_key}/{scope}, "
            f"SignedHeaders={together}, Signature={signature}"
        )


@lru_cache(maxsize=4)
def _key_of_day(secret: str, *scope: str) -> bytes:
    """Return the key that signs the requests of a day, to a service of a region."""
    key = f"AWS4{secret}".encode()
    for part in (*scope, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


@lru_cache(maxsize=4)
def _host(url: str) -> str:
    """Return the host as requests to this address name it: with a port that is not the usual one."""
    parts = urlsplit(url)
    return parts.netloc.lower().removesuffix(_USUAL_PORTS[parts.scheme])
