"""
Decide on the changes of a request, anew for each version of the order that it meets.

Called by   functions/intake/changes/order_changes.py
Returns     outcomes of the domain, and the writes of the contact
Raises      Invalid, Forbidden with a problem for each wrong field
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from comanda.aws.directory.modification_matrices import modification_matrix
from comanda.aws.dynamodb.items import compact
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import secret
from comanda.domain.lifecycle.changes.change import ChangeOutcome, change
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.changes.wanted_changes import Wanted
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.lifecycle.moving.wanted import Move
from comanda.domain.limits import Limits
from comanda.domain.orders.order import Order
from functions.intake import rules
from functions.intake.cancel_reasons import reason_of
from functions.intake.changes import change_rules, changed_contact, of_moves
from functions.intake.changes.change_contract import ChangesIn
from functions.intake.changes.change_holds import rules_about_units

if TYPE_CHECKING:
    from functions.intake.changes.change_lines import LineMaker
    from functions.intake.persons_giving import PersonsGiving


class AskedChanges:
    """The changes that a request asks for. `limits` are those of a person, None for an application."""

    def __init__(self, given: ChangesIn, actor: str, limits: Limits | None, now: datetime) -> None:
        self.given, self.actor, self.limits, self.now = given, actor, limits, now
        self.reason, self.why = reason_of(given.reason, given.reason_code)
        self.matrix = modification_matrix()
        self.lines: LineMaker | None = None  # for the version of the order that is decided on
        self.digest = _digest(given)

    def outcome(self, order: Order) -> ChangeOutcome:
        """Return what the changes do to this version of the order."""
        change_rules.check_currency(self.given, order)
        moves = of_moves.read(order, self.given.changes, self.actor, self.now)
        wanted: Sequence[Wanted] = self._wanted(order, moves.wanted)
        giving = self._giving(order, wanted)
        wanted = giving.changes if giving else wanted
        terms = ChangeTerms(
            reason=self.reason,
            why=self.why,
            actor=self.actor,
            now=self.now,
            payments=tuple(map(rules.tender, self.given.payments)),
            rules=rules_about_units(order, wanted, self.lines),
            judge=moves.rules_of_holds,
        )
        made = change(order, wanted, self.matrix, terms)
        if giving and made.decision:
            giving.require(made.decision.order)
        if any(one.modification == Modification.NODE for one in self.given.changes):
            from functions.intake.changes import chosen_nodes  # the code of the router: few changes choose a node

            chosen_nodes.require_units(order, made, self.given.changes, self.now)
        return made

    def _giving(self, order: Order, wanted: Sequence[Wanted]) -> "PersonsGiving | None":
        """Return what the changes give away, None for those of an application."""
        if self.limits is None:
            return None
        from functions.intake.persons_giving import PersonsGiving  # applications make most changes

        return PersonsGiving(order, wanted, self.limits, self.now)

    def contact_writes(self, order: Order, outcome: ChangeOutcome) -> list[Write]:
        """Return the writes of the contact for an outcome of this order."""
        return changed_contact.writes(order, outcome, self.given.changes, self.lines, self.now)

    def _wanted(self, order: Order, moves: Mapping[int, Move]) -> list[Wanted]:
        """Return the changes as the domain knows them. `moves` are those that move units, by their place."""
        self.lines = None
        found: list[Wanted] = []
        for i, one in enumerate(self.given.changes):
            made = moves.get(i) or change_rules.made(one)
            if made is None:
                if self.lines is None:
                    from functions.intake.changes.change_lines import LineMaker  # most changes add no line

                    self.lines = LineMaker(order, self.given.changes, self.actor, self.now)
                made = self.lines.make(i, one)
            found.append(made)
        return found


def _digest(given: ChangesIn) -> str:
    """Return the digest of the changes that are asked for. It is keyed, because notes, messages and addresses are in it.

    Payments are not in it: they may come after the preview that asked for them.
    """
    asked = given.model_dump(mode="json", include={"changes"}, exclude_none=True)
    return secret.sign_customer("changes", compact(asked))
