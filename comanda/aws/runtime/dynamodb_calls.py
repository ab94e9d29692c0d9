"""
Send calls of DynamoDB by the parts of botocore that they need: its credentials, events, connections, retries and errors.

A request is the JSON that DynamoDB takes, apart from bytes. botocore would look each attribute up in its description, resolve the
endpoint and derive the key of the signature again: a third of the CPU of a call.

Called by   comanda.aws.runtime.clients
Returns     the answers of botocore
Raises      the errors of botocore
"""

import hmac
import json
from base64 import b64encode
from functools import cache, lru_cache
from typing import Any
from uuid import uuid4

_SIGNATURE = "comanda-v4"
_REFUSED = 300  # HTTP statuses from here on are errors


def shorten(base_classes: list[type], **_: object) -> None:
    """Make the class of a client of DynamoDB one that sends its calls by this module, when botocore makes that class."""
    from botocore.auth import AUTH_TYPE_MAPS

    AUTH_TYPE_MAPS[_SIGNATURE] = signer()
    base_classes.insert(0, ShortCalls)


class ShortCalls:
    """Send each call with the events that botocore has for it, apart from those that change parameters."""

    meta: Any
    exceptions: Any
    _endpoint: Any
    _request_signer: Any

    def _register_handlers(self) -> None:
        """Let requests go on with plain headers once they are signed. botocore's clients register their signer here."""
        super()._register_handlers()  # type: ignore[misc]  # of botocore's class, which comes after this one
        self.meta.events.register_last("request-created.dynamodb", _with_plain_headers)

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


def _with_plain_headers(request: Any, **_: object) -> None:
    """Keep the headers in a dictionary: in the parser of mails, where they were made, each is checked whenever it is read."""
    request.headers = dict(request.headers.items())


def _base64(value: bytes) -> str:
    return b64encode(value).decode()


_json = json.JSONEncoder(separators=(",", ":"), check_circular=False, default=_base64).encode


@cache
def signer() -> Any:
    """Return botocore's signer that keeps the key of the day. botocore is imported with the first client."""
    from botocore.auth import SigV4Auth

    class Signer(SigV4Auth):
        _region_name: str
        _service_name: str
        _read: Any = None

        def headers_to_sign(self, request: Any) -> Any:
            """Return the headers of the one request of this signer. botocore reads them for the signature, and to name them."""
            self._read = self._read or super().headers_to_sign(request)
            return self._read

        def signature(self, string_to_sign: str, request: Any) -> str:
            day = request.context["timestamp"][:8]
            key = _key_of_day(self.credentials.secret_key, day, self._region_name, self._service_name)
            return hmac.digest(key, string_to_sign.encode(), "sha256").hex()

    return Signer


@lru_cache(maxsize=4)
def _key_of_day(secret: str, *scope: str) -> bytes:
    """Return the key that signs the requests of a day, to a service of a region."""
    key = f"AWS4{secret}".encode()
    for part in (*scope, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
