"""
Make the stack that acts after a fact is committed: machines and their rooms, stream readers, files, mails, schedules.

Every hop here is asynchronous, so every hop has a failure path and an alarm.

Called by   infra/app.py
"""

from pathlib import Path
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ses as ses
from constructs import Construct

from comanda.aws.files import notices
from infra import names
from infra.alarm import Alarm
from infra.constructs.failures import AsyncFailures, Failures
from infra.constructs.hops import InboxFiles, Milestones, Schedule, every
from infra.constructs.machine import Machine
from infra.constructs.numbers import ANCHOR as NUMBERS
from infra.constructs.numbers import UnnumberedDocuments
from infra.constructs.payments import ANCHOR as MONEY
from infra.constructs.payments import MoneyToMove
from infra.constructs.stream_reader import (
    ANNOUNCED_SCANS,
    CASE_EVENTS,
    DRAFT_EVENTS,
    ENDED_TURNS,
    NEW_EVENTS,
    POSITIONS,
    SERVING_ENTRIES,
    STOCK_CHANGES,
    StreamReader,
)
from infra.constructs.tax_records import ANCHOR as DOCUMENTS
from infra.constructs.tax_records import DocumentsToRecord
from infra.dashboard import Dashboard
from infra.grants import allow
from infra.layer import Layer
from infra.package import ROOT
from infra.placement import FLOW, STEPS
from infra.shared import Shared
from infra.stages import Cell, Stage

# The rooms that each room invokes, itself among them where it works in runs.
INVOKES = {
    "daily": ("daily", "replenish"),
    "sweep": ("conduct", "relay", "reroute", "replenish", "inbox", "pay", "number", "taxes"),
    "reroute": ("reroute", "replenish"),
    "inbox": ("inbox",),
}


class FlowStack(Stack):
    """The asynchronous half of Comanda; one for each region of a stage."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        cell: Cell,
        layer: Layer,
        source: Path = ROOT,
        **more: Any,
    ) -> None:
        super().__init__(scope, construct_id, **more)
        self.shared = Shared(self, stage=stage, cell=cell, layer=layer, source=source)
        self.rooms = {name: self.shared.room(name) for name in FLOW}
        self._grants()
        self._mail()
        self.machines = {
            name: Machine(self, name, self.shared, rooms={step: self.rooms[step] for step in STEPS}, source=source)
            for name in names.MACHINES
        }
        self._hops()
        Dashboard(self, "Dashboard", stage=stage)

    def _grants(self) -> None:
        """Grant the rights that are not on tables: infra/rights.py has those."""
        self._grant_machines()
        for room in ("relay", "watch", "number"):
            allow(self.rooms[room], ("events:PutEvents",), self.shared.bus.event_bus_arn)
        for caller, called in INVOKES.items():
            allow(self.rooms[caller], ("lambda:InvokeFunction",), *(self.rooms[room].fixed_arn for room in called))
        # These rooms are in another stack, which has their failure path.
        for caller, room in (("sweep", "erase"), ("sweep", "intake"), ("pay", "intake")):
            arn = self.shared.arn("lambda", f"function:{names.function(self.shared.stage, room)}")
            allow(self.rooms[caller], ("lambda:InvokeFunction",), arn)
        self._grant_files()

    def _grant_machines(self) -> None:
        """Let the room conduct, and no other, speak to Step Functions."""
        shared, conduct = self.shared, self.rooms["conduct"]
        machines = [shared.machine_arn(name) for name in names.MACHINES]
        allow(conduct, ("states:StartExecution",), *machines)
        for answer in ("states:SendTaskSuccess", "states:SendTaskFailure"):
            allow(conduct, (answer,), *shared.narrowed(answer, *machines))
        executions = (f"execution:{names.machine(shared.stage, name)}:*" for name in names.MACHINES)
        allow(conduct, ("states:DescribeExecution",), *(shared.arn("states", execution) for execution in executions))

    def _grant_files(self) -> None:
        """Let the sweeper try failed batches again, and the room inbox read partners' files and write receipts and notices."""
        sweep, inbox = self.rooms["sweep"], self.rooms["inbox"]
        failed, files = self.shared.bucket_arn(names.FAILURES), self.shared.bucket_arn(names.FILES)
        allow(sweep, ("s3:ListBucket",), failed)
        allow(sweep, ("s3:GetObject", "s3:DeleteObject"), f"{failed}/aws/lambda/*")
        # A file that nobody takes gets the tag with which it ends soon.
        allow(inbox, ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObjectVersionTagging"), f"{files}/inbox/*")
        # Reports of money name people whom nothing else keeps.
        allow(
            inbox,
            ("s3:DeleteObject", "s3:DeleteObjectVersion"),
            *(f"{files}/inbox/*/{kind}/*" for kind in ("settlements", "statements")),
        )
        allow(inbox, ("s3:PutObject",), f"{files}/outbox/*")
        # The room also looks for files without a receipt, starts a run of its own for each, and notes those it gives up.
        allow(inbox, ("s3:ListBucketVersions",), files)
        allow(inbox, ("s3:PutObject",), f"{failed}/files/*")

    def _mail(self) -> None:
        stage = self.shared.stage
        sender = ses.Identity.domain(stage.mail_domain) if stage.mail_domain else ses.Identity.email(stage.mail_sender)
        identity = ses.EmailIdentity(self, "Sender", identity=sender)
        ses.ConfigurationSet(
            self,
            "Mail",
            configuration_set_name=names.configuration_set(stage),
            reputation_metrics=True,
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
            tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE,
        )
        allow(
            self.rooms["notify"],
            ("ses:SendEmail",),
            *self.shared.narrowed(
                "ses:SendEmail",
                identity.email_identity_arn,
                self.shared.arn("ses", f"configuration-set/{names.configuration_set(stage)}"),
            ),
        )
        self.shared.let_make_links(self.rooms["notify"])
        self.shared.let_find_gift_cards(self.rooms["notify"])  # a mail has the codes of cards that an order sold
        AsyncFailures(self, "NotifyInvoked", self.shared, room=self.rooms["notify"], anchor="a-lookup-failed")
        Alarm(
            self,
            "Bounces",
            topic=self.shared.topic,
            name=f"{names.prefix(stage)}-mail-bounces",
            anchor="mails-bounce",
            because="More than 4 % of the mails bounce; AWS reviews the account at 5 %.",
            metric=cloudwatch.Metric(
                namespace="AWS/SES", metric_name="Reputation.BounceRate", period=Duration.hours(1), statistic="Average"
            ),
            threshold=0.04,
        )

    def _hops(self) -> None:
        self._order_hops()
        self._file_hops()
        Milestones(self, "Milestones", self.shared, room=self.rooms["notify"])
        self._payments()
        UnnumberedDocuments(self, "UnnumberedDocuments", self.shared, room=self.rooms["number"])
        AsyncFailures(self, "NumberInvoked", self.shared, room=self.rooms["number"], anchor=NUMBERS)
        self._sweeper()
        self._stock_hops()
        self._nightly_and_hourly()

    def _payments(self) -> None:
        """Let the room pay, and no other, read the keys of payment providers, and feed it."""
        self._taxes()
        pay = self.rooms["pay"]
        self.shared.let_move_money(pay)
        self.shared.let_find_gift_cards(pay)  # those that an order sold are active when they are paid
        MoneyToMove(self, "MoneyToMove", self.shared, room=pay)
        AsyncFailures(self, "PayInvoked", self.shared, room=pay, anchor=MONEY)

    def _taxes(self) -> None:
        """Let the room taxes, and no other, read the keys of tax services, and feed it with documents."""
        taxes = self.rooms["taxes"]
        self.shared.let_read_tax_accounts(taxes)
        DocumentsToRecord(self, "DocumentsToRecord", self.shared, room=taxes)
        AsyncFailures(self, "TaxesInvoked", self.shared, room=taxes, anchor=DOCUMENTS)

    def _order_hops(self) -> None:
        """Make the two readers of the events of orders."""
        shared, rooms = self.shared, self.rooms
        reads = {"conduct": [NEW_EVENTS], "relay": [NEW_EVENTS, DRAFT_EVENTS, ANNOUNCED_SCANS, CASE_EVENTS]}
        for room, only in reads.items():
            StreamReader(self, f"{room.capitalize()}Stream", shared, room=rooms[room], table=names.ORDERS, only=only)
            AsyncFailures(self, f"{room.capitalize()}Invoked", shared, room=rooms[room], anchor="a-sweep-call-failed")

    def _file_hops(self) -> None:
        """Make the hop of partners' files, and the alarms on files that were given up or misplaced."""
        shared, rooms = self.shared, self.rooms
        InboxFiles(self, "InboxFiles", shared, room=rooms["inbox"])
        AsyncFailures(self, "InboxInvoked", shared, room=rooms["inbox"], anchor="a-partner-file-failed")
        Failures(
            self,
            "FilesGivenUp",
            shared,
            hop="inbox-given-up",
            folder=notices.GIVEN_UP,
            anchor="a-partner-file-was-given-up",
            because="A partner's file was taken up three times and never answered.",
        )
        Failures(
            self,
            "FilesMisplaced",
            shared,
            hop="inbox-misplaced",
            folder=notices.MISPLACED,
            anchor="a-file-lies-in-a-wrong-place",
            because="A file was put where no partner's files of a known kind are taken.",
        )

    def _sweeper(self) -> None:
        """Make the schedule of the sweeper."""
        shared, rooms = self.shared, self.rooms
        Schedule(
            self,
            "Schedule",
            shared,
            room=rooms["sweep"],
            expression=f"rate({every(shared.stage.sweep_minutes)})",
            late=Duration.minutes(max(1, shared.stage.sweep_minutes)),
            description="Looks again at open orders that no event has moved on",
            anchor="the-sweeper-failed",
        )
        AsyncFailures(self, "SweepInvoked", shared, room=rooms["sweep"], anchor="the-sweeper-failed")

    def _stock_hops(self) -> None:
        """Make the readers of changes of stock and of the directory."""
        shared, rooms = self.shared, self.rooms
        StreamReader(
            self,
            "WatchStream",
            shared,
            room=rooms["watch"],
            table=names.STOCK,
            only=[STOCK_CHANGES],
            # A partition takes a thousand writes a second: gathering for a second writes a summary about once a second.
            batch=1000,
            window=Duration.seconds(1),
        )
        StreamReader(
            self,
            "ReplenishStream",
            shared,
            room=rooms["replenish"],
            table=names.STOCK,
            only=[POSITIONS, ENDED_TURNS],
            # Gathering lets a receipt of many lines be one decision for each order that waits for them.
            batch=1000,
            window=Duration.seconds(2),
        )
        AsyncFailures(self, "ReplenishInvoked", shared, room=rooms["replenish"], anchor="stock-is-not-given-out")
        StreamReader(
            self, "RerouteStream", shared, room=rooms["reroute"], table=names.DIRECTORY, only=[SERVING_ENTRIES]
        )
        AsyncFailures(self, "RerouteInvoked", shared, room=rooms["reroute"], anchor="a-closed-node-keeps-its-work")
        AsyncFailures(self, "WatchInvoked", shared, room=rooms["watch"], anchor="stock-is-not-watched")

    def _nightly_and_hourly(self) -> None:
        """Make the schedules of the day's close, of prices, of waves and of the books."""
        shared, rooms = self.shared, self.rooms
        Schedule(
            self,
            "EveryNight",
            shared,
            room=rooms["daily"],
            expression="cron(0 3 * * ? *)",  # 03:00 UTC
            late=Duration.hours(6),
            description="Closes the day for stock: overdue supplies, old counts, demand, holidays",
            anchor="the-day-was-not-closed",
        )
        AsyncFailures(self, "DailyInvoked", shared, room=rooms["daily"], anchor="the-day-was-not-closed")
        Schedule(
            self,
            "Prices",
            shared,
            room=rooms["price"],
            expression="cron(0 4 * * ? *)",  # after the day was closed
            late=Duration.hours(6),
            description="Finds the price that a unit at a node has for later orders",
            anchor="prices-are-not-found",
        )
        AsyncFailures(self, "PriceInvoked", shared, room=rooms["price"], anchor="prices-are-not-found")
        Schedule(
            self,
            "Waves",
            shared,
            room=rooms["wave"],
            expression="cron(0 * * * ? *)",
            late=Duration.minutes(20),  # after half an hour the sweeper releases the orders that no wave has taken
            description="Routes orders that wait for a wave together and releases them",
            anchor="a-wave-failed",
        )
        AsyncFailures(self, "WaveInvoked", shared, room=rooms["wave"], anchor="a-wave-failed")
        Schedule(
            self,
            "TrialBalances",
            shared,
            room=rooms["tally"],
            expression="rate(10 minutes)",
            late=Duration.hours(1),
            description="Adds the journals of orders up to the trial balances of channels",
            anchor="the-books-are-not-added-up",
        )
        AsyncFailures(self, "TallyInvoked", shared, room=rooms["tally"], anchor="the-books-are-not-added-up")
