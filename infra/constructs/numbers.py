"""
Make the hop of numbers: an invoice or a credit note is issued -> a rule -> a queue -> the room number.

Called by   infra/flow_stack.py
"""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from constructs import Construct

from comanda.domain.orders.decision import EventType
from infra import names
from infra.constructs.work_queue import Alarms, Told, work_queue
from infra.room_function import RoomFunction
from infra.shared import Shared

ANCHOR = "documents-get-no-numbers"
ISSUED = [f"comanda.order.{event}.v1" for event in (EventType.INVOICED, EventType.CREDITED)]
TOGETHER = 500
AT_ONCE = 2  # the fewest that Lambda takes: writers of one series must draw its numbers one after another


class UnnumberedDocuments(Construct):
    """Documents that are issued within a second get their numbers together. A batch fails as a whole; after four tries it is a dead
    letter, and the sweeper has the documents numbered."""

    def __init__(self, scope: Construct, construct_id: str, shared: Shared, *, room: RoomFunction) -> None:
        super().__init__(scope, construct_id)
        alarms = Alarms(
            undelivered=Told(
                anchor=ANCHOR, because="The event of a document without a number could not be put into its queue."
            ),
            dead=Told(anchor=ANCHOR, because="The room number could not number a document, after four tries."),
            waiting=Told(anchor=ANCHOR, because="The oldest document has waited for ten minutes for its number."),
        )
        target = work_queue(
            self,
            shared,
            room,
            name="numbers",
            hidden=Duration.minutes(6),
            together=TOGETHER,
            window=Duration.seconds(1),
            at_once=AT_ONCE,
            alarms=alarms,
        )
        events.Rule(
            self,
            "Rule",
            rule_name=f"{names.prefix(shared.stage)}-numbers",
            description="Invoices and credit notes that have no number yet",
            event_bus=shared.bus,
            event_pattern=events.EventPattern(detail_type=ISSUED),
            targets=[target],
        )
