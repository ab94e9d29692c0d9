"""Make card numbers of every brand, which issuers publish for tests, and other numbers by the rules of their issuers."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

BRANDS: dict[str, tuple[str, ...]] = {
    "Visa": (
        "4111111111111111",
        "4242424242424242",
        "4012888888881881",
        "4222222222222",
        "4007000000027",
        "4000000000000000006",
    ),
    "Mastercard": ("5555555555554444", "5105105105105100", "2223003122003222", "2223000048400011"),
    "American Express": ("378282246310005", "371449635398431", "343434343434343"),
    "Discover": ("6011111111111117", "6011000990139424", "6445644564456445"),
    "Diners Club": ("30569309025904", "38520000023237", "36148900647913", "36227206271667", "3056930009020004"),
    "JCB": ("3530111333300000", "3566002020360505"),
    "UnionPay": ("6200000000000005", "6250941006528599", "6205500000000000004", "8171999927660000"),
    "Maestro": ("6759649826438453", "6304000000000000", "6771798021000008", "5018000000000009"),
    "Elo": ("5066991111111118", "6362970000457013", "5067224275805500"),
    "Hipercard": ("6062821086773091", "6062826786276634"),
    "Mir": ("2200000000000053", "2201382000000013"),
    "RuPay": ("6079000000000003", "8172000000000005", "5081000000000001"),
    "Troy": ("9792020000000001", "9792030394440796"),
    "UATP": ("135410014004955", "122000000000003"),
}
_SIZES = {
    12: ((4, 4, 4),),
    13: ((4, 3, 3, 3), (4, 4, 5)),
    14: ((4, 6, 4), (4, 4, 4, 2)),
    15: ((4, 6, 5), (4, 5, 6), (4, 4, 4, 3)),
    16: ((4, 4, 4, 4),),
    19: ((4, 4, 4, 4, 3), (6, 13)),
}


def groups(number: str) -> Iterator[str]:
    """Yield a card number in one piece, and in the groups that cards have."""
    yield number
    for sizes in _SIZES[len(number)]:
        ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
        parts = [number[end - size : end] for size, end in zip(sizes, ends, strict=True)]
        yield " ".join(parts)
        yield "-".join(parts)


def unusual(number: str) -> Iterator[str]:
    """Yield a card number in groups that no card has, but people write."""
    for sizes in (
        *((first, len(number) - first) for first in range(4, len(number) - 3)),
        (4, len(number) - 8, 4),
        (6, 4, len(number) - 10),
        (4, 2, 4, len(number) - 10),
        (2, 4, 4, len(number) - 10),
        (3, 3, 3, len(number) - 9),
        (5, 5, len(number) - 10),
        (3, 3, 3, 2, len(number) - 11),
    ):
        parts, left = [], number
        for size in sizes:
            parts.append(left[:size])
            left = left[size:]
        for between in (" ", "-", "\n", "."):
            yield between.join(parts)


def _digits(chance: random.Random, count: int) -> str:
    return f"{chance.randrange(10**count):0{count}d}"


def _modulo_10(block: str) -> str:
    total = 0
    for i, digit in enumerate(reversed(block)):
        product = int(digit) * (1 if i % 2 else 2)
        total += product // 10 + product % 10
    return block + str(-total % 10)


def _boleto(chance: random.Random) -> str:
    """Return a bank's line of 47 digits (FEBRABAN): bank, currency 9, free field, check digit, days since 1997 or 2022, amount."""
    bank = chance.choice(("001", "033", "104", "237", "341", "422", "748", "756"))
    free = _digits(chance, 25)
    fields = [_modulo_10(f"{bank}9{free[:5]}"), _modulo_10(free[5:15]), _modulo_10(free[15:])]
    due = f"{chance.randrange(1000, 10_000)}{chance.randrange(100, 10_000_000):010d}"
    check = str(chance.randrange(1, 10))
    if chance.random() < 0.5:
        return "".join((*fields, check, due))
    dotted = [f"{field[:5]}.{field[5:]}" for field in fields]
    return " ".join((*dotted, check, due))


def _convenio(chance: random.Random) -> str:
    """Return a utility's line of 48 digits: four blocks of eleven and their check digit."""
    blocks = [_modulo_10("8" + _digits(chance, 10)), *(_modulo_10(_digits(chance, 11)) for _ in range(3))]
    way = chance.randrange(3)
    if way == 0:
        return "".join(blocks)
    return " ".join(f"{block[:-1]}-{block[-1]}" if way == 1 else block for block in blocks)


def _access_key(chance: random.Random) -> str:
    """Return the key of an NF-e: state, month, CNPJ, model, series, number, way, code and check digit modulo 11, with or without
    the groups that its paper has."""
    state = chance.choice(("31", "33", "35", "41", "43"))
    month = f"{chance.randrange(20, 30)}{chance.randrange(1, 13):02d}"
    company = "".join(sign for sign in _cnpj(chance) if sign.isdigit())
    most = f"{state}{month}{company}55{chance.randrange(3):03d}{_digits(chance, 9)}1{_digits(chance, 8)}"
    key = most + _check_11(most, tuple(2 + place % 8 for place in range(42, -1, -1)))
    return key if chance.random() < 0.5 else " ".join(key[at : at + 4] for at in range(0, 44, 4))


_WRITTEN = ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%d%m%Y", "%m/%d/%Y", "%m%d%Y", "%d-%m-%Y")


def _two_dates(chance: random.Random) -> str:
    first = date(2020, 1, 1) + timedelta(days=chance.randrange(3_650))
    second = first + timedelta(days=chance.randrange(60))
    way, between = chance.choice(_WRITTEN), chance.choice((" ", " - ", "-", "/", ", ", ""))
    return first.strftime(way) + between + second.strftime(way)


# A country's code, and the number of digits that follow it.
_PHONES = (
    ("1", 10),
    ("44", 10),
    ("49", 11),
    ("55", 11),
    ("52", 10),
    ("34", 9),
    ("33", 9),
    ("39", 10),
    ("31", 9),
    ("351", 9),
)
_PHONES += (
    ("61", 9),
    ("81", 10),
    ("86", 11),
    ("91", 10),
    ("43", 10),
    ("41", 9),
    ("45", 8),
    ("46", 9),
    ("48", 9),
    ("62", 11),
)


def _phone(chance: random.Random) -> str:
    country, count = chance.choice(_PHONES)
    national = str(chance.randrange(1, 10)) + _digits(chance, count - 1)
    match chance.randrange(5):
        case 0:
            return f"+{country}{national}"
        case 1:
            return f"+{country} {national}"
        case 2:
            return f"00{country} {national[:3]} {national[3:]}"
        case 3:
            return f"+{country} ({national[:2]}) {national[2:-4]}-{national[-4:]}"
        case _:
            return f"+{country} {national[:3]} {national[3:6]} {national[6:]}"


def _check_11(digits: str, weights: tuple[int, ...]) -> str:
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return "0" if rest < 2 else str(11 - rest)


def _cnpj(chance: random.Random) -> str:
    body = _digits(chance, 8) + f"{chance.choice((1, 1, 1, 2, 3, 10)):04d}"
    body += _check_11(body, (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2))
    body += _check_11(body, (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2))
    return body if chance.random() < 0.5 else f"{body[:2]}.{body[2:5]}.{body[5:8]}/{body[8:12]}-{body[12:]}"


def _cpf(chance: random.Random) -> str:
    body = _digits(chance, 9)
    body += _check_11(body, tuple(range(10, 1, -1)))
    body += _check_11(body, tuple(range(11, 1, -1)))
    return body if chance.random() < 0.5 else f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}"


def _ein(chance: random.Random) -> str:
    return f"{_digits(chance, 2)}-{_digits(chance, 7)}"


def _vat(chance: random.Random) -> str:
    country, count = chance.choice(
        (("DE", 9), ("FR", 11), ("IT", 11), ("GB", 9), ("GB", 12), ("ES", 9), ("SE", 12), ("PT", 9))
    )
    return country + chance.choice(("", " ")) + _digits(chance, count)


def _luhn(body: str) -> str:
    total = 0
    for i, digit in enumerate(reversed(body)):
        doubled = int(digit) * (1 if i % 2 else 2)
        total += doubled - 9 if doubled > 9 else doubled
    return body + str(-total % 10)


def _siret(chance: random.Random) -> str:
    siren = _luhn(_digits(chance, 8))
    body = _luhn(f"{siren}{chance.randrange(1, 60):04d}")
    return body if chance.random() < 0.5 else f"{body[:3]} {body[3:6]} {body[6:9]} {body[9:]}"


def _gtin(chance: random.Random) -> str:
    body = _digits(chance, chance.choice((7, 11, 12, 12, 12, 13)))
    total = sum(int(digit) * (1 if i % 2 else 3) for i, digit in enumerate(reversed(body)))
    return f"Green tea {body}{-total % 10} 250 g"


def _reference(chance: random.Random) -> str:
    """Return an acquirer's number of a payment: 16 digits, most of them a running number that begins with year and day."""
    day = date(2026, 1, 1) + timedelta(days=chance.randrange(365))
    return chance.choice((f"{day:%y%j}{_digits(chance, 11)}", f"88{_digits(chance, 14)}", _digits(chance, 16)))


def _iban(chance: random.Random) -> str:
    body = _digits(chance, 18)
    check = 98 - int(f"{body}131400") % 97
    written = f"DE{check:02d}{body}"
    return " ".join(written[i : i + 4] for i in range(0, len(written), 4))


def _amounts(chance: random.Random) -> str:
    """Return a few amounts in a row, as in a list of what was bought."""
    form = chance.choice(("{:.2f}", "{:,.2f}", "{:.0f}"))
    between = chance.choice((" ", "  ", ", ", " + ", "\n", "; "))
    return between.join(
        form.format(chance.choice((9, 99, 999, 9_999)) * chance.random()) for _ in range(chance.randrange(2, 9))
    )


def _sizes(chance: random.Random) -> str:
    """Return sizes of clothes or shoes in a row."""
    first = chance.randrange(28, 46)
    return chance.choice((" ", ", ", "/", "-")).join(str(first + 2 * n) for n in range(chance.randrange(3, 12)))


def _times(chance: random.Random) -> str:
    """Return hours or a day with its times, as in opening hours and deliveries."""
    day = date(2026, 1, 1) + timedelta(days=chance.randrange(700))
    hours = [
        f"{chance.randrange(7, 22):02d}:{chance.choice((0, 15, 30, 45)):02d}" for _ in range(chance.randrange(2, 5))
    ]
    return f"{day.strftime(chance.choice(_WRITTEN))} {chance.choice((' - ', ' ', '-')).join(hours)}"


def _places(chance: random.Random) -> str:
    """Return a place on earth, or the number of a computer."""
    if chance.random() < 0.5:
        return f"{chance.uniform(-90, 90):.6f}, {chance.uniform(-180, 180):.6f}"
    return ".".join(str(chance.randrange(256)) for _ in range(4))


def _several_phones(chance: random.Random) -> str:
    return chance.choice((" / ", ", ", " or ")).join(_phone(chance) for _ in range(2))


def _order_numbers(chance: random.Random) -> str:
    """Return ids of orders as shops write them, a few in a row."""
    form = chance.choice(("2026-{:05d}", "{:06d}", "WEB-{:07d}", "{:05d}", "#{:04d}-26"))
    return chance.choice((", ", " and ")).join(
        form.format(chance.randrange(100_000)) for _ in range(chance.randrange(1, 4))
    )


HONEST: dict[str, Callable[[random.Random], str]] = {
    "boleto lines of 47 digits": _boleto,
    "boleto lines of 48 digits": _convenio,
    "keys of NF-e": _access_key,
    "two dates side by side": _two_dates,
    "phones with country code": _phone,
    "CNPJ": _cnpj,
    "CPF": _cpf,
    "EIN": _ein,
    "VAT numbers": _vat,
    "SIRET": _siret,
    "GTIN in a title": _gtin,
    "bank accounts (IBAN)": _iban,
    "amounts in a row": _amounts,
    "sizes in a row": _sizes,
    "days and times": _times,
    "places and addresses of computers": _places,
    "several phones": _several_phones,
    "several numbers of orders": _order_numbers,
    "payment references of 16 digits": _reference,
}
