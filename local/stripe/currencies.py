"""
Decide which amounts of a currency can be charged.

Called by   local/stripe/pages.py, intents.py, refunds.py, sessions.py, balance.py, report.py
Raises      Refused

The source is docs.stripe.com/currencies. Stripe counts a few currencies otherwise than ISO 4217 does: ISK and UGX with two
digits that must be 00, MGA without any, and three-decimal currencies only in multiples of 10.
"""

from local.stripe.refusals import Refused

_WITHOUT_DECIMALS = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
_WITH_THREE = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
_WHOLE_ONLY = frozenset(("isk", "ugx"))  # two digits, which must be 00
_WITH_TWO = frozenset(
    [
        "aed",
        "ars",
        "aud",
        "bdt",
        "bgn",
        "bob",
        "brl",
        "cad",
        "chf",
        "cny",
        "cop",
        "crc",
        "czk",
        "dkk",
        "dop",
        "egp",
        "eur",
        "gbp",
        "gtq",
        "hkd",
        "huf",
        "idr",
        "ils",
        "inr",
        "isk",
        "kes",
        "mad",
        "mxn",
        "myr",
        "ngn",
        "nok",
        "nzd",
        "pen",
        "php",
        "pkr",
        "pln",
        "qar",
        "ron",
        "sar",
        "sek",
        "sgd",
        "thb",
        "try",
        "twd",
        "uah",
        "ugx",
        "usd",
        "uyu",
        "zar",
    ]
)
_MINIMUM = {
    "aed": 200,
    "aud": 50,
    "bgn": 100,
    "brl": 50,
    "cad": 50,
    "chf": 50,
    "czk": 1500,
    "dkk": 250,
    "eur": 50,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "inr": 50,
    "jpy": 50,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "nzd": 50,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "sgd": 50,
    "thb": 1000,
    "usd": 50,
}
MOST = 99_999_999


def digits(currency: str) -> int:
    """Return the digits after the point of an amount of this currency, as Stripe counts them."""
    if currency in _WITHOUT_DECIMALS:
        return 0
    return 3 if currency in _WITH_THREE else 2


def check_currency(currency: str) -> None:
    if currency not in _WITHOUT_DECIMALS | _WITH_THREE | _WITH_TWO:
        raise Refused(f"Invalid currency: {currency[:10]}", param="currency", stored=False)


def check_charge(amount: int, currency: str, param: str = "amount") -> None:
    """Refuse an amount that cannot be charged: not positive, too small, too large, or of a unit that cards do not know."""
    check_unit(amount, currency, param)
    if amount < _MINIMUM.get(currency, 1):
        raise Refused(
            f"Amount must be at least {_MINIMUM[currency]} {currency}",
            code="amount_too_small",
            param=param,
            stored=False,
        )
    if amount > (MOST if currency not in ("jpy", "huf", "cop", "idr") else MOST * 10_000):
        raise Refused(
            f"Amount must be no more than {MOST} {currency}", code="amount_too_large", param=param, stored=False
        )


def check_unit(amount: int, currency: str, param: str = "amount") -> None:
    """Refuse an amount that is not positive, or that has a smaller unit than Stripe can move."""
    if amount <= 0:
        raise Refused.unread("Invalid positive integer", param, "parameter_invalid_integer")
    step = 10 if currency in _WITH_THREE else 100 if currency in _WHOLE_ONLY else 1
    if amount % step:
        raise Refused(f"Invalid amount: {currency} is charged in multiples of {step}", param=param, stored=False)
