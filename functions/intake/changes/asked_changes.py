"""
Decide on the changes of a request, anew for each version of the order that it meets.

Called by   functions/intake/changes/order_changes.py, functions/intake/changes/pending_outcomes.py
Returns     outcomes of the domain with the writes of the contact
Raises      Invalid, Forbidden with a problem for each wrong field
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from comanda.aws.directory.cancel_reasons import reason_of
from comanda.aws.directory.modification_matrices import modification_matrix
from comanda.aws.dynamodb.items import compact
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import secret
from comanda.domain.lifecycle.changes.change import ChangeOutcome, change
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.changes.wanted_changes import Wanted
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.limits import Limits
from comanda.domain.orders.order import Order
from comanda.domain.orders.rule_holds import RuleResult
from functions.intake import order_taxes
from functions.intake.changes import change_holds, change_rules, changed_contact, new_payments, of_moves
from functions.intake.changes.change_contract import ChangesIn

if TYPE_CHECKING:
    from comanda.domain.taxes.quotes import Knowledge
    from functions.intake.changes.change_lines import AddedLines
    from functions.intake.own_payments import OwnPayments
    from functions.intake.persons_giving import PersonsGiving

_TAXED = frozenset(
    {
        *change_rules.ADDING,
        Modification.CHARGE,
        Modification.METHOD,
        Modification.PRICE,
        Modification.QUANTITY,
        Modification.SHIP_TO,
        Modification.STORE,
    }
)
_GIVING = (*change_rules.ADDING, Modification.DISCOUNT, Modification.APPEASEMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedChanges:
    """The changes of a request as one version of the order takes them. `lines` are what they add, None if they add no line."""

    asked: "AskedChanges"
    order: Order
    outcome: ChangeOutcome
    lines: "AddedLines | None"

    def contact_writes(self) -> list[Write]:
        """Return the writes of the order's contact."""
        return changed_contact.writes(self.order, self.outcome, self.asked.given.changes, self.lines, self.asked.now)


class AskedChanges:
    """The changes that a request asks for, of any version of the order. `limits` are those of a person, None for an application.
    `office` is True if the retailer's own people or back office ask. `payer` told of the payments, "" for the actor.
    `own` finds the accounts of ours that pay; None without payments."""

    def __init__(
        self,
        given: ChangesIn,
        actor: str,
        limits: Limits | None,
        now: datetime,
        *,
        office: bool,
        payer: str = "",
        own: "OwnPayments | None" = None,
    ) -> None:
        self.payer, self.own = payer, own
        self.given, self.actor, self.limits, self.now, self.office = given, actor, limits, now, office
        self.reason, self.why = reason_of(given.reason, given.reason_code, office=office)
        self.matrix = modification_matrix()
        self.digest = _digest(given)

    def decide(self, order: Order) -> DecidedChanges:
        """Return what the changes do to this version of the order."""
        change_rules.check_currency(self.given, order)
        moves = of_moves.read(order, self.given.changes, self.actor, self.now)
        lines = self._lines(order)
        notes = changed_contact.notes(order, self.given.changes) | changed_contact.tax_ids(order, self.given.changes)
        taxes = self._taxes(order)
        wanted = self._wanted(
            {**moves.wanted, **(lines.wanted if lines else {}), **notes}, order_taxes.table(order) if taxes else ""
        )
        giving = self._giving(order, wanted, taxes)
        wanted = giving.changes if giving else self._of_application(wanted)
        terms = ChangeTerms(
            reason=self.reason,
            why=self.why,
            actor=self.actor,
            now=self.now,
            payments=new_payments.tenders(order, self.given.payments, self.own),
            payer=self.payer,
            rules=change_holds.rules_about(order, self.given.changes, lines, self.now),
            taxes=taxes,
            judge=lambda after, i: self._judged(after, i, moves, lines),
        )
        made = change(order, wanted, self.matrix, terms)
        if made.decision and any(line.gift_card for line in made.decision.order.lines):
            from functions.intake.changes import card_payments  # few orders sell gift cards

            card_payments.require(order, made.decision.order)
        if giving and made.decision:
            giving.require(made.decision.order)
        if any(one.modification == Modification.NODE for one in self.given.changes):
            from functions.intake.changes import chosen_nodes  # the code of the router: few changes choose a node

            chosen_nodes.require_units(order, made, self.given.changes, self.now)
        if made.decision and any(one.modification == Modification.TAX_ID for one in self.given.changes):
            from functions.intake.changes import nfe_items  # of companies in Brazil

            made = replace(made, decision=nfe_items.asked_again(order, made.decision, self.given.changes, self.now))
        return DecidedChanges(asked=self, order=order, outcome=made, lines=lines)

    def _judged(self, after: Order, i: int, moves: of_moves.Moves, lines: "AddedLines | None") -> Sequence[RuleResult]:
        """Return what rules about addresses place a hold on, because of the new addresses of the change at this place."""
        if lines is None or i not in lines.added:
            return moves.rules_of_holds(after, i)
        from functions.intake.changes import new_addresses  # few changes have an address

        return new_addresses.rules_about(after, lines.added[i].addresses, lines.places(i), lines.contact, self.now)

    def _taxes(self, order: Order) -> "Knowledge | None":
        """Return what the taxes of the order depend on, None if no table says them or no change touches them."""
        if all(one.modification not in _TAXED for one in self.given.changes):
            return None
        nodes = [one.node_id for one in self.given.changes]
        lines = [line for one in self.given.changes for line in one.lines or ()]
        nodes += [line.fulfillment.node_id for line in lines]
        addresses = [one.ship_to for one in self.given.changes] + [line.ship_to for line in lines]
        return order_taxes.knowledge(order, nodes, self.now, addresses)

    def _giving(self, order: Order, wanted: Sequence[Wanted], taxes: "Knowledge | None") -> "PersonsGiving | None":
        """Return what the changes give away, None for those of an application."""
        if self.limits is None:
            return None
        from functions.intake.persons_giving import PersonsGiving  # applications make most changes

        return PersonsGiving(order, wanted, self.limits, self.now, taxes)

    def _of_application(self, wanted: Sequence[Wanted]) -> Sequence[Wanted]:
        if all(one.modification not in _GIVING for one in self.given.changes):
            return wanted
        from comanda.domain.lifecycle.changes.giving import of_application

        return of_application(wanted)

    def _lines(self, order: Order) -> "AddedLines | None":
        if all(one.modification not in change_rules.ADDING for one in self.given.changes):
            return None
        from functions.intake.changes import change_lines  # most changes add no line

        return change_lines.read(order, self.given.changes, self.actor, self.now)

    def _wanted(self, of_order: Mapping[int, Wanted], table: str) -> Sequence[Wanted]:
        """Return the changes as the domain knows them. `of_order` are those that need the order, by their place. `table` says
        the tax of charges that come without one; empty: they have none."""
        return [
            of_order[i] if i in of_order else change_rules.made(one, table) for i, one in enumerate(self.given.changes)
        ]


def _digest(given: ChangesIn) -> str:
    """Return the digest of the changes that are asked for. It is keyed, because notes, messages and addresses are in it.

    Payments are not in it: they may come after the preview that asked for them.
    """
    asked = given.model_dump(mode="json", include={"changes"}, exclude_none=True)
    return secret.sign_customer("changes", compact(asked))
