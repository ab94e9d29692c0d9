"""
Take mails to the retailer: add each once to the case that it answers to, or open a case for it.

A mail is bound to an order by the token of the address that it was sent to, or by an address that orders have and that the
mail's own domain vouches for. Every other mail opens a case without an order.

Called by   functions/cases/handler.py
Returns     what became of the mail; never anything of an order, because the answer may be sent to whoever wrote the mail
Raises      Invalid for a sender that is no address; StaleOrder, Throttled (Busy)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.cases import case_customers, case_tokens, cases
from comanda.aws.cases.case_customers import CaseCustomer
from comanda.aws.cases.cases import CaseSaving
from comanda.aws.customers import customer_lookup, customer_merges, customer_rows
from comanda.aws.directory import case_terms
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import orders
from comanda.aws.orders.previews import digest
from comanda.aws.runtime import clock, secret
from comanda.aws.runtime.settings import settings
from comanda.domain.cases import mail, steps
from comanda.domain.cases.case import Case, CaseKind, CaseText
from comanda.domain.errors import Invalid, NotAllowed, Problem, Rejected, StaleOrder
from comanda.domain.orders import customer_search
from comanda.domain.orders.order import Order
from functions.cases import contract, opening, rules

logger = Logger()

MOST_A_DAY = 20  # mails of one sender that reach a case
TOO_MANY, TOO_MANY_CASES = "too-many-of-sender", "too-many-of-order"
_KIND = CaseKind.QUESTION


class _TakenBefore(Rejected):
    """A mail of this id was taken."""


class _TooMany(Rejected):
    """The sender's mails of today have reached their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Binding:
    """The things that a mail is about: a case that it answers to, an order; or nothing that is known."""

    case_id: str | None = None
    order: Order | None = None


def take(event: dict[str, Any]) -> Response[str]:
    """Take one mail, and answer what became of it."""
    who, wanted, now = caller(event), http.read(event, contract.CaseMailIn), clock.now()
    sender, message_id = mail.address(wanted.from_), mail.message_id(wanted.message_id)
    if not sender:
        raise Invalid(Problem(pointer="/from", code="malformed", message="has no e-mail address, or several"))
    if not message_id:
        raise Invalid(Problem(pointer="/message_id", code="malformed", message="has nothing in its brackets"))
    with idempotency.begin(event, who, settings.orders_table, now, private=True) as request:
        if request.replay() is None:
            taking = _Taking(
                wanted=wanted,
                sender=sender,
                message_id=message_id,
                text=rules.mail_text(wanted, sender, who.id, now),
                request=request,
            )
            taking.take(now)
    return request.response()


@dataclass(slots=True, kw_only=True)
class _Taking:
    """The taking of one mail."""

    wanted: contract.CaseMailIn
    sender: str
    message_id: str
    text: CaseText
    request: IdempotentRequest

    def take(self, now: datetime) -> None:
        reason = mail.why_ignored(self.sender, rules.headers(self.wanted))
        if reason is None and not (self.text.text or self.text.subject):
            reason = mail.EMPTY
        if reason is not None:
            self._answer_alone("IGNORED", None, reason)
            return
        try:
            if not self._is_known():
                self._reach_case(now)
        except _TakenBefore:  # another request was first
            self._is_known()
        except _TooMany:
            self._answer_alone("IGNORED", None, TOO_MANY)

    def _is_known(self) -> bool:
        """Answer a mail whose id was taken before, and return True for it."""
        row = reads.get(settings.customers_table, keys.case_mail(self.message_id))
        if row is None:
            return False
        same = row["content"] == self._content()
        self._answer_alone("DUPLICATE" if same else "CONFLICT", row["case"], None)
        return True

    def _reach_case(self, now: datetime) -> None:
        """Add the mail to the case that it answers to, or open one. A case that takes no more answers gets a successor."""
        bound = self._binding(now)
        if bound.case_id is not None:
            try:
                self._add(bound.case_id, now)
            except NotAllowed:
                logger.info("case takes no answers", extra={"case": bound.case_id})
            else:
                return
        try:
            self._open(bound.order, now)
        except opening.TooManyCases:
            self._answer_alone("IGNORED", None, TOO_MANY_CASES)
        except case_customers.BeingErased:  # whoever writes after it is somebody new
            self._open(None, now)

    def _binding(self, now: datetime) -> _Binding:
        """Return what the mail is about: by its reply token, or else by its sender."""
        token = case_tokens.read(self.wanted.reply_token, now) if self.wanted.reply_token else None
        case = cases.find(token.case_id) if token and token.case_id else None
        case_id = None if case is None else case.case_id
        if token and token.order_id and (order := orders.find(token.order_id)) is not None:
            return _Binding(case_id=case_id, order=order)
        return _Binding(case_id=case_id) if case_id else self._binding_of_sender()

    def _binding_of_sender(self) -> _Binding:
        """Return the newest order of the sender's address, if the address is proven."""
        if not self.text.proven:
            return _Binding()
        found = customer_lookup.by_email(customer_search.email(self.sender))
        hidden = {name: until for name, (_, until) in customer_merges.roots(found).items()}
        seen = [order_id for name, order_id in found.items() if order_id > hidden[name]]
        if not seen:
            return _Binding()
        return _Binding(order=orders.load(max(seen)))

    def _add(self, case_id: str, now: datetime) -> None:
        """Add the mail to a case. Raises NotAllowed for one that takes no more answers."""

        def rule(case: Case) -> CaseSaving:
            decision = steps.note(case, self.text, case_terms.terms_of(case.kind))
            firsts = self._firsts("ADDED", case.case_id, 200, now) + self._listed(case, now)
            return CaseSaving(decision=decision, first=firsts)

        cases.decide(case_id, rule)
        logger.info("mail added", extra={"case": case_id})

    def _open(self, order: Order | None, now: datetime) -> None:
        """Open a case for the mail, about an order or about none. Raises TooManyCases for an order that takes no more, and
        BeingErased for one whose customer is not there any more."""
        case = opening.draft(_KIND, self.text)
        if order is not None:
            case = replace(case, order_id=order.order_id, channel=order.channel)

        def customer_now() -> CaseCustomer:
            customer = case_customers.NOBODY if order is None else case_customers.of_order(order.order_id)
            if customer.erased:
                raise case_customers.BeingErased("the customer was erased")
            return customer

        def first(new: Case) -> Sequence[Write]:
            return self._firsts("OPENED", new.case_id, 201, now) + self._listed(new, now)

        saved = opening.save_new(case, self.text, customer_now, first)
        logger.info("mail opened", extra={"case": saved.case_id, "bound": order is not None})

    def _firsts(self, result: str, case_id: str, status: int, now: datetime) -> list[Write]:
        """Return the writes that let the mail reach a case once, and a sender reach cases twenty times a day."""
        taken = {
            **keys.case_mail(self.message_id),
            "case": case_id,
            "content": self._content(),
            "ttl": int((now + cases.KEPT).timestamp()),
        }
        table, day = settings.customers_table, f"{now:%Y%m%d}"
        return [
            self.request.record(_answer(result, case_id, None, status)),
            transaction.put_once(table, taken, _TakenBefore()),
            transaction.update(
                table,
                keys.mails_of_sender(self._guest(), day),
                "ADD mails :one SET #ttl = :ttl",
                _TooMany(),
                condition="attribute_not_exists(mails) OR mails < :most",
                one=1,
                most=MOST_A_DAY,
                ttl=int(now.timestamp()) + 2 * 86_400,
                n_ttl="ttl",
            ),
        ]

    def _listed(self, case: Case, now: datetime) -> list[Write]:
        """Return the write by which the words of the mail are exported and erased with whoever has the address, whoever opened
        the case. The row stays as long as these words."""
        key = keys.case_of_sender(self._guest(), case.opened_at, case.case_id)
        values = {**key, "ttl": None if case.has_customer else int((now + cases.KEPT).timestamp())}
        return [transaction.put(settings.customers_table, values, StaleOrder(case.case_id))]

    def _guest(self) -> str:
        return customer_rows.guest_of(self.sender)

    def _content(self) -> str:
        return secret.sign_customer("case-mail", digest(rules.mail_content(self.wanted)))

    def _answer_alone(self, result: str, case_id: str | None, reason: str | None) -> None:
        transaction.commit([self.request.record(_answer(result, case_id, reason, 200))])
        logger.info("mail not taken", extra={"result": result, "reason": reason})


def _answer(result: str, case_id: str | None, reason: str | None, status: int) -> Answer:
    return Answer(status=status, body={"result": result, "case_id": case_id, "reason": reason})
