"""
Compute the amounts and taxes of the items of an NF-e, each rounded half up to the cent. Pure.

All taxes are part of the price: the total of an NF-e is that of its invoice, whatever they are.
The invoice's tax is the whole ICMS of an item: in a sale to another state both that of the origin, by the rate between states,
and the difference to the rate of the destination (DIFAL). ICMS is a part of its own base, so a rate r of the net price is the
rate r / (1 + r) of the price.

Called by   comanda.domain.documents.nfe
Returns     items; amounts are cents, rates are millionths
Raises      nothing: `Item.has_its_tax` says whether the invoice's tax is that of its rate

Source      LC 214/2025, articles 12 and 343 to 346: what is taken out of the base of IBS and CBS, and their rates of 2026.
            NT 2025.002, rules UB16-10 and W34: bases and totals.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from comanda.domain.documents.nfe import states
from comanda.domain.documents.nfe.master_data import Goods, Issuer
from comanda.domain.documents.sale_document import SaleLine

TAXED = "00"
_MOST_MISSED = 3  # cents by which parts of a tax, each rounded by itself, may differ from the tax of the parts
_LEAST_EXACT = 500_000  # of so many cents a rate with six decimals may miss one
_TOLERATED = 1  # cents: the authority refuses an ICMS further from that of its rate (rule N17-10)
_ONE = 1_000_000
_TAXED_BY_RATE = frozenset({"01", "02"})  # CST of PIS and COFINS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The rates of IBS, of the state and of the city, and of CBS, in millionths."""

    state: int
    city: int
    cbs: int


_BY_LAW = {2026: Rates(state=1_000, city=0, cbs=9_000)}  # a year of test: 0.1 % and 0.9 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line with its taxes. `product` less `discount` plus `freight` is what the customer pays of it."""

    line: SaleLine
    goods: Goods
    product: int
    discount: int
    freight: int
    icms_base: int = 0
    icms_rate: int = 0
    icms: int = 0
    destination_rate: int = 0  # 0: the sale is within a state, or the seller owes no difference
    destination_icms: int = 0
    misses: int = 0  # how far the invoice's tax is from that of its rate
    pis_base: int = 0
    pis_rate: int = 0
    pis: int = 0
    cofins_rate: int = 0
    cofins: int = 0
    ibs_base: int = 0
    ibs_state: int = 0
    ibs_city: int = 0
    cbs: int = 0

    @property
    def has_its_tax(self) -> bool:
        """Return True if the invoice's tax is that of its rate, but for what rounding makes of it."""
        return abs(self.misses) <= _MOST_MISSED + self.icms_base // _LEAST_EXACT

    @property
    def price(self) -> int:
        return self.product - self.discount + self.freight


def millionths(rate: str) -> int:
    """Return a rate such as "0.0165" in millionths."""
    return int(Decimal(rate) * _ONE)


def rates_of(issuer: Issuer, year: int) -> Rates | None:
    """Return the rates of IBS and CBS of a year. None: neither the law that is known here nor the entity says them."""
    if issuer.ibs_state_rate is not None and issuer.ibs_city_rate is not None and issuer.cbs_rate is not None:
        return Rates(
            state=millionths(issuer.ibs_state_rate),
            city=millionths(issuer.ibs_city_rate),
            cbs=millionths(issuer.cbs_rate),
        )
    return _BY_LAW.get(year)


def item(line: SaleLine, goods: Goods, issuer: Issuer, *, included: bool, to_state: str, rates: Rates) -> Item:
    """Return a line with its taxes. `included`: the prices of the invoice have their tax inside."""
    own_tax = line.tax - line.charges_tax
    product = line.goods + (0 if included else own_tax)
    freight = line.charges + (0 if included else line.charges_tax)
    discount = min(line.discount, product)
    freight -= line.discount - discount  # discounts beyond the goods are of the charges
    made = Item(line=line, goods=goods, product=product, discount=discount, freight=freight)
    made = _with_icms(made, issuer, to_state) if goods.icms == TAXED else replace(made, misses=line.tax)
    return _with_others(made, issuer, rates)


def _tax(base: int, rate: int) -> int:
    return (2 * base * rate + _ONE) // (2 * _ONE)


def inside(rate: str) -> int:
    """Return the part of a price that is the tax of a rate of its net price, in millionths."""
    tax, net = Decimal(rate).as_integer_ratio()
    return (2 * _ONE * tax + tax + net) // (2 * (tax + net))


def _with_icms(made: Item, issuer: Issuer, to_state: str) -> Item:
    """Return a taxed item with its ICMS. Charges that the invoice does not tax are not in the base."""
    line, rate = made.line, inside(made.line.rate or "0")
    base = made.price if line.charges_tax else made.product - made.discount
    whole = _near(line.tax, _tax(base, rate))
    made = replace(made, icms_base=base, misses=line.tax - _tax(base, rate))
    if to_state == issuer.state:
        return replace(made, icms_rate=rate, icms=whole)
    between = states.rate_between(issuer.state, to_state, made.goods.origin)
    of_origin = _tax(base, between)
    rest = _near(whole - of_origin, _tax(base, max(rate - between, 0)))
    highest = max(rate, between)
    return replace(made, icms_rate=between, icms=of_origin, destination_rate=highest, destination_icms=rest)


def _near(amount: int, computed: int) -> int:
    """Return an amount of the invoice, brought within what the authority tolerates."""
    return max(0, min(max(amount, computed - _TOLERATED), computed + _TOLERATED))


def _with_others(made: Item, issuer: Issuer, rates: Rates) -> Item:
    """Return an item with PIS and COFINS, and with IBS and CBS, whose base has none of the other taxes."""
    rest = made.price - made.icms - made.destination_icms
    by_rate = made.goods.pis_cofins in _TAXED_BY_RATE
    pis_rate, cofins_rate = (millionths(rate) if by_rate else 0 for rate in (issuer.pis_rate, issuer.cofins_rate))
    pis, cofins = _tax(rest, pis_rate), _tax(rest, cofins_rate)
    base = max(rest - pis - cofins, 0) if has_ibs_cbs(made.goods, issuer) else 0
    return replace(
        made,
        pis_base=rest if by_rate else 0,
        pis_rate=pis_rate,
        pis=pis,
        cofins_rate=cofins_rate,
        cofins=cofins,
        ibs_base=base,
        ibs_state=_tax(base, rates.state),
        ibs_city=_tax(base, rates.city),
        cbs=_tax(base, rates.cbs),
    )


def has_ibs_cbs(goods: Goods, issuer: Issuer) -> bool:
    """Return True for goods that are taxed by IBS and CBS in full. Companies of the Simples do not show them yet."""
    return not issuer.simples and goods.ibs_cbs_class.startswith("000")


def total(items: Sequence[Item], name: str) -> int:
    """Return the sum of an amount over all items."""
    return sum(getattr(one, name) for one in items)
