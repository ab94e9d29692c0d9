"""What a caller of the API gets when the function behind a route did not answer."""

from typing import Any

from ministack.services import apigateway_v1

from local.cures.shape import expect, source_has

FAILED = 502


def failed_functions_are_the_gateways_answer() -> None:
    """
    Upstream answers 502 with the error's own text where a function raised, and 429 where no worker was free. On AWS both
    are API Gateway's own answer of the kind DEFAULT_5XX, as the API customizes it.
    """
    invoke, shape = apigateway_v1._invoke_lambda_proxy_v1, apigateway_v1._lambda_proxy_response
    source_has(invoke, "lambda_response, err = _lambda_proxy_response(result)", "return 502, {")
    source_has(shape, "throttle\u2192429, error\u2192502", 'lambda_response.get("statusCode") == 502')
    expect(apigateway_v1._gw_error("DEFAULT_5XX", "").response_type == "DEFAULT_5XX", "the gateway knows DEFAULT_5XX")

    def shaped(result: dict[str, Any]) -> Any:
        return (None, "no worker") if result.get("throttle") else shape(result)

    async def answered(*given: Any, **more: Any) -> Any:
        answer = await invoke(*given, **more)
        if isinstance(answer, tuple) and answer[0] == FAILED:  # no function of ours answers so itself
            return apigateway_v1._gw_error("DEFAULT_5XX", "Internal server error")
        return answer

    apigateway_v1._lambda_proxy_response = shaped
    apigateway_v1._invoke_lambda_proxy_v1 = answered
