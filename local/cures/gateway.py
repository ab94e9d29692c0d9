"""
Correct how a request reaches the function behind a route, and the gateway's answer when that function fails.

Called by   local/cures/__init__.py
"""

from typing import Any

from ministack import app
from ministack.services import apigateway_v1

from local.cures.shape import expect, source_has

FAILED = 502


def failed_functions_are_the_gateways_answer() -> None:
    """
    Upstream answers 502 with the error's own text when a function raised, and 429 when no worker was free. On AWS both
    are API Gateway's own answer of the type DEFAULT_5XX, as the API customizes it.
    """
    invoke, shape = apigateway_v1._invoke_lambda_proxy_v1, apigateway_v1._lambda_proxy_response
    source_has(invoke, "lambda_response, err = _lambda_proxy_response(result)", "return 502, {")
    source_has(shape, "throttle\u2192429, error\u2192502", 'lambda_response.get("statusCode") == 502')
    expect(apigateway_v1._gw_error("DEFAULT_5XX", "").response_type == "DEFAULT_5XX", "the gateway knows DEFAULT_5XX")

    def shaped(result: dict[str, Any]) -> Any:
        return (None, "no worker") if result.get("throttle") else shape(result)

    async def answered(*given: Any, **more: Any) -> Any:
        answer = await invoke(*given, **more)
        if isinstance(answer, tuple) and answer[0] == FAILED:  # none of our functions answers 502 itself
            return apigateway_v1._gw_error("DEFAULT_5XX", "Internal server error")
        return answer

    apigateway_v1._lambda_proxy_response = shaped
    apigateway_v1._invoke_lambda_proxy_v1 = answered


def paths_stay_as_they_came() -> None:
    """
    Upstream decodes a path before it searches for its resource, so that `/v1/products/AB%2F12` has a part too many and is
    not found. A REST API of AWS matches the encoded path, and passes its parts on percent-encoded.
    """
    handle = app._handle_execute_api_request
    source_has(handle, "parsed = _parse_execute_api_url(host, path)", "raw_path: str | None = None")

    async def handled(host: str, path: str, *given: Any, raw_path: str | None = None, **more: Any) -> Any:
        called = app._parse_execute_api_url(host, path)
        of_rest = called is not None and apigateway_v1.find_api_scope(called[0]) is not None
        came = raw_path if raw_path is not None and of_rest else path
        return await handle(host, came, *given, raw_path=raw_path, **more)

    app._handle_execute_api_request = handled
