"""
State the gateway's own answers and limits as data, for the stacks and for the description of the API. The CDK is not imported,
because it starts Node.

Called by   infra/constructs/gateway.py, infra/constructs/firewall.py; openapi/answers/problems.py for the refusals
"""

LINKS_PER_ADDRESS = 200  # in five minutes: a page is two requests, and a mail scanner opens each link of a mail
COMPRESSED_FROM = 1024  # bytes of an answer: shorter ones would gain nothing

# The gateway answers 401 for a token without the route's scope too, and does not say which of the two was wrong.
_UNAUTHORIZED = "A valid access token that carries a scope of this route is required."

# The gateway's own refusals, in the words that the doors use: (status, stable type, title, detail).
REFUSALS: dict[str, tuple[str, str, str, str]] = {
    "UNAUTHORIZED": ("401", "unauthorized", "Unauthorized", _UNAUTHORIZED),
    "EXPIRED_TOKEN": ("401", "unauthorized", "Unauthorized", "The access token has expired."),
    "ACCESS_DENIED": ("403", "forbidden", "Forbidden", "The token does not carry the scope of this route."),
    "WAF_FILTERED": ("403", "forbidden", "Forbidden", "The firewall refused this request."),
    # An unknown route or method arrives here, whatever token it carries.
    "MISSING_AUTHENTICATION_TOKEN": ("404", "not-found", "Not found", "There is no such route or method."),
    "RESOURCE_NOT_FOUND": ("404", "not-found", "Not found", "There is no such route."),
    "REQUEST_TOO_LARGE": ("413", "request-too-large", "Request too large", "The body is larger than 10 MB."),
    "THROTTLED": ("429", "too-many-requests", "Too many requests", "Try again a little later."),
    "QUOTA_EXCEEDED": ("429", "too-many-requests", "Too many requests", "Try again a little later."),
    "INTEGRATION_TIMEOUT": (
        "504",
        "timeout",
        "Timeout",
        "No answer in time; asking again with the same key is safe.",
    ),
    "INTEGRATION_FAILURE": ("503", "unavailable", "Unavailable", "Asking again with the same key is safe."),
    # A fault of the authorizer or of the configuration has this one, too: each response is one of the stack's 500 resources.
    "DEFAULT_5_XX": ("500", "internal", "Internal error", "Asking again with the same key is safe."),
}
# These keep the gateway's own status.
DEFAULTS: dict[str, tuple[str, str, str]] = {
    "DEFAULT_4_XX": ("bad-request", "Bad request", "The gateway could not read this request."),
}
