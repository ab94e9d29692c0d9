"""
List the endpoints: their paths, their parameters, and what answers them.

Called by   local/stripe/api.py
Returns     Endpoint

A parameter of Stripe's that is not here is refused as unknown, so nothing can rely on what this server does not do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.stripe import balance, customers, disputes, finding, intents, refunds, sessions, webhooks
from local.stripe.account import Account
from local.stripe.faults import Faults
from local.stripe.params import METADATA, TEXTS, Field, boolean, choice, group, groups, integer, needed, text

Answering = Callable[[Account, Faults, str, Mapping[str, Any]], dict[str, Any]]
IF_AVAILABLE = choice("if_available", "never")
USAGE = choice("off_session", "on_session")
TYPE = choice("card", "pix", required=True)

CARD_OPTIONS = group(
    capture_method=choice("manual"),
    request_incremental_authorization=IF_AVAILABLE,
    request_multicapture=IF_AVAILABLE,
    request_three_d_secure=choice("any", "automatic", "challenge"),
)
METHOD_OPTIONS = group(card=CARD_OPTIONS, pix=group(expires_after_seconds=integer(), expires_at=integer()))
CONFIRMATION = {
    "off_session": boolean(),
    "payment_method": text(),
    "payment_method_data": group(type=TYPE),
    "payment_method_options": METHOD_OPTIONS,
    "return_url": text(),
    "setup_future_usage": USAGE,
}
INTENT = {
    **CONFIRMATION,
    "allowed_payment_method_types": TEXTS,
    "amount": integer(required=True),
    "automatic_payment_methods": group(enabled=boolean(), allow_redirects=choice("always", "never")),
    "capture_method": choice("automatic", "automatic_async", "manual"),
    "confirm": boolean(),
    "currency": text(required=True),
    "customer": text(),
    "description": text(),
    "metadata": METADATA,
}
SESSION = {
    "allowed_payment_method_types": TEXTS,
    "cancel_url": text(),
    "client_reference_id": text(),
    "customer_creation": choice("always", "if_required"),
    "expires_at": integer(),
    "line_items": groups(
        required=True,
        price_data=needed(
            group(
                currency=text(required=True),
                product_data=needed(group(name=text(required=True))),
                unit_amount=integer(required=True),
            )
        ),
        quantity=integer(),
    ),
    "metadata": METADATA,
    "mode": choice("payment", required=True),
    "payment_intent_data": group(
        capture_method=choice("automatic", "automatic_async", "manual"),
        description=text(),
        metadata=METADATA,
        setup_future_usage=USAGE,
    ),
    "payment_method_options": group(card=CARD_OPTIONS, pix=group(expires_after_seconds=integer())),
    "success_url": text(),
}
PAGE = {"ending_before": text(), "limit": integer(), "starting_after": text()}
CREATED = group(gt=integer(), gte=integer(), lt=integer(), lte=integer())


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One call of the API. `path` has `{id}` where the name of an object stands; `known_as` names the SDK's parameters."""

    method: str
    path: str
    answer: Answering
    fields: Mapping[str, Field] = field(default_factory=dict)
    known_as: str = ""


def _without_name(answer: Callable[[Account, Faults, Mapping[str, Any]], dict[str, Any]]) -> Answering:
    return lambda account, faults, _, params: answer(account, faults, params)


def _plain(answer: Callable[[Account, Mapping[str, Any]], dict[str, Any]]) -> Answering:
    return lambda account, _, __, params: answer(account, params)


def _get(path: str, kind: str) -> Endpoint:
    return Endpoint(method="GET", path=path + "/{id}", answer=lambda account, _, name, __: account.get(kind, name))


def _list(path: str, kind: str, known_as: str, **filters: Field) -> Endpoint:
    def answer(account: Account, _: Faults, __: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return finding.page(account, kind, path, params)

    return Endpoint(method="GET", path=path, answer=answer, fields=PAGE | filters, known_as=known_as)


def _post(path: str, answer: Answering, fields: Mapping[str, Field], known_as: str) -> Endpoint:
    return Endpoint(method="POST", path=path, answer=answer, fields=fields, known_as=known_as)


INTENTS, REFUNDS, METHODS = "/v1/payment_intents", "/v1/refunds", "/v1/payment_methods"
CUSTOMERS, SESSIONS, HOOKS, PAYOUTS = "/v1/customers", "/v1/checkout/sessions", "/v1/webhook_endpoints", "/v1/payouts"
CAPTURE = {"amount_to_capture": integer(), "final_capture": boolean(), "metadata": METADATA}
REASON = choice("duplicate", "fraudulent", "requested_by_customer")
REFUND = {"amount": integer(), "charge": text(), "metadata": METADATA, "payment_intent": text(), "reason": REASON}
WHY = choice("abandoned", "duplicate", "fraudulent", "requested_by_customer")
HOOK = {
    "description": text(),
    "enabled_events": Field("list", required=True),
    "metadata": METADATA,
    "url": text(required=True),
}

ENDPOINTS = (
    _post(INTENTS, _without_name(intents.create), INTENT, "PaymentIntentCreateParams"),
    _post(INTENTS + "/{id}", intents.update, {"description": text(), "metadata": METADATA}, "PaymentIntentModifyParams"),
    _post(INTENTS + "/{id}/confirm", intents.confirm, CONFIRMATION, "PaymentIntentConfirmParams"),
    _post(INTENTS + "/{id}/capture", intents.capture, CAPTURE, "PaymentIntentCaptureParams"),
    _post(INTENTS + "/{id}/cancel", intents.cancel, {"cancellation_reason": WHY}, "PaymentIntentCancelParams"),
    _post(
        INTENTS + "/{id}/increment_authorization",
        intents.increment,
        {"amount": integer(required=True), "metadata": METADATA},
        "PaymentIntentIncrementAuthorizationParams",
    ),
    Endpoint(
        method="GET",
        path=INTENTS + "/search",
        answer=_plain(finding.search),
        fields={"limit": integer(), "page": text(), "query": text(required=True)},
        known_as="PaymentIntentSearchParams",
    ),
    _list(INTENTS, intents.KIND, "PaymentIntentListParams", created=CREATED, customer=text()),
    _get(INTENTS, intents.KIND),
    _post(REFUNDS, _without_name(refunds.create), REFUND, "RefundCreateParams"),
    _post(REFUNDS + "/{id}", refunds.update, {"metadata": METADATA}, "RefundModifyParams"),
    _list(REFUNDS, refunds.KIND, "RefundListParams", charge=text(), created=CREATED, payment_intent=text()),
    _get(REFUNDS, refunds.KIND),
    _list("/v1/disputes", disputes.KIND, "DisputeListParams", charge=text(), created=CREATED, payment_intent=text()),
    _get("/v1/disputes", disputes.KIND),
    _list("/v1/charges", "charge", "ChargeListParams", created=CREATED, customer=text(), payment_intent=text()),
    _get("/v1/charges", "charge"),
    _list(
        "/v1/balance_transactions",
        balance.KIND,
        "BalanceTransactionListParams",
        created=CREATED, currency=text(), payout=text(), source=text(), type=text(),
    ),
    Endpoint(
        method="GET",
        path="/v1/balance_transactions/{id}",
        answer=lambda account, _, name, __: balance.shown(account, account.get(balance.KIND, name)),
    ),
    Endpoint(method="GET", path="/v1/balance", answer=lambda account, _, __, ___: balance.balance(account)),
    _list("/v1/events", "event", "EventListParams", created=CREATED, type=text(), types=TEXTS),
    _get("/v1/events", "event"),
    _post(CUSTOMERS, _plain(customers.create_customer),
          {"description": text(), "email": text(), "metadata": METADATA, "name": text(), "payment_method": text()},
          "CustomerCreateParams"),
    _get(CUSTOMERS, "customer"),
    _post(METHODS, _plain(customers.create_method),
          {"card": group(cvc=text(), exp_month=integer(), exp_year=integer(), number=text(required=True)), "type": TYPE},
          "PaymentMethodCreateParams"),
    _post(METHODS + "/{id}/attach", lambda account, _, name, params: customers.attach(account, name, params),
          {"customer": text(required=True)}, "PaymentMethodAttachParams"),
    _get(METHODS, customers.KIND),
    _post(SESSIONS, _without_name(sessions.create), SESSION, "checkout.SessionCreateParams"),
    _post(SESSIONS + "/{id}/expire", sessions.expire, {}, "checkout.SessionExpireParams"),
    _list(SESSIONS, sessions.KIND, "checkout.SessionListParams", created=CREATED, payment_intent=text(), status=text()),
    _get(SESSIONS, sessions.KIND),
    _post(HOOKS, _without_name(webhooks.register), HOOK, "WebhookEndpointCreateParams"),
    _list(HOOKS, webhooks.KIND, "WebhookEndpointListParams"),
    _get(HOOKS, webhooks.KIND),
    Endpoint(method="DELETE", path=HOOKS + "/{id}", answer=lambda account, _, name, __: webhooks.remove(account, name)),
    _post(PAYOUTS, lambda account, _, __, params: balance.pay_out(account, params),
          {"amount": integer(required=True), "currency": text(required=True), "metadata": METADATA}, "PayoutCreateParams"),
    _list(PAYOUTS, "payout", "PayoutListParams", created=CREATED, status=text()),
    _get(PAYOUTS, "payout"),
)  # fmt: skip


def find(method: str, path: str) -> tuple[Endpoint, str] | None:
    """Return the endpoint of a path and the name in it, or None."""
    parts = path.split("/")
    for endpoint in ENDPOINTS:
        pattern = endpoint.path.split("/")
        if endpoint.method != method or len(pattern) != len(parts):
            continue
        if all(wanted in (part, "{id}") for wanted, part in zip(pattern, parts, strict=True)):
            named = [part for wanted, part in zip(pattern, parts, strict=True) if wanted == "{id}"]
            return endpoint, named[0] if named else ""
    return None
