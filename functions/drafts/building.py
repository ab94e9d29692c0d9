"""
Create a draft, and change it: each request is decided whole on the draft as it is, and saved in one transaction.

Called by   functions/drafts/handler.py: POST /v1/drafts, PATCH /v1/drafts/{draft_id}
Returns     the draft as a response of the API
Raises      Invalid with a problem for each wrong field; Claimed, DraftEnded, PreconditionFailed, NotFound, Forbidden
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory, listed_prices, tax_sources
from comanda.aws.drafts import draft_contacts, drafts, open_carts
from comanda.aws.drafts.drafts import DraftSaving
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.geography import destinations
from comanda.aws.runtime import clock
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.drafts import giving, quotes, steps
from comanda.domain.drafts.draft import Draft
from comanda.domain.drafts.steps import Actor, DraftDecision
from comanda.domain.errors import Invalid, Problem
from comanda.domain.limits import Limits, require
from functions.drafts import attachments, checks, contract, rules
from functions.drafts.reading import actor_of, answer, created, own_draft, require_own

if TYPE_CHECKING:
    from comanda.domain.taxes.quotes import Knowledge, Tax

logger = Logger()

type Contact = dict[str, Any]


def create_draft(event: dict[str, Any]) -> Response[str]:
    who, now = caller(event), clock.now()
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        given = http.read(event, contract.DraftIn)
        made = _save_new(_Building(who, given, now, request), given)
        logger.info("draft created", extra={"draft_id": made.draft_id, "lines": len(made.lines)})
    return request.response()


def change_draft(event: dict[str, Any], draft_id: str) -> Response[str]:
    who, now = caller(event), clock.now()
    name = ids.parse_draft(draft_id, settings.cell)
    with idempotency.begin(event, who, settings.orders_table, now, require_own=lambda: own_draft(who, name)) as request:
        given, version = http.read(event, contract.DraftChange), http.if_match(event)
        building = _Building(who, given, now, request)

        def decide(before: Draft) -> DraftSaving:
            require_version(require_own(who, before), version, actor_of(who), now)
            return building.changed(before, given)

        saved = drafts.decide(name, decide)
        logger.info("draft changed", extra={"draft_id": saved.draft_id, "lines": len(saved.lines)})
    return request.response()


def require_version(draft: Draft, version: int | None, actor: Actor, now: datetime) -> None:
    """Raise DraftEnded, Claimed or PreconditionFailed if this caller may not decide on the draft as they have seen it.

    `version` may name any version since the last change or quote: a claim or a release refuses nothing.
    """
    steps.require_mine(draft, actor, now)
    http.require_version(version, draft.version, since=draft.change_version)


def taxes_now(draft: Draft, now: datetime, contact: Contact | None = None) -> "Mapping[str, Tax]":
    """Return what the tax table or service says now about what it has taxed in the draft. `contact` None: it is read if needed."""
    if not draft.has_table_rates:
        return {}
    from comanda.aws.directory import draft_taxes

    return draft_taxes.of_draft(draft, lambda: draft_contacts.find(draft.draft_id) if contact is None else contact, now)


def _save_new(building: "_Building", given: contract.DraftIn) -> Draft:
    """Save a new draft. Another cart of the same customer may be stored in the same moment: then it is decided again."""
    draft_id = ids.draft(settings.cell, ids.ulid(int(building.now.timestamp() * 1000), secrets.randbits(80)))
    return retry(drafts.TRIES, lambda: drafts.save(building.new(draft_id, given)))


class _Building:
    """A request that builds a draft, which is decided anew for each version of the draft that it meets."""

    def __init__(self, who: Caller, given: contract.DraftFields, now: datetime, request: IdempotentRequest) -> None:
        self.who, self.given, self.now, self.request = who, given, now, request
        self.actor = actor_of(who)
        self.products = directory.entries(directory.PRODUCT, {line.sku for _, line in rules.given_lines(given)})
        self.nodes = directory.entries(directory.NODE, checks.named_nodes(given))
        self.known: Knowledge | None = None  # what the rates depend on; None: no tax table and no service

    def new(self, draft_id: str, given: contract.DraftIn) -> DraftSaving:
        """Return the saving of a new draft."""
        channel = _channel(self.who, given)
        self._check(channel, given.currency)
        plain = Draft(
            draft_id=draft_id,
            channel=given.channel,
            currency=given.currency,
            locale=given.locale,
            created_at=self.now,
            updated_at=self.now,
            expires_at=steps.expiry_of_cart(self.now),
            prices_include_tax=given.prices_include_tax,
            cart=given.open_cart,
        )
        contact = rules.contact({}, given)
        prices = self._pricing(plain, None, channel)
        draft = rules.with_fields(plain, given, prices)
        draft, contact = self._with_lines_of_people(None, draft, contact, channel)
        draft = self._with_contact(draft, contact, channel)
        draft = self._within_limits(None, self._taxed(None, draft, contact, channel), prices)
        attachments.check(None, draft, self.who, self.now)
        self._require_fitting(draft, contact)
        made = steps.create(draft, self.actor)
        return self._saving(None, made, contact)

    def _pricing(self, draft: Draft, before: Draft | None, channel: Mapping[str, Any]) -> rules.Pricing:
        """Return what decides the prices of the lines of the request."""
        skus = {line.sku for _, line in rules.given_lines(self.given)}
        skus |= {line.sku for line in draft.lines} if skus and self.who.person else set()  # a bundle may lack its parts
        include = draft.prices_include_tax
        return rules.Pricing(
            products=self.products,
            listed=listed_prices.find(draft.channel, draft.currency, skus, self.now, include_tax=include),
            person=self.who.person,
            shipping=attachments.shipping(self.given, before, draft.currency, self.who, self.now),
            tax_table=tax_sources.source(channel),
        )

    def changed(self, before: Draft, given: contract.DraftChange) -> DraftSaving:
        """Return the saving of a changed draft."""
        channel = directory.find(directory.CHANNEL, before.channel) or {"countries": (), "currencies": ()}
        self._check(channel, before.currency)
        was = draft_contacts.find(before.draft_id)
        contact = rules.contact(was, given)
        prices = self._pricing(before, before, channel)
        draft = rules.with_fields(before, given, prices)
        draft, wanted = rules.with_line_steps(draft, given, prices)
        if given.open_cart is not None:
            draft = replace(draft, cart=given.open_cart)
        draft, contact = self._with_lines_of_people(before, draft, contact, channel)
        draft = self._with_contact(draft, contact, channel)
        draft = self._within_limits(before, self._taxed(before, draft, contact, channel), prices)
        if draft.prices_until != before.prices_until and draft.prices_until is not None:
            self._require_prices_of_today(before, draft, contact)
        attachments.check(before, draft, self.who, self.now)
        named = tuple(name for name in (*rules.OF_CONTACT, "lines") if contact.get(name) != was.get(name))
        try:
            self._require_fitting(draft, contact)
            made = steps.change(before, draft, self.actor, self.now, contact=named)
        except Invalid as refused:
            raise rules.as_sent(refused, draft, wanted) from refused
        attachments.keep_alive(made.draft, self.now)
        return self._saving((before, was), made, contact)

    def _within_limits(self, before: Draft | None, draft: Draft, prices: rules.Pricing) -> Draft:
        """Return the draft with what its goods usually cost. Raises Forbidden for more than a person may give; applications
        have no limit."""
        if not self.who.person:
            return giving.set_by_shop(before, draft)
        limits, places = Limits.stored(self.who.limits), rules.places(self.given)
        draft = giving.set_by_person(before, draft, self.who.id, rules.computed_charges(self.given))
        at = "/discounts" if draft.discounts != (before.discounts if before else ()) else "/lines"
        after = giving.sale(draft, draft.currency, places, at)
        require(giving.sale(before, draft.currency, {}), after, limits)
        self._require_taxes(before, draft, prices, limits, places)
        return draft

    def _taxed(self, before: Draft | None, draft: Draft, contact: Contact, channel: Mapping[str, Any]) -> Draft:
        """Return the draft with the rates of the channel's tax table or service. Without one the rates are those that were given."""
        lines_set, charges_set = rules.places(self.given), "charges" in self.given.model_fields_set
        if not tax_sources.source(channel):
            if not draft.says_why_untaxed:
                return draft
            from comanda.domain.drafts import taxing  # few drafts say so

            return taxing.without_reasons_of_before(before, draft, lines_set, charges_set=charges_set)
        from comanda.aws.directory import draft_taxes  # few channels have a table
        from comanda.domain.drafts import taxing

        self.known = draft_taxes.knowledge(channel, [*([before] if before else []), draft], self.now, contact)
        return taxing.taxed(before, draft, lines_set, self.known, charges_set=charges_set)

    def _require_taxes(
        self, before: Draft | None, draft: Draft, prices: rules.Pricing, limits: Limits, places: Mapping[str, str]
    ) -> None:
        """Raise Forbidden for what a person taxes less than the tax table does, or the price list in a channel without one."""
        if self.known is None:
            rates = {line.line_id: one.tax_rate for line in draft.lines if (one := prices.listed.get(line.sku))}
            giving.require_taxes(draft, {of: rate for of, rate in rates.items() if rate}, limits, places)
            return
        from comanda.domain.drafts import taxing

        places = {**taxing.moved_lines(before, draft, self.known.counters), **places}
        lines = {line.line_id for line in draft.lines if not {line.line_id, line.parent_line_id}.isdisjoint(places)}
        kinds = sorted({one.kind for one in draft.charges if not giving.was_charged(before, one)})
        of_lines, of_charges = taxing.usual_rates(draft, lines, kinds, self.known)
        giving.require_taxes(draft, of_lines, limits, places, of_charges)

    def _require_prices_of_today(self, before: Draft, draft: Draft, contact: Contact) -> None:
        """Raise PriceChanged for prices that are to be held longer and that are not those of the lists any more."""
        held, until = quotes.held_until(before, self.now), draft.prices_until
        if until is not None and (held is None or held < until):
            unheld, listed = replace(draft, prices_until=None), listed_prices.of_draft(draft, self.now)
            quotes.require_prices(unheld, listed, self.now, taxes=taxes_now(draft, self.now, contact))

    def _check(self, channel: Mapping[str, Any], currency: str) -> None:
        found = checks.problems(self.given, channel, currency, self.products, self.nodes, self.now)
        if wrong := list(found):
            raise Invalid(*wrong)

    def _with_lines_of_people(
        self, before: Draft | None, draft: Draft, contact: Contact, channel: Mapping[str, Any]
    ) -> tuple[Draft, Contact]:
        """Return the draft and its contact with the addresses and gifts that lines have of their own."""
        if not any(rules.names_people(line) for _, line in rules.given_lines(self.given)) and "lines" not in contact:
            return draft, contact
        from functions.drafts import line_contacts  # few drafts have such lines

        return line_contacts.attach(before, draft, contact, self.given, channel.get("unknown_places"))

    def _require_fitting(self, draft: Draft, contact: Contact) -> None:
        """Raise Invalid for addresses of lines that do not fit together."""
        if "lines" in contact:
            from functions.drafts import line_contacts

            line_contacts.require_fitting(draft, contact)

    def _with_contact(self, draft: Draft, contact: Contact, channel: Mapping[str, Any]) -> Draft:
        """Return the draft with what follows from its contact: its customer, and where it goes."""
        customer_id = draft_contacts.customer_id(draft.draft_id, draft.channel, contact)
        person = contact.get("customer", {})
        if draft.cart and not (person.get("id") or person.get("email")):
            message = "a cart is somebody's: send the customer's id, or their e-mail"
            raise Invalid(Problem(pointer="/customer", code="missing", message=message))
        draft = replace(draft, customer_id=customer_id)
        if self.given.bill_to:
            destinations.check(self.given.bill_to, pointer="/bill_to")
        if self.given.ship_to:
            unknown_places = channel.get("unknown_places")
            place = destinations.locate(self.given.ship_to, pointer="/ship_to", unknown_places=unknown_places)
            return replace(draft, destination=place)
        return draft if contact.get("ship_to") else replace(draft, destination=None)

    def _saving(self, before: tuple[Draft, Contact] | None, made: DraftDecision, contact: Contact) -> DraftSaving:
        draft = made.draft
        if contact != (before[1] if before else {}):
            draft = replace(draft, contact=draft.version if contact else 0)
            made = replace(made, draft=draft)
        also: list[Write] = draft_contacts.writes(before, draft, contact)
        asked = before is None or "open_cart" in self.given.model_fields_set
        opens = draft.cart and (asked or before is None or draft.customer_id != before[0].customer_id)
        is_open = opens or open_carts.are_open([draft])[draft.draft_id]
        if opens or (is_open and before is not None and before[0].expires_at != draft.expires_at):
            also += open_carts.move(draft, self.actor, self.now)  # the pointer ends with the draft, too
        shown = created if before is None else answer
        first = [self.request.record(shown(draft, self.who, self.now, open_cart=is_open))]
        return DraftSaving(decision=made, first=first, also=also)


def _channel(who: Caller, given: contract.DraftIn) -> Mapping[str, Any]:
    """Return the entry of the draft's channel. Another caller's channel counts as unknown. Raises Invalid."""
    channel = directory.find(directory.CHANNEL, given.channel) if who.sees_channel(given.channel) else None
    if channel is None:
        message = f"there is no channel {given.channel}"
        raise Invalid(Problem(pointer="/channel", code="unknown-channel", message=message))
    if given.currency not in channel["currencies"]:
        message = f"{given.channel} does not sell in {given.currency}"
        raise Invalid(Problem(pointer="/currency", code="not-sold-in", message=message))
    return channel
