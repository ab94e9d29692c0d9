"""
Commit the facts that time alone has made, and repeat work that was missed. No fact is lost; at worst it is late.

Called by   a schedule every few minutes, with {}: looks at the open orders whose time has come;
            people with {"all": true}: looks at all open orders. `comanda sweep --all`, and every start of the embedded AWS, do
            the same in pages that one run surely finishes: {"list": true} answers {"open": [order ids]}, {"orders": [order
            ids]} looks at these alone, {"orders": [], "all": true} does all work that does not belong to one order
Returns     {"looked": orders, "facts": deadlines and expiries committed, "redriven": failed batches repeated,
            "expired": reservations whose time was over}
Raises      the last error, after all other work was done; the next run tries the failed part again
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.books import expired_accounts
from comanda.aws.cases import case_events, case_reminders
from comanda.aws.customers import erasures
from comanda.aws.directory import carrier_labels, directory, legal_entities, money_reports, rule_sets, timed_holds
from comanda.aws.drafts import draft_looks
from comanda.aws.events import failed_batches
from comanda.aws.orders import (
    backorder_queue,
    document_numbers,
    open_orders,
    orders,
    parcel_looks,
    payment_operations,
    pending_changes,
    saga,
    task_tokens,
)
from comanda.aws.orders.orders import Saving
from comanda.aws.reservations import expiry, of_order
from comanda.aws.runtime import clock
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.invoke import start_function
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.aws.stock_updates import transfers
from comanda.domain import ids
from comanda.domain.lifecycle.backorders import preorders
from comanda.domain.nodes import closures
from comanda.domain.orders.order import Order
from comanda.domain.orders.surplus import needs_review

logger = Logger()
metrics = Metrics()

_TOGETHER = 25  # orders in one asynchronous call
_ON_ITS_WAY = timedelta(minutes=1)
_MOST_CALLS = 40  # of the room number in one run: they write the same series; of the room taxes, too
_TAXED_TOGETHER = 2  # documents in one call of the room taxes: its service may take eight seconds for each
_TAX_TRIES = timedelta(hours=3)  # the queue of the room taxes has given up by then


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    now = clock.now()
    if event.get("list"):
        return {"open": open_orders.due(None)}
    whole = "orders" not in event or bool(event.get("all"))
    found = event["orders"] if "orders" in event else open_orders.due(None if event.get("all") else now)
    batches = failed_batches.find_failed() if whole else []
    nodes = directory.nodes()
    swept = Sweep(now, {node.node_id: node.accept_minutes for node in nodes})
    steps: list[Callable[[], object]] = [partial(_redrive, batch) for batch in batches]
    for page in _pages(found):  # page by page, so that a run that is cut off has finished some orders
        steps += [partial(swept.decide, order_id) for order_id in page]
        steps.append(partial(_repeat_missed, page))
        steps += [partial(swept.plan_next_look, order_id) for order_id in page]
    steps += [swept.serve_due_skus, swept.review_pending_changes]
    if whole:
        steps += [
            swept.expire_reservations,
            swept.refuse_transfers,
            swept.look_at_parcels,
            partial(_look_at_drafts, now, everything=bool(event.get("all"))),
            swept.remind_of_cases,
            partial(_publish_missed_cases, now),
            partial(_finish_erasures, now),
            partial(_recover_files, everything=bool(event.get("all"))),
            partial(_reroute_nodes, [n.node_id for n in nodes if closures.needs_watching(n, now)]),
            partial(_serve_by_new_rules, now),
            partial(_move_money, now),
            partial(_look_for_reports, now),
            partial(_number_documents, None if event.get("all") else now),
            partial(_record_documents, None if event.get("all") else now),
            partial(_look_at_accounts, now),
        ]
    do_all(steps)
    done = {"looked": len(found), "facts": swept.facts, "redriven": len(batches), "expired": swept.expired}
    logger.info("swept", extra={**done, "transfers_refused": swept.refused, "late_cases": swept.late_cases})
    metrics.add_metric("OrdersLookedAt", MetricUnit.Count, len(found))
    metrics.add_metric("CasesOverdue", MetricUnit.Count, swept.late_cases)
    return done


class Sweep:
    """One run of the sweep: its time, and counts of its results."""

    def __init__(self, now: datetime, accept_minutes: dict[str, int]) -> None:
        self.now, self.accept_minutes = now, accept_minutes
        self.resolves = timed_holds.resolved_by_schedule()
        self.facts = self.expired = self.refused = self.late_cases = 0
        self.skus: set[str] = set()  # whose waiting units can be released, because their day has come
        self.pending: list[str] = []  # the orders whose pending change may cost another amount by now

    def decide(self, order_id: str) -> None:
        """Return the stock of a crashed plan, and commit every fact that time has made: each changes the order."""
        saga.recover(order_id, self.now)
        while orders.decide(order_id, self._due_fact).changed:
            self.facts += 1

    def _due_fact(self, order: Order) -> Saving | None:
        """Decide the first fact that is due. When no unit of the order is left after it, its reservation is given back."""
        from functions.sweep.rules import decide_due_fact  # with most rules of orders, and most runs find none due

        decision = decide_due_fact(order, self.accept_minutes, self.resolves, self.now)
        if decision is None:
            return None
        decision, of_reservation = of_order.settle(order, decision, self.now)
        return Saving(decision=decision, also=of_reservation)

    def expire_reservations(self) -> None:
        """End the reservations whose time is over."""
        self.expired = expiry.sweep(self.now)

    def serve_due_skus(self) -> None:
        """Ask replenish to release the units whose wanted day has come."""
        backorder_queue.invoke_replenish(sorted(self.skus))

    def review_pending_changes(self) -> None:
        """Have intake review the changes that wait for money."""
        for page in _pages(self.pending):
            pending_changes.have_reviewed(page)

    def refuse_transfers(self) -> None:
        """Refuse the transfers that their origin did not answer in time."""
        self.refused = transfers.refuse_unanswered(self.now)

    def look_at_parcels(self) -> None:
        """Look at the parcels that may be late: each by itself, so that one that is busy stops no other."""
        rows = parcel_looks.due(self.now)
        do_all([partial(self._look_at_parcel, row) for row in rows])

    def _look_at_parcel(self, row: dict[str, Any]) -> None:
        self.facts += parcel_looks.check(row, carrier_labels.overdue_days, self.now)

    def remind_of_cases(self) -> None:
        """Note the cases that are late, each once."""
        self.late_cases = case_reminders.remind(self.now)

    def plan_next_look(self, order_id: str) -> None:
        """Repair the rows of the order and plan its next look, or take a completed order off the list of open ones."""
        order = orders.load(order_id)
        self.skus.update(preorders.skus_wanted_by_now(order, self.now))
        if needs_review(order, self.now):
            self.pending.append(order_id)
        orders.repair_backorder_rows(order)
        if order.closed:
            shipments = [f.number for f in order.fulfillments if f.shipped_at is not None]
            task_tokens.forget_if_done(order_id, order.version, shipments, self.now)
        else:
            task_tokens.set_next_look(order, self.now)


def _redrive(batch: failed_batches.Batch) -> None:
    """Repeat the work of a failed batch, then delete its record."""
    for page in _pages(list(batch.order_ids)):
        _repeat_missed(page)
    failed_batches.delete(batch)


def _serve_by_new_rules(now: datetime) -> None:
    """Ask reroute to look at all lines that wait for stock, if a rule set has just begun or ended.

    The change of rules may let a node serve them.
    """
    times = [at for one in rule_sets.book().sets for at in (one.starts, one.ends)]
    if any(at is not None and now - closures.LATELY <= at <= now for at in times):
        start_function(settings.reroute_function, {"waiting": True})


def _reroute_nodes(nodes: list[str]) -> None:
    """Ask reroute to look at the work of nodes that are closed or can do less. A router may have read that too late."""
    if nodes:
        start_function(settings.reroute_function, {"nodes": nodes})


def _look_at_drafts(now: datetime, *, everything: bool) -> None:
    """Have the drafts ended whose time is over, and have events published that are not on the bus."""
    due, over = draft_looks.due(None if everything else now), list[str]()
    do_all(
        [
            *(partial(_look_at_draft, draft_id, now, over) for draft_id in due),
            partial(_expire_drafts, over),
            partial(_publish_missed_drafts, due, over),
        ]
    )


def _look_at_draft(draft_id: str, now: datetime, over: list[str]) -> None:
    """Add a draft whose time is over to `over`. End the looks at one that has ended, when its events are on the bus."""
    from comanda.aws.drafts import drafts  # with the rules of drafts, of which most runs need none
    from comanda.domain.drafts.draft import LIVE

    draft = drafts.find(draft_id)
    if draft is None:
        draft_looks.forget(draft_id)  # the table deletes rows of one time one by one
    elif draft.status in LIVE and not draft.is_live(now):
        over.append(draft_id)
    else:
        draft_looks.finish(draft_id)


def _publish_missed_drafts(due: list[str], over: list[str]) -> None:
    """Ask relay for the events that its stream may have missed. Drafts that are about to end are looked at again soon."""
    for page in _pages([draft_id for draft_id in due if draft_id not in over]):
        start_function(settings.relay_function, {"drafts": page})


def _expire_drafts(over: list[str]) -> None:
    """Ask erase to note the end of drafts, because their contacts end with them: the sweeper reads no personal data."""
    for page in _pages(over):
        start_function(settings.erase_function, {"expire_drafts": page})


def _publish_missed_cases(now: datetime) -> None:
    """Ask relay to publish the events of cases that its stream may have missed."""
    for first in range(0, len(missed := case_events.missed(now)), _TOGETHER):
        start_function(settings.relay_function, {"case_events": missed[first : first + _TOGETHER]})


def _finish_erasures(now: datetime) -> None:
    """Ask erase to finish what was begun: it alone may delete a person's data."""
    if due := erasures.due(now):
        start_function(settings.erase_function, {"erase": due})


def _move_money(now: datetime) -> None:
    """Ask pay for the operations of payment providers that are due, and for the looks at payments of which a provider has told."""
    due = payment_operations.due(now)
    for noticed in (False, True):
        for page in _pages([order_id for order_id, look in due.items() if look == noticed]):
            start_function(settings.pay_function, {"orders": page, **({"noticed": True} if noticed else {})})


def _look_for_reports(now: datetime) -> None:
    """Find what we moved and no report of a provider has."""
    if brought := money_reports.brought():
        from comanda.aws.books import missing_settlements  # few stages have reports of money

        missing_settlements.find_missing(brought, now)


def _number_documents(now: datetime | None) -> None:
    """Ask number for the numbers of documents whose event may be lost: of those of the last minute it is on its way. None: of all.

    One run makes few calls, because all of them write the same series; the next run goes on.
    """
    missed = document_numbers.missed(None if now is None else now - _ON_ITS_WAY)
    for page in _pages(missed)[:_MOST_CALLS]:
        start_function(settings.number_function, {"documents": page})


def _record_documents(now: datetime | None) -> None:
    """Have tax services told of documents whose event was lost: of those of three hours its queue may still do it. None: of all."""
    missed = document_numbers.unrecorded(None if now is None else now - _TAX_TRIES)
    for page in batched(missed[: _MOST_CALLS * _TAXED_TOGETHER], _TAXED_TOGETHER, strict=False):
        start_function(settings.taxes_function, {"documents": list(page)})


def _look_at_accounts(now: datetime) -> None:
    """Book what is left of gift cards and store credit that have expired, and forget debtors who are erased and owe nothing more."""

    def days_of(channel: str) -> int | None:
        days: int | None = (legal_entities.seller(channel) or {}).get("breakage_days")
        return days

    found = expired_accounts.due(now)
    do_all([partial(expired_accounts.review, one, days_of, now) for one in found if not ids.is_credit_account(one)])
    if debtors := [one for one in found if ids.is_credit_account(one)]:
        from comanda.aws.books import erased_debtors  # few customers are erased while they owe something

        do_all([partial(erased_debtors.review, one, now) for one in debtors])


def _recover_files(*, everything: bool) -> None:
    """Ask inbox to process the files of partners that got no receipt."""
    start_function(settings.inbox_function, {"look": {"all": everything}})


def _pages(order_ids: list[str]) -> list[list[str]]:
    unique = list(dict.fromkeys(order_ids))
    return [unique[first : first + _TOGETHER] for first in range(0, len(unique), _TOGETHER)]


def _repeat_missed(order_ids: list[str]) -> None:
    """Ask conduct and relay to do the work that their streams may have missed. Each does it with its own rights."""
    for function in (settings.conduct_function, settings.relay_function):
        start_function(function, {"look": order_ids})
