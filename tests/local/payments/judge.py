"""Compare what the server answers with the classes of the official SDK: fields, kinds, and the words that a field may have."""

import sys
import types
import typing
from typing import Any

import stripe

OBJECTS = {
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "customer": stripe.Customer,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "payout": stripe.Payout,
    "refund": stripe.Refund,
    "webhook_endpoint": stripe.WebhookEndpoint,
}


def complaints(answer: dict[str, Any]) -> list[str]:
    """Return what is wrong with an object: a field that is missing, unknown, or of another kind."""
    if answer["object"] in ("list", "search_result"):
        return [one for entry in answer["data"] for one in complaints(entry)]
    found = list(_of_object(answer, OBJECTS[answer["object"]], answer["object"]))
    if answer["object"] == "event":
        found += complaints(answer["data"]["object"])
    return found


def _of_object(value: Any, kind: type, path: str):
    if not isinstance(value, dict):
        yield f"{path}: is no object"
        return
    fields = {name: hint for name, hint in kind.__annotations__.items() if name != "OBJECT_NAME"}
    yield from (f"{path}.{name}: the SDK knows no such field" for name in value if name not in fields)
    for name, hint in fields.items():
        alternatives = _alternatives(hint)
        if value.get(name) is None:
            if type(None) not in alternatives:
                yield f"{path}.{name}: is missing"
        else:
            yield from _of_value(value[name], alternatives, sys.modules[kind.__module__], f"{path}.{name}")


def _alternatives(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return tuple(one for argument in typing.get_args(hint) for one in _alternatives(argument))
    return (hint,)


def _of_value(value: Any, alternatives: tuple[Any, ...], module: Any, path: str):
    literals = [
        word for one in alternatives if typing.get_origin(one) is typing.Literal for word in typing.get_args(one)
    ]
    if literals:  # a plain `str` beside them only keeps old SDKs working with words to come
        if value not in literals:
            yield f"{path}: {value!r} is none of its words"
        return
    tried = [list(_of_hint(value, one, module, path)) for one in alternatives if one is not type(None)]
    if all(tried):
        yield from min(tried, key=len)


def _of_hint(value: Any, hint: Any, module: Any, path: str):
    hint, origin = _resolved(hint, module), typing.get_origin(_resolved(hint, module))
    if origin is list:
        if not isinstance(value, list):
            yield f"{path}: is no list"
            return
        for index, entry in enumerate(value):
            yield from _of_value(entry, _alternatives(typing.get_args(hint)[0]), module, f"{path}[{index}]")
    elif origin is not None or hint is Any:  # texts by free names, or a list within an object: only that it is one
        if hint is not Any and not isinstance(value, dict):
            yield f"{path}: is no object"
    elif issubclass(hint, stripe.StripeObject):
        yield from _of_object(value, hint, path)
    elif type(value) is not hint and not (hint is float and type(value) is int):
        yield f"{path}: {value!r} is no {hint.__name__}"


def _resolved(hint: Any, module: Any) -> Any:
    if isinstance(hint, typing.ForwardRef):
        return getattr(stripe, hint.__forward_arg__, None) or getattr(module, hint.__forward_arg__, Any)
    return hint
