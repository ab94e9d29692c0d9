"""
Say what a draft gives away against what its goods usually cost, and keep what that is compared with out of a person's reach.

Goods usually cost what the price list says, or what their shop said of them if that is less; units beyond the shop's cost what
the list says. A bundle that a person makes costs what its components cost by themselves, if that is more than its own price.

Called by   functions/drafts, functions/intake, for persons; comanda.domain.limits decides
Returns     drafts that know what is usual, and sales for `comanda.domain.limits.require`
Raises      Forbidden for a tax below that of the list or the shop
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from comanda.domain.drafts.draft import Draft, DraftCharge, DraftLine, PriceSource, Told
from comanda.domain.errors import Forbidden, Problem
from comanda.domain.limits import ALL, Goods, Limits, Sale
from comanda.domain.money import spread, tax_of
from comanda.domain.orders.bundle_lines import BUNDLE, COMPONENT
from comanda.domain.orders.line import Discount

_NO_RATES: Mapping[str, str] = {}


def set_by_shop(before: Draft | None, after: Draft) -> Draft:
    """Return a draft as an application leaves it, whose charges are the usual ones."""
    if before is not None and after.charges == before.charges:
        return after
    return replace(after, usual_charges=after.charges)


def set_by_person(before: Draft | None, after: Draft, actor: str, computed: Iterable[str]) -> Draft:
    """Return a draft as a person leaves it. `computed` are the kinds of charges whose amounts the promise has."""
    was = {line.line_id: line for line in before.lines} if before else {}
    lines = tuple(_set_line(_with_givers(line, was, actor), was) for line in after.lines)
    kinds, option = set(computed), _option(after)
    charges = tuple(replace(one, promised=option) if one.kind in kinds else one for one in after.charges)
    discounts = _given_by(actor, after.discounts, before.discounts if before else ())
    return replace(after, lines=tuple(_priced_bundles(lines, was)), discounts=discounts, charges=charges)


def _option(draft: Draft) -> str:
    return f"{draft.promise_id} {draft.option_id or ''}" if draft.promise_id else ""


def _with_givers(line: DraftLine, was: Mapping[str, DraftLine], actor: str) -> DraftLine:
    old = was.get(line.line_id)
    same = old is not None and old.sku == line.sku and old.quantity <= line.quantity
    given = _given_by(actor, line.discounts, old.discounts if old and same else ())
    return line if given == line.discounts else replace(line, discounts=given)


def _given_by(actor: str, given: Iterable[Discount], before: Iterable[Discount]) -> tuple[Discount, ...]:
    """Return discounts with who gave them: who did before, if they are no larger, or this person. The shop is nobody."""
    known: dict[str, Discount] = {}
    for one in before:
        known.setdefault(one.code, one)
    found = []
    for one in given:
        was = known.pop(one.code, None)
        found.append(replace(one, by=was.by if was and one.amount <= was.amount else actor))
    return tuple(found)


def _set_line(line: DraftLine, before: Mapping[str, DraftLine]) -> DraftLine:
    """Return a line with what its shop said of it. A line that is sent again as it was stays what it was."""
    was = before.get(line.line_id)
    if was is line or line.kind == COMPONENT:
        return line
    if was is None or (was.sku, was.kind) != (line.sku, line.kind):
        return replace(line, told=_told_of_sku(line, before.values()))
    if _terms(was) == _terms(line) and (not was.price.person or was.price.listed == line.price.listed):
        return replace(line, price=replace(was.price, listed_rate=line.price.listed_rate), told=was.told)
    return replace(line, told=_told_by_shop(was))


def _told_by_shop(line: DraftLine) -> Told | None:
    if line.price.person or line.price.source is PriceSource.LIST:
        return line.told
    return Told(quantity=line.quantity, amount=line.price.amount, tax_rate=line.tax_rate)


def _told_of_sku(line: DraftLine, others: Iterable[DraftLine]) -> Told | None:
    """Return the highest price that the shop has given to units of the line's sku, none of which is a unit of this line."""
    if line.kind == BUNDLE:
        return None
    found = (said for one in others if (one.sku, one.kind) == (line.sku, line.kind) and (said := _told_by_shop(one)))
    dearest = max(found, key=lambda said: said.amount, default=None)
    return replace(dearest, quantity=0) if dearest else None


def _terms(line: DraftLine) -> tuple[object, ...]:
    return line.quantity, line.price.amount, line.price.source, line.tax_rate, line.discounts, *_place_in_bundle(line)


def _place_in_bundle(line: DraftLine) -> tuple[object, ...]:
    """Return what a line is in its bundle."""
    return line.line_id, line.sku, line.parent_line_id, line.ratio, line.price_share


def _priced_bundles(lines: Sequence[DraftLine], was: Mapping[str, DraftLine]) -> Iterator[DraftLine]:
    """Yield the lines with what the components cost of each bundle that a person set or made another."""
    for line in lines:
        if line.kind != BUNDLE:
            yield line
            continue
        same = _parts(lines, line) == _parts(tuple(was.values()), line) and line.line_id in was
        if same and line.price == was[line.line_id].price:
            yield line
            continue
        each = _set_price([one for one in lines if one.parent_line_id == line.line_id], line.price.listed)
        price = replace(line.price, person=True, listed=each)
        yield replace(line, price=price, told=line.told if same else None)


def _parts(lines: Sequence[DraftLine], bundle: DraftLine) -> list[tuple[object, ...]]:
    return sorted((_place_in_bundle(one) for one in lines if one.parent_line_id == bundle.line_id), key=str)


def _set_price(parts: Sequence[DraftLine], listed: int | None) -> int | None:
    """Return what a set of these components usually costs, None if nothing says it."""
    prices = [(one.ratio or 0, one.price.listed) for one in parts]
    known = [ratio * each for ratio, each in prices if each is not None]
    return max(listed or 0, sum(known)) if prices and len(known) == len(prices) else None


def set_price_of(bundle: DraftLine, lines: Sequence[DraftLine], listed: Mapping[str, int]) -> int | None:
    """Return what a set of a bundle usually costs by these prices of the lists."""
    parts = [one for one in lines if one.parent_line_id == bundle.line_id]
    priced = [replace(one, price=replace(one.price, listed=listed.get(one.sku))) for one in parts]
    return _set_price(priced, listed.get(bundle.sku))


def usual_goods(line: DraftLine) -> int | None:
    """Return what all units of a line usually cost, None if nothing says it."""
    price, said = line.price, line.told
    if not price.person:
        return line.goods
    of_shop = min(said.quantity, line.quantity) if said else 0
    first = of_shop * min(said.amount, said.amount if price.listed is None else price.listed) if said else 0
    each = price.listed if price.listed is not None else said.amount if said and said.amount else None
    if each is None:
        return None if line.quantity > of_shop else first
    return first + (line.quantity - of_shop) * each


def sale(draft: Draft | None, currency: str, places: Mapping[str, str], off_at: str = "/discounts") -> Sale:
    """Return what a draft gives away. `places` are the pointers of its lines in the request, by their ids."""
    if draft is None:
        return Sale(currency=currency)
    goods = dict(_charges(draft))
    shares = _shares(draft)
    for line in draft.lines:
        at = f"{places[line.line_id]}/unit_price" if line.line_id in places else "/lines"
        if line.kind != COMPONENT:
            own = sum(discount.amount for discount in line.discounts if discount.by)
            at = at.replace("/unit_price", "/discounts") if own else at
            usual, shared = usual_goods(line), shares.get(line.line_id, 0)
            goods[line.line_id] = Goods(at=at, asked=line.goods - own, usual=usual, shared=shared)
        if line.kind == BUNDLE and line.price.person and line.price.listed is not None and line.told is None:
            goods |= _components(draft, line, at)
    return Sale(currency=currency, goods=goods, off=_off(draft), off_at=off_at)


def _shares(draft: Draft) -> dict[str, int]:
    """Return the part of each line in the discounts that persons gave on the draft."""
    nets = {line.line_id: max(0, line.goods - line.discount) for line in draft.lines}
    given = min(sum(discount.amount for discount in draft.discounts if discount.by), sum(nets.values()))
    return dict(zip(nets, spread(given, list(nets.values())), strict=True)) if given else {}


def _charges(draft: Draft) -> Iterator[tuple[str, Goods]]:
    """Yield the usual charges by a blank and their kinds, with what the draft has of them. No line id begins with a blank.

    What the promised option costs is as usual.
    """
    charged = _by_kind(draft, draft.charges)
    as_promised = {one.kind for one in draft.charges if one.promised and one.promised == _option(draft)}
    for kind, usual in _by_kind(draft, draft.usual_charges).items():
        if kind in as_promised:
            continue
        yield f" {kind}", Goods(at="/charges", asked=charged.get(kind, 0), usual=usual, part=True)


def _components(draft: Draft, bundle: DraftLine, at: str) -> dict[str, Goods]:
    """Return the components of a bundle as goods: one set of them, whose parts are rounded by less than one minor unit."""
    parts = [line for line in draft.lines if line.parent_line_id == bundle.line_id]
    carried = spread(bundle.price.amount, [part.price_share or 0 for part in parts])
    return {
        part.line_id: Goods(at=at, asked=n + 1, usual=(part.ratio or 0) * (part.price.listed or 0), part=True)
        for part, n in zip(parts, carried, strict=True)
    }


def _off(draft: Draft) -> dict[str, int]:
    """Return the discounts of a draft by their codes, and those of its lines."""
    found: dict[str, int] = {}
    for discount in draft.discounts:
        name = f"discount {discount.code}"
        found[name] = found.get(name, 0) + discount.amount
    return found | {f"line {line.line_id}": line.discount for line in draft.lines if line.discounts}


def has_persons_discounts(draft: Draft) -> bool:
    """Return True if persons gave discounts on the draft or its lines."""
    return any(one.by for one in (*draft.discounts, *(one for line in draft.lines for one in line.discounts)))


def _by_kind(draft: Draft, charges: Iterable[DraftCharge]) -> dict[str, int]:
    """Return what the customer pays for charges of each kind."""
    found: dict[str, int] = {}
    for one in charges:
        tax = 0 if draft.prices_include_tax else tax_of(one.amount, one.tax_rate, included=False)
        found[one.kind] = found.get(one.kind, 0) + one.amount + tax
    return found


def was_charged(before: Draft | None, charge: DraftCharge) -> bool:
    """Return True if the draft had a charge of this kind before that was taxed no higher."""
    had = before.charges if before else ()
    return any(one.kind == charge.kind and Decimal(one.tax_rate) <= Decimal(charge.tax_rate) for one in had)


def require_taxes(
    draft: Draft,
    rates: Mapping[str, str],
    limits: Limits,
    places: Mapping[str, str],
    charges: Mapping[str, str] = _NO_RATES,
) -> None:
    """Raise Forbidden for each line that a person taxes less than usual: than the list or the tax table, or than the shop
    where these say nothing; and for each charge of the person that is taxed less than by the table.

    `rates` are those of lines by their ids, also of the components of bundles; `charges` are those of the charges that the
    person sets, by their kinds. `places` are the pointers of lines. Taxes in prices change no total.
    """
    if draft.prices_include_tax or limits.percent >= ALL:
        return
    wrong = [
        _taxed_less(places[line.line_id], due)
        for line in draft.lines
        if line.line_id in places and line.kind != COMPONENT and line.price.person
        if Decimal(line.tax_rate) < (due := _usual_rate(draft, line, rates))
    ]
    wrong += [
        _taxed_less(f"/charges/{i}", due)
        for i, one in enumerate(draft.charges)
        if Decimal(one.tax_rate) < (due := Decimal(charges.get(one.kind, "0")))
    ]
    if wrong:
        raise Forbidden("the tax is below the usual one", *wrong)


def _taxed_less(at: str, due: Decimal) -> Problem:
    message = f"it is usually taxed by {due}: send that, or less than it needs a limit of 100 percent"
    return Problem(pointer=f"{at}/tax_rate", code="above-limit", message=message)


def _usual_rate(draft: Draft, line: DraftLine, rates: Mapping[str, str]) -> Decimal:
    """Return the usual rate of a line, or else that of the shop. A person's bundle has the highest rate of its parts."""
    parts = [one.line_id for one in draft.lines if one.parent_line_id == line.line_id and line.told is None]
    found = [Decimal(rates[line_id]) for line_id in (line.line_id, *parts) if line_id in rates]
    return max(found, default=Decimal(line.told.tax_rate if line.told else "0"))
