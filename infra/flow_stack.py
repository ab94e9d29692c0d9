"""
What happens after a fact is committed: the machines and their rooms, the readers of the stream, files, mails, the sweeper.

Every hop here is asynchronous, so every hop has a failure path and an alarm.
"""

from pathlib import Path
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ses as ses
from constructs import Construct

from comanda.aws.events import failed_batches
from infra import names
from infra.constructs.alarm import Alarm
from infra.constructs.failures import AsyncFailures, Failures
from infra.constructs.hops import InboxFiles, Milestones, Schedule, every
from infra.constructs.machine import Machine
from infra.constructs.stream_reader import ABILITIES, NEW_EVENTS, POSITIONS, STOCK_CHANGES, TURNS_OVER, StreamReader
from infra.dashboard import Dashboard
from infra.grants import allow
from infra.layer import Layer
from infra.package import ROOT
from infra.shared import Shared
from infra.stages import Cell, Stage

STEPS = ("route", "wait", "release", "invoice", "notify")
ROOMS = (*STEPS, "conduct", "relay", "sweep", "inbox", "watch", "daily", "replenish", "reroute", "price", "wave")


class FlowStack(Stack):
    """One for each region of a stage."""

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
        self.rooms = {name: self.shared.room(name) for name in ROOMS}
        self._grants()
        self._mail()
        self.machines = {
            name: Machine(self, name, self.shared, rooms={step: self.rooms[step] for step in STEPS}, source=source)
            for name in names.MACHINES
        }
        self._hops()
        Dashboard(self, "Dashboard", stage=stage)

    def _grants(self) -> None:
        """Beside the tables, which infra/rights.py grants."""
        shared, stage = self.shared, self.shared.stage
        conduct, relay, sweep, inbox, watch, daily, replenish, reroute, *_ = (
            self.rooms[name] for name in ROOMS[len(STEPS) :]
        )

        # The only room that may speak to Step Functions.
        machines = [shared.machine_arn(name) for name in names.MACHINES]
        allow(conduct, ("states:StartExecution",), *machines)
        for answer in ("states:SendTaskSuccess", "states:SendTaskFailure"):
            allow(conduct, (answer,), *shared.narrowed(answer, *machines))
        executions = (shared.arn("states", f"execution:{names.machine(stage, name)}:*") for name in names.MACHINES)
        allow(conduct, ("states:DescribeExecution",), *executions)

        for publishes in (relay, watch):
            allow(publishes, ("events:PutEvents",), shared.bus.event_bus_arn)

        allow(daily, ("lambda:InvokeFunction",), daily.fixed_arn, replenish.fixed_arn)
        called = (conduct, relay, reroute, replenish, inbox)
        allow(sweep, ("lambda:InvokeFunction",), *(room.fixed_arn for room in called))
        allow(reroute, ("lambda:InvokeFunction",), reroute.fixed_arn, replenish.fixed_arn)
        failed = shared.bucket_arn(names.FAILURES)
        allow(sweep, ("s3:ListBucket",), failed)
        allow(sweep, ("s3:GetObject", "s3:DeleteObject"), f"{failed}/aws/lambda/*")

        files = shared.bucket_arn(names.FILES)
        allow(inbox, ("s3:GetObject", "s3:GetObjectVersion"), f"{files}/inbox/*")
        allow(inbox, ("s3:PutObject",), f"{files}/outbox/*")
        # It looks for files that nobody has answered, has each taken up by a run of its own, and tells a person.
        allow(inbox, ("s3:ListBucketVersions",), files)
        allow(inbox, ("lambda:InvokeFunction",), inbox.fixed_arn)
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
        shared, rooms = self.shared, self.rooms
        for room in ("conduct", "relay"):
            StreamReader(
                self, f"{room.capitalize()}Stream", shared, room=rooms[room], table=names.ORDERS, only=[NEW_EVENTS]
            )
            AsyncFailures(self, f"{room.capitalize()}Invoked", shared, room=rooms[room], anchor="a-sweep-call-failed")
        InboxFiles(self, "InboxFiles", shared, room=rooms["inbox"])
        AsyncFailures(self, "InboxInvoked", shared, room=rooms["inbox"], anchor="a-partner-file-failed")
        Failures(
            self,
            "FilesGivenUp",
            shared,
            hop="inbox-given-up",
            folder=failed_batches.GIVEN_UP,
            anchor="a-partner-file-was-given-up",
            because="A partner's file was taken up three times and never answered.",
        )
        Failures(
            self,
            "FilesMisplaced",
            shared,
            hop="inbox-misplaced",
            folder=failed_batches.MISPLACED,
            anchor="a-file-lies-in-a-wrong-place",
            because="Somebody put a file where no partner's files of a known kind are taken.",
        )
        Milestones(self, "Milestones", shared, room=rooms["notify"])
        Schedule(
            self,
            "Schedule",
            shared,
            room=rooms["sweep"],
            expression=f"rate({every(shared.stage.sweep_minutes)})",
            late=Duration.minutes(max(1, shared.stage.sweep_minutes)),
            says="What is open and was not woken is looked at again",
            anchor="the-sweeper-failed",
        )
        AsyncFailures(self, "SweepInvoked", shared, room=rooms["sweep"], anchor="the-sweeper-failed")
        StreamReader(
            self,
            "WatchStream",
            shared,
            room=rooms["watch"],
            table=names.STOCK,
            only=[STOCK_CHANGES],
            # A shard's table partition takes a thousand writes a second: a summary is written at most about once a second.
            batch=1000,
            window=Duration.seconds(1),
        )
        StreamReader(
            self,
            "ReplenishStream",
            shared,
            room=rooms["replenish"],
            table=names.STOCK,
            only=[POSITIONS, TURNS_OVER],
            # A receipt of many lines is one decision for each order that waits for them.
            batch=1000,
            window=Duration.seconds(2),
        )
        AsyncFailures(self, "ReplenishInvoked", shared, room=rooms["replenish"], anchor="stock-is-not-given-out")
        StreamReader(self, "RerouteStream", shared, room=rooms["reroute"], table=names.DIRECTORY, only=[ABILITIES])
        AsyncFailures(self, "RerouteInvoked", shared, room=rooms["reroute"], anchor="a-closed-node-keeps-its-work")
        AsyncFailures(self, "WatchInvoked", shared, room=rooms["watch"], anchor="stock-is-not-watched")
        Schedule(
            self,
            "EveryNight",
            shared,
            room=rooms["daily"],
            expression="cron(0 3 * * ? *)",  # UTC: a day's demand is over everywhere
            late=Duration.hours(6),
            says="What time alone does to stock: overdue supplies, old counts, demand, holidays",
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
            says="What a unit at a node costs those who come after",
            anchor="prices-are-not-found",
        )
        AsyncFailures(self, "PriceInvoked", shared, room=rooms["price"], anchor="prices-are-not-found")
        Schedule(
            self,
            "Waves",
            shared,
            room=rooms["wave"],
            expression="cron(0 * * * ? *)",
            late=Duration.minutes(20),  # after half an hour the sweeper sets free what it did not take
            says="Orders that wait for a wave are routed together and released",
            anchor="a-wave-failed",
        )
        AsyncFailures(self, "WaveInvoked", shared, room=rooms["wave"], anchor="a-wave-failed")
