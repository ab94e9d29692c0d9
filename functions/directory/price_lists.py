"""
Store price lists, list their prices, and answer what a sku costs in a channel on a day.

Called by   functions/directory/handler.py: PUT /v1/price-lists/{id}, GET /v1/price-lists/{id}/prices, GET /v1/list-prices
Returns     responses of the API
Raises      Invalid with a problem for each wrong field; NotFound for a list, and for a channel that is not the caller's
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory, price_list_writer, price_lists, writer
from comanda.aws.dynamodb import list_pages
from comanda.aws.runtime import clock
from comanda.domain import days, text, views
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.pricing.price_lists import ListPrice, Price
from functions.directory import checks, contract, rules
from functions.directory.price_list_contract import PriceList


def put(event: dict[str, Any], name: str) -> tuple[writer.Entry, bool]:
    """Store the list of a request, and return its entry and whether it changed."""
    who, now = caller(event), clock.now()
    given = http.read(event, PriceList)
    problems = list(_problems(given))
    if problems:
        raise Invalid(*problems)
    doc = contract.document(given)
    doc.pop("prices", None)
    expected = http.if_match(event, required=False)
    return price_list_writer.put(name, doc, _prices(given, now), expected=expected, by=who.id, now=now)


def _prices(given: PriceList, now: datetime) -> list[Price] | None:
    if given.prices is None:
        return None
    return [
        Price(
            sku=one.sku,
            unit_price=one.unit_price.amount,
            tax_rate=one.tax_rate,
            tax_class=one.tax_class,
            at=now.isoformat(),
        )
        for one in given.prices
    ]


def _problems(given: PriceList) -> Iterator[Problem]:
    """Yield a problem for each name that is unknown or stands twice, and for each price in another currency."""
    known = writer.read_all(directory.CHANNEL, given.channels)
    yield from rules.missing("/channels", given.channels, known, "channel")
    for i, channel in enumerate(given.channels):
        if channel in known and given.currency not in known[channel].doc["currencies"]:
            message = f"{channel} does not sell in {given.currency}"
            yield Problem(pointer=f"/channels/{i}", code="not-sold-in", message=message)
    yield from checks.unknown_partner("/partner_id", given.partner_id)
    products = directory.entries(directory.PRODUCT, {one.sku for one in given.prices or ()})
    seen: set[str] = set()
    for i, one in enumerate(given.prices or ()):
        if one.sku in seen:
            yield Problem(pointer=f"/prices/{i}/sku", code="duplicate", message=f"{one.sku} stands twice")
        elif one.sku not in products:
            yield rules.unknown(f"/prices/{i}/sku", one.sku, "sku")
        if one.unit_price.currency != given.currency:
            message = f"is in {one.unit_price.currency}, the list is in {given.currency}"
            yield Problem(pointer=f"/prices/{i}/unit_price/currency", code="mixed-currencies", message=message)
        seen.add(one.sku)


def list_prices(event: dict[str, Any]) -> Response[str]:
    """Answer a page of a list's prices, by sku."""
    who, query, name = caller(event), http.query(event), http.path_parameter(event, "id")
    found = writer.read(directory.PRICE_LIST, name)
    if found is None:
        raise NotFound("price-lists", name)
    prefix = query.get("prefix", "")
    bound = f"{who.id} prices {name} {prefix}"
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    prices, more = price_lists.page(name, found.doc["price_set"], prefix, after, limit)
    items = [_shown(price, found.doc["currency"]) for price in prices]
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


def _shown(price: Price, currency: str) -> dict[str, Any]:
    said = {
        "tax_rate": price.tax_rate,
        "tax_class": price.tax_class,
        "at": views.time(datetime.fromisoformat(price.at)),
    }
    amount = {"amount": price.unit_price, "currency": currency}
    return {"sku": price.sku, "unit_price": amount, **{name: value for name, value in said.items() if value}}


def price_in_force(event: dict[str, Any]) -> Response[str]:
    """Answer what one unit of a sku costs in a channel on a UTC day, today if the request names none."""
    who, query = caller(event), http.query(event)
    channel, currency, sku, day = _wanted(query)
    entry = directory.find(directory.CHANNEL, channel) if who.sees_channel(channel) else None
    if entry is None:
        raise NotFound("channel", channel)
    currency = currency or entry["currencies"][0]
    found = price_lists.prices(price_lists.lists_in_force(channel, currency, day), [sku]).get(sku)
    if found is None:
        raise NotFound("price of", f"{sku} for {channel} in {currency} on {day}")
    return http.respond(Answer(status=200, body=_in_force(found, channel, day)))


def _wanted(query: dict[str, str]) -> tuple[str, str, str, str]:
    """Return the channel, currency, sku and day of a request. Raises Invalid for each that is missing or malformed."""
    kinds = {"channel": text.ID, "currency": text.CURRENCY, "sku": text.SKU}
    wrong = [
        Problem(pointer=f"/{name}", code="malformed", message=f"takes {kind.says}")
        for name, kind in kinds.items()
        if name in query and not kind.fits(query[name])
    ]
    wrong += [
        Problem(pointer=f"/{name}", code="missing", message="is missing")
        for name in ("channel", "sku")
        if name not in query
    ]
    try:
        day = date.fromisoformat(query["day"]).isoformat() if "day" in query else days.utc_day(clock.now())
    except ValueError:
        wrong.append(Problem(pointer="/day", code="not-a-day", message="a UTC day, YYYY-MM-DD"))
    if wrong:
        raise Invalid(*wrong)
    return query["channel"], query.get("currency", ""), query["sku"], day


def _in_force(found: ListPrice, channel: str, day: str) -> dict[str, Any]:
    shown = _shown(found.price, found.of.currency)
    rate = {"tax_rate": found.tax_rate} if found.tax_rate else {}
    listed = {"id": found.of.id, "version": found.of.version}
    return {
        **shown,
        **rate,
        "channel": channel,
        "day": day,
        "includes_tax": found.of.includes_tax,
        "price_list": listed,
    }
