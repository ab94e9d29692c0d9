"""
Make the hop of documents for tax services: a numbered invoice or credit note on the bus -> a rule -> a queue -> the room taxes.

Called by   infra/flow_stack.py
"""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from constructs import Construct

from comanda.domain.billing.document_numbers import DocumentKind
from infra import names
from infra.constructs.work_queue import Alarms, Told, work_queue
from infra.room_function import RoomFunction
from infra.shared import Shared

ANCHOR = "documents-are-not-recorded"
NUMBERED = [f"comanda.{kind}.numbered.v1" for kind in DocumentKind]
HIDDEN = Duration.minutes(30)  # between the tries: a service that is down is asked for an hour and a half


class DocumentsToRecord(Construct):
    """Each message is one document. At its fourth try the room asks a person in place of failing."""

    def __init__(self, scope: Construct, construct_id: str, shared: Shared, *, room: RoomFunction) -> None:
        super().__init__(scope, construct_id)
        alarms = Alarms(
            undelivered=Told(
                anchor=ANCHOR, because="The event of a document for a tax service could not be put into its queue."
            ),
            dead=Told(anchor=ANCHOR, because="The room taxes could not work on a document, after four tries."),
            waiting=Told(anchor=ANCHOR, because="The oldest document has waited for ten minutes for its tax service."),
        )
        target = work_queue(self, shared, room, name="tax-records", hidden=HIDDEN, together=1, alarms=alarms)
        events.Rule(
            self,
            "Rule",
            rule_name=f"{names.prefix(shared.stage)}-tax-records",
            description="Invoices and credit notes that a tax service is to be told of",
            event_bus=shared.bus,
            event_pattern=events.EventPattern(detail_type=NUMBERED, detail={"data": {"to_record": [True]}}),
            targets=[target],
        )
