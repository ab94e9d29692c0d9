"""
Tax the sales of a channel by an outside service, which the room `taxes` asks.

Called by   comanda.aws.directory.taxes; imported only for channels with a tax service; functions/taxes
Returns     a TaxPort of the domain
Raises      NoTaxAnswer, when it is asked, if the service does not answer and nothing else says a rate

What the service refuses to tax, such as an address that does not exist, has no rate: quotes and orders are refused then.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.directory.directory import LEGAL_ENTITY, find
from comanda.aws.taxes import room
from comanda.domain.errors import NoTaxAnswer
from comanda.domain.money import tax_of
from comanda.domain.orders.destination import postal_prefix
from comanda.domain.orders.zero_rates import ZeroRateReason
from comanda.domain.taxes.failures import Failure, TaxFailed
from comanda.domain.taxes.places import Place
from comanda.domain.taxes.quotes import Tax, Taxable, TaxPort
from comanda.domain.taxes.services import Address, Addresses, Asked, Question, Rated

_NOBODY = "guest"  # the customer of a sale that names none

logger = Logger()


def rates(
    channel: Mapping[str, Any],
    currency: str,
    customer: str | None,
    known: Iterable[Mapping[str, Any]],
    instead: Callable[[], TaxPort] | None,
) -> "ServiceRates":
    """Return the port of a channel's service. `known` are the documents of addresses: of contacts and nodes. `instead` gives the
    rates when the service does not; None: nothing does."""
    terms = channel["tax_service"]
    entity = find(LEGAL_ENTITY, channel["legal_entity"]) if channel.get("legal_entity") else None
    return ServiceRates(
        name=terms["service"],
        company=terms["company"],
        codes={one["tax_class"]: one["code"] for one in terms.get("codes") or ()},
        currency=currency,
        customer=customer or _NOBODY,
        origin=None if entity is None else _address(entity),
        addresses=Addresses((_coarse(one), _address(one)) for one in known),
        instead=instead,
    )


def _address(doc: Mapping[str, Any]) -> Address:
    names = ("country", "region", "postal_code", "city", "line1")
    return Address(**{name: doc.get(name) or "" for name in names})


def _coarse(doc: Mapping[str, Any]) -> Place:
    return Place(country=doc["country"], postal_prefix=postal_prefix(doc.get("postal_code") or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRates:
    """Tax each amount by a service. A rate that was given goes before, and nothing is asked where no place is known."""

    name: str
    company: str
    codes: Mapping[str, str]
    currency: str
    customer: str
    origin: Address | None
    addresses: Addresses
    instead: Callable[[], TaxPort] | None

    def quote(self, amounts: Sequence[Taxable], day: str, /, *, included: bool) -> tuple[Tax, ...]:
        asked = [one for one in amounts if one.rate is None and one.to is not None]
        found = iter(self._ask(asked, day, included) if asked else ())
        return tuple(
            next(found) if one.rate is None and one.to is not None else self._unasked(one, included) for one in amounts
        )

    def _unasked(self, one: Taxable, included: bool) -> Tax:
        rate = one.rate or "0"
        amount = tax_of(one.amount, rate, included=included)
        return Tax(rate=rate, amount=amount, estimated=True, table="" if one.rate is not None else self.name)

    def _ask(self, asked: Sequence[Taxable], day: str, included: bool) -> Sequence[Tax]:
        try:
            rows = [
                Asked(amount=one.amount, code=self.codes.get(one.tax_class, ""), to=self.addresses.at(one.to))
                for one in asked
                if one.to is not None
            ]
            return [self._tax(one) for one in room.ask(self.name, self.question(rows, day, included))]
        except TaxFailed as failed:
            if self.instead is not None:
                logger.warning("taxed by the table", extra={"tax_service": self.name, "failure": failed.failure})
                found = self.instead().quote(asked, day, included=included)
                return [replace(tax, estimated=True) for tax in found]
            if failed.failure is Failure.REFUSED:
                return [self._unasked(one, included) for one in asked]
            raise NoTaxAnswer(f"the tax service {self.name} does not answer: {failed.failure}") from failed

    def question(self, rows: Sequence[Asked], day: str, included: bool) -> Question:
        """Return what the service is asked about these rows."""
        return Question(
            company=self.company,
            customer=self.customer,
            day=day,
            currency=self.currency,
            included=included,
            origin=self.origin,
            rows=rows,
        )

    def _tax(self, one: Rated) -> Tax:
        """Return a tax as sales keep it. A name is what says that the rate was found."""
        return Tax(
            rate=one.rate,
            amount=one.amount,
            name=one.name or "Tax",
            table=self.name,
            zero_rate_reason=ZeroRateReason.EXEMPT if one.exempt else "",
        )
