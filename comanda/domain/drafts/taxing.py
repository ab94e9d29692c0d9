"""
Find the rates of tax of what a draft has without one: its lines and charges are taxed by the table of its channel. Pure.

`comanda.domain.taxes.places` says where lines and charges are taxed. A rate is found when its line or charge is set, and anew when
the place is another one. Otherwise it stays, as a price of a list does.

Called by   comanda.aws.directory.draft_taxes, comanda.domain.drafts.quotes, functions/drafts
Returns     drafts with the rates of the table, what the table is asked, and a problem for each rate that does not hold
Raises      nothing
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from comanda.domain.drafts.draft import Delivery, Draft, DraftCharge, DraftLine
from comanda.domain.drafts.totals import nets
from comanda.domain.errors import Problem
from comanda.domain.orders.bundle_lines import COMPONENT
from comanda.domain.orders.line import PROVIDED_KINDS
from comanda.domain.orders.methods import PICKUP
from comanda.domain.taxes.places import Place, Spot, TaxedSale, Way, place_of
from comanda.domain.taxes.quotes import Knowledge, Tax, Taxable

type Counters = Mapping[str, Place]  # the places of nodes, by their ids


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedPlaces:
    """Say where each line of a draft is taxed, by its id, and where its charges are. None: that is not known yet."""

    lines: Mapping[str, Place | None]
    charges: Place | None


def places(draft: Draft, counters: Counters) -> TaxedPlaces:
    """Return where a draft is taxed."""
    spots = _spots(draft)
    return TaxedPlaces(
        lines={line_id: place_of(spot, counters) for line_id, spot in spots.lines.items()},
        charges=place_of(spots.charges, counters),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spots:
    """The spots of the lines of a draft by their ids, and of its charges."""

    lines: Mapping[str, Spot]
    charges: Spot


def _spots(draft: Draft) -> _Spots:
    deliveries = draft.deliveries()
    ways = {line.line_id: _way(draft, line, deliveries[line.line_id]) for line in draft.lines}
    sale = TaxedSale(draft.destination, ways.values())
    return _Spots(lines={line_id: sale.of_line(way) for line_id, way in ways.items()}, charges=sale.of_charges())


def _way(draft: Draft, line: DraftLine, delivery: Delivery) -> Way:
    if delivery.method == PICKUP and line.kind not in PROVIDED_KINDS:
        return Way(counter=delivery.node_id or "")
    return Way(to=line.destination or draft.destination)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row[Sold: (DraftLine, DraftCharge)]:
    """A line or a charge that is taxed. `net` is less its discounts; `moved` is False for what had no place before."""

    sold: Sold
    net: int
    to: Place | None
    moved: bool
    stale: bool  # the table is asked for its rate

    def taxable(self, classes: Mapping[str, str]) -> Taxable:
        return Taxable(amount=self.net, tax_class=tax_class(self.sold, classes), to=self.to)

    def taxed(self, found: Iterator[Tax]) -> Sold:
        """Return it with the next rate that was found, if it needs one. At another place a rate that was given is an estimate,
        and the reason why it is 0 was that of its place."""
        if self.stale:
            tax = next(found)
            return replace(
                self.sold,
                tax_rate=tax.rate,
                tax_table=tax.table,
                tax_name=tax.name,
                zero_rate_reason=tax.zero_rate_reason,
                tax_estimated=tax.estimated,
            )
        return replace(self.sold, tax_estimated=True, zero_rate_reason="") if self.moved else self.sold


def taxed(
    before: Draft | None, draft: Draft, lines_set: Collection[str], known: Knowledge, *, charges_set: bool
) -> Draft:
    """Return a draft with the rates of the table for what the request sets without a rate, and for what has another place."""
    there = places(draft, known.counters)
    was = places(before, known.counters) if before else TaxedPlaces(lines={}, charges=None)
    of_lines, of_charges = nets(draft)
    lines = [
        _row(line, net, (was.lines.get(line.line_id), there.lines[line.line_id]), is_set=line.line_id in lines_set)
        for line, net in zip(draft.lines, of_lines, strict=True)
    ]
    way = (was.charges, there.charges)
    charges = [_row(one, net, way, is_set=charges_set) for one, net in zip(draft.charges, of_charges, strict=True)]
    usual = [_row(one, one.amount, way, is_set=False) for one in draft.usual_charges]
    rows: tuple[_Row[DraftLine] | _Row[DraftCharge], ...] = (*lines, *charges, *usual)
    stale = [one for one in rows if one.stale]
    classes = known.classes(line.sold.sku for line in lines if line.stale)
    found = iter(known.quote([one.taxable(classes) for one in stale]) if stale else ())
    return replace(
        draft,
        lines=tuple(one.taxed(found) for one in lines),
        charges=tuple(one.taxed(found) for one in charges),
        usual_charges=tuple(one.taxed(found) for one in usual),
    )


def without_reasons_of_before(
    before: Draft | None, draft: Draft, lines_set: Collection[str], *, charges_set: bool
) -> Draft:
    """Return a draft of a channel without a table. What goes elsewhere than before keeps no reason why its rate is 0."""
    if before is None or not draft.says_why_untaxed:
        return draft
    was, there = _spots(before), _spots(draft)
    moved = {line_id for line_id, spot in there.lines.items() if was.lines.get(line_id, spot) != spot}
    lines = tuple(
        replace(line, zero_rate_reason="") if line.line_id in moved.difference(lines_set) else line
        for line in draft.lines
    )
    if charges_set or was.charges == there.charges:
        return replace(draft, lines=lines)
    return replace(draft, lines=lines, charges=tuple(replace(one, zero_rate_reason="") for one in draft.charges))


def _row[Sold: (DraftLine, DraftCharge)](
    sold: Sold, net: int, way: tuple[Place | None, Place | None], *, is_set: bool
) -> _Row[Sold]:
    """Return what is taxed of a line or charge. `way` is where it was taxed before, and where it is now."""
    was, to = way
    moved = not is_set and to != was
    component = isinstance(sold, DraftLine) and sold.kind == COMPONENT  # its tax is its bundle's
    known = moved and was is not None and not component
    return _Row(sold=sold, net=net, to=to, moved=known, stale=bool(sold.tax_table) and (is_set or moved))


def tax_class(sold: DraftLine | DraftCharge, classes: Mapping[str, str]) -> str:
    """Return the class of a line's goods, or the kind of a charge."""
    return sold.kind if isinstance(sold, DraftCharge) else classes.get(sold.sku, "")


def taxables(draft: Draft, known: Knowledge) -> dict[str, Taxable]:
    """Return the lines and charges of which the table says the rate, by their places in the draft."""
    there, (of_lines, of_charges) = places(draft, known.counters), nets(draft)
    classes = known.classes(line.sku for line in draft.lines if line.tax_table)
    rows = [
        (f"/lines/{i}", line, net, there.lines[line.line_id])
        for i, (line, net) in enumerate(zip(draft.lines, of_lines, strict=True))
    ] + [
        (f"/charges/{i}", one, net, there.charges)
        for i, (one, net) in enumerate(zip(draft.charges, of_charges, strict=True))
    ]
    return {
        at: Taxable(amount=net, tax_class=tax_class(sold, classes), to=to)
        for at, sold, net, to in rows
        if sold.tax_table
    }


def usual_rates(
    draft: Draft, line_ids: Collection[str], kinds: Sequence[str], known: Knowledge
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the table's rates of these lines by their ids, and those of these kinds of charges, whoever gave other rates.
    What the table says nothing about is left out."""
    there = places(draft, known.counters)
    lines = [line for line in draft.lines if line.line_id in line_ids]
    classes = known.classes(line.sku for line in lines)
    amounts = [
        Taxable(amount=0, tax_class=classes.get(line.sku, ""), to=there.lines[line.line_id]) for line in lines
    ] + [Taxable(amount=0, tax_class=kind, to=there.charges) for kind in kinds]
    found = known.quote(amounts) if amounts else ()
    names = [*(line.line_id for line in lines), *kinds]
    rates = [(name, tax.rate) if tax.name else None for name, tax in zip(names, found, strict=True)]
    of_lines, of_charges = rates[: len(lines)], rates[len(lines) :]
    return dict(one for one in of_lines if one), dict(one for one in of_charges if one)


def moved_lines(before: Draft | None, draft: Draft, counters: Counters) -> dict[str, str]:
    """Return the places in the draft of the lines that are taxed elsewhere than before, by their ids."""
    if before is None:
        return {}
    was, there = places(before, counters).lines, places(draft, counters).lines
    return {
        line.line_id: f"/lines/{i}"
        for i, line in enumerate(draft.lines)
        if line.kind != COMPONENT and line.line_id in was and there[line.line_id] != was[line.line_id]
    }


def changed(draft: Draft, found: Mapping[str, Tax]) -> Iterator[Problem]:
    """Yield a problem for each rate of the table that is another one by now. `found` is what the table says of each place."""
    for at, sold in draft.by_table():
        now = found.get(at)
        if now is None or not sold.tax_name or (now.name and Decimal(now.rate) == Decimal(sold.tax_rate)):
            continue
        says = f"{now.table} says {now.rate if now.name else 'nothing about it'} now"
        message = f"is taxed by {sold.tax_rate} of {sold.tax_table}, and {says}"
        yield Problem(pointer=f"{at}/tax_rate", code="price-changed", message=message)


def without_rate(draft: Draft, asked: Mapping[str, Taxable], *, nowhere: bool) -> Iterator[Problem]:
    """Yield a problem for each line and charge of which the table says no rate. `nowhere`: also where no place is known."""
    for at, sold in draft.by_table():
        one = asked.get(at)
        if one is None or not one.amount or sold.tax_name or (one.to is None and not nowhere):
            continue
        what = f"charge {sold.kind}" if isinstance(sold, DraftCharge) else f"line {sold.line_id}"
        message = f"{what} is not taxed: {one.no_rate(sold.tax_table)}; send a tax_rate"
        yield Problem(pointer=f"{at}/tax_rate", code="no-tax-rate", message=message)
