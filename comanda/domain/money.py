"""
Divide and tax money, which is an integer of minor units of one ISO 4217 currency, without losing a cent.

Two divisions exist, and no third: largest remainder over lines, and floor differences over units. The parts of both always
add up to the total.
"""

from collections.abc import Sequence

MOST = 1_000_000_000_000  # minor units of one amount

# The currencies that people pay with, and units of account that prices are in (ISO 4217, list one of 2026). Metals, bonds and codes
# for tests are none of them.
_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP CNY COP CRC CUP "
    "CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD "
    "JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL "
    "THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG "
)
CURRENCIES = frozenset(_CODES.split())
# Currencies that others have replaced since 2021. Orders of before have them still, and end in them.
REPLACED = frozenset(["ANG", "BGN", "CUC", "HRK", "SLL", "ZWL"])

# Digits of the minor unit of currencies that do not have two (ISO 4217, list one). Cash may have fewer digits.
_DIGITS = {
    code: digits
    for digits, codes in (
        (0, ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV")),
        (0, ("XAF", "XOF", "XPF")),
        (3, ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")),
        (4, ("CLF", "UYW")),
    )
    for code in codes
}


def digits(currency: str) -> int:
    """Return the number of digits of the minor unit of a currency."""
    return _DIGITS.get(currency, 2)


def decimal(amount: int, currency: str) -> str:
    """Return an amount of minor units as a decimal number of its currency, such as -12.50."""
    places = digits(currency)
    whole, part = divmod(abs(amount), 10**places)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}.{part:0{places}}" if places else f"{sign}{whole}"


def shown(amount: int, currency: str) -> str:
    """Return an amount of minor units as a sentence for people has it, such as 12.50 USD."""
    return f"{decimal(amount, currency)} {currency}"


def spread(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Divide `total` by `weights` with the largest-remainder method.

    The earlier of two equal remainders gets the unit. Weights that are all zero count as equal. Raises ValueError for a
    negative total or weight, and without weights.
    """
    if total < 0 or not weights or min(weights) < 0:
        raise ValueError("spread needs a total >= 0 over weights >= 0")
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return tuple(shares)


def share_of_units(total: int, first: int, last: int, n: int) -> int:
    """Return the share of units first+1 .. last of n in a line's total.

    It is floor(total x last / n) - floor(total x first / n), so the shares of all units add up to the total.
    """
    if not 0 <= first <= last <= n or total < 0:
        raise ValueError(f"units {first}..{last} of {n} of {total}")
    return total * last // n - total * first // n if n else 0


def tax_of(amount: int, rate: str, *, included: bool) -> int:
    """Return the tax of an amount by a rate such as "0.19", rounded half up.

    An amount that includes its tax is (1 + rate) times the net one. All is computed in integers: a quotient with a limited
    number of digits could fall below the half that is rounded up.
    """
    whole, _, places = rate.partition(".")
    part, one = int(whole + places), int(f"1{'0' * len(places)}")
    divisor = one + part if included else one
    return (2 * amount * part + divisor) // (2 * divisor)
