"""Every asynchronous hop keeps its failed events, and has an alarm that says what to do."""

import ast
import json
import re
from typing import Any

from comanda.aws.runtime.retries import MOST_DELIVERIES
from comanda.domain.orders.decision import EventType
from comanda.domain.shipping.tracking import ANNOUNCED
from infra.package import ROOT
from infra.runbook import RUNBOOK, anchors
from tests.infra.templates import Resource, Templates

STREAMS = "-stream}"


def _alarms(templates: Templates) -> list[Resource]:
    return templates.all("AWS::CloudWatch::Alarm")


def _alarms_on(templates: Templates, metric: str, text_inside: str = "") -> list[Resource]:
    return [
        a
        for a in _alarms(templates)
        if a.properties["MetricName"] == metric and text_inside in str(a.properties["Dimensions"])
    ]


def _mappings(templates: Templates, *, of_streams: bool) -> list[Resource]:
    return [
        m
        for m in templates.all("AWS::Lambda::EventSourceMapping")
        if ("StartingPosition" in m.properties) is of_streams
    ]


def _queue(templates: Templates, arn: dict[str, Any]) -> Resource:
    name = arn["Fn::GetAtt"][0]
    return next(queue for queue in templates.all("AWS::SQS::Queue") if queue.id == name)


def _is_watched(templates: Templates, queue: Resource) -> bool:
    return any(
        {"Name": "QueueName", "Value": {"Fn::GetAtt": [queue.id, "QueueName"]}} in alarm.properties["Dimensions"]
        for alarm in _alarms_on(templates, "ApproximateNumberOfMessagesVisible")
    )


def test_every_alarm_goes_to_the_topic_and_names_a_section_of_the_runbook(templates: Templates) -> None:
    assert len(_alarms(templates)) > 40
    for alarm in _alarms(templates):
        assert alarm.properties["AlarmActions"], alarm.path
        section = re.fullmatch(r".+\. docs/runbook\.md#([\w-]+)", alarm.properties["AlarmDescription"])
        assert section, alarm.path
        assert section.group(1) in anchors(), alarm.path


def test_every_section_of_the_runbook_about_an_alarm_belongs_to_one(prod: Templates) -> None:
    named = {alarm.properties["AlarmDescription"].split("#")[1] for alarm in _alarms(prod)}
    about_alarms = re.findall(r"^## (.+)$", RUNBOOK.read_text().split("# Alarms")[1].split("\n# ")[0], re.MULTILINE)

    assert {heading.lower().replace(" ", "-") for heading in about_alarms} == named


def test_the_topic_has_a_subscriber(on_aws: Templates) -> None:
    (subscription,) = on_aws.all("AWS::SNS::Subscription")

    assert subscription.properties["Endpoint"] == on_aws.stage.alarm_email


def test_a_stream_reader_gives_up_before_the_stream_forgets_and_keeps_what_it_gave_up(templates: Templates) -> None:
    readers = _mappings(templates, of_streams=True)

    assert len(readers) == 6
    for reader in readers:
        properties = reader.properties
        assert properties["BisectBatchOnFunctionError"] is True
        assert properties["MaximumRecordAgeInSeconds"] < 24 * 3600
        assert properties["BatchSize"] <= 1000
        assert "failuresbucket" in str(properties["DestinationConfig"]["OnFailure"]["Destination"])
        folder = {"Fn::Join": ["", ["aws/lambda/", {"Ref": reader.id}, "/"]]}
        (notice,) = [
            r for r in templates.all("AWS::Events::Rule") if str(folder) in str(r.properties.get("EventPattern"))
        ]
        assert _alarms_on(templates, "Invocations", notice.properties["Name"])


def test_a_stream_reader_that_falls_behind_is_an_alarm(templates: Templates) -> None:
    for reader in _mappings(templates, of_streams=True):
        function = reader.properties["FunctionName"]
        assert any({"Name": "FunctionName", "Value": function} in alarm.properties["Dimensions"]
                   for alarm in _alarms_on(templates, "IteratorAge"))  # fmt: skip


def test_the_readers_of_orders_are_two_and_see_new_events_and_announced_scans_only(templates: Templates) -> None:
    readers = [m for m in _mappings(templates, of_streams=True) if "orderstable" in str(m.properties["EventSourceArn"])]

    events, of_drafts = (
        f'{{"eventName":["INSERT"],"dynamodb":{{"NewImage":{{"pk":{{"S":[{{"prefix":"{pk}"}}]}},'
        '"sk":{"S":[{"prefix":"E#"}]}}}}'
        for pk in ("O#", "DR#")
    )
    scans = (
        '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"sk":{"S":[{"prefix":"TE#"}]},'
        '"announced":{"S":["OUT_FOR_DELIVERY","AVAILABLE_FOR_PICKUP"]}}}}'
    )
    cases = '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"sk":{"S":[{"prefix":"CE#"}]}}}}'
    assert {
        str(m.properties["FunctionName"]): [one["Pattern"] for one in m.properties["FilterCriteria"]["Filters"]]
        for m in readers
    } == {
        str({"Ref": templates.functions()["conduct"].id}): [events],
        str({"Ref": templates.functions()["relay"].id}): [events, of_drafts, scans, cases],
    }


def test_replenish_reads_changed_positions_and_ended_turns(templates: Templates) -> None:
    (reader,) = [
        m
        for m in _mappings(templates, of_streams=True)
        if m.properties["FunctionName"] == {"Ref": templates.functions()["replenish"].id}
    ]

    patterns = [json.loads(one["Pattern"]) for one in reader.properties["FilterCriteria"]["Filters"]]
    assert [pattern.get("eventName") for pattern in patterns] == [None, ["REMOVE"]]
    assert [pattern["dynamodb"]["Keys"]["sk"]["S"] for pattern in patterns] == [
        [{"prefix": "P#"}, "P"],
        [{"prefix": "B#"}],
    ]


def test_the_watching_room_reads_changes_of_stock_gathered_for_a_second(templates: Templates) -> None:
    readers = {
        str(m.properties["FunctionName"]): m
        for m in _mappings(templates, of_streams=True)
        if "stocktable" in str(m.properties["EventSourceArn"])
    }

    # A shard serves two readers and no more.
    assert set(readers) == {str({"Ref": templates.functions()[room].id}) for room in ("watch", "replenish")}
    reader = readers[str({"Ref": templates.functions()["watch"].id})]
    assert reader.properties["MaximumBatchingWindowInSeconds"] == 1
    (pattern,) = reader.properties["FilterCriteria"]["Filters"]
    assert json.loads(pattern["Pattern"]) == {
        "dynamodb": {
            "Keys": {
                "pk": {"S": [{"prefix": "S#"}]},
                "sk": {"S": [{"prefix": "P#"}, {"prefix": "B#"}, {"prefix": "AL#"}, "P"]},
            }
        }
    }


def test_a_queue_with_a_reader_has_dead_letters_that_are_watched(templates: Templates) -> None:
    readers = _mappings(templates, of_streams=False)

    assert len(readers) == 4
    for reader in readers:
        queue = _queue(templates, reader.properties["EventSourceArn"])
        assert queue.properties["VisibilityTimeout"] >= 6 * 60
        assert queue.properties["RedrivePolicy"]["maxReceiveCount"] == MOST_DELIVERIES  # the room taxes counts to it
        assert _is_watched(templates, _queue(templates, queue.properties["RedrivePolicy"]["deadLetterTargetArn"]))


def test_no_reader_answers_partially(templates: Templates) -> None:
    assert not [m for m in templates.all("AWS::Lambda::EventSourceMapping") if "FunctionResponseTypes" in m.properties]


def test_the_rule_matches_the_milestones_that_the_room_has_mails_for(templates: Templates) -> None:
    (rule,) = [r for r in templates.all("AWS::Events::Rule") if r.properties["Name"].endswith("-milestones")]
    tree = ast.parse((ROOT / "functions" / "notify" / "handler.py").read_text(encoding="utf-8"))
    types = {
        EventType[node.value.attr]
        for node in ast.walk(tree)
        if isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Attribute)
    }

    scans = {f"comanda.tracking.{status.lower()}.v1" for status in ANNOUNCED}
    numbered = {"comanda.credit_note.numbered.v1"}
    mailed = {f"comanda.order.{kind}.v1" for kind in types} | scans | numbered
    assert set(rule.properties["EventPattern"]["detail-type"]) == mailed


def test_documents_are_numbered_together_by_few_writers(templates: Templates) -> None:
    (reader,) = [
        one for one in _mappings(templates, of_streams=False) if "MaximumBatchingWindowInSeconds" in one.properties
    ]

    assert reader.properties["BatchSize"] == 500
    assert reader.properties["MaximumBatchingWindowInSeconds"] == 1
    assert reader.properties["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_events_that_a_rule_cannot_deliver_are_kept_and_raise_an_alarm(templates: Templates) -> None:
    for rule in templates.all("AWS::Events::Rule"):
        for target in rule.properties["Targets"]:
            if target["Id"] == "Topic":
                continue  # a notice of an object in the failures bucket, which is itself the record
            assert _is_watched(templates, _queue(templates, target["DeadLetterConfig"]["Arn"])), rule.path
            assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0


def test_failed_calls_of_a_schedule_are_kept_and_raise_an_alarm(templates: Templates) -> None:
    schedules = {schedule.properties["Name"]: schedule for schedule in templates.all("AWS::Scheduler::Schedule")}

    assert {name.rsplit("-", 1)[1] for name in schedules} == {"sweep", "daily", "price", "wave", "tally"}
    for schedule in schedules.values():
        assert _is_watched(templates, _queue(templates, schedule.properties["Target"]["DeadLetterConfig"]["Arn"]))


def test_every_asynchronously_invoked_room_keeps_the_events_that_it_could_not_handle(templates: Templates) -> None:
    kept = {}
    for config in templates.all("AWS::Lambda::EventInvokeConfig"):
        room = next(
            name
            for name, function in templates.functions().items()
            if config.properties["FunctionName"] == {"Ref": function.id}
        )
        kept[room] = str(config.properties["DestinationConfig"]["OnFailure"]["Destination"])
        assert _alarms_on(templates, "Invocations", f"comanda-{templates.stage.name}-{room}-invoked-failed")

    # From the S3 rule, from the schedules, from the sweeper, from the day, from people and from lookups.
    assert set(kept) == {
        "inbox",
        "sweep",
        "conduct",
        "relay",
        "erase",
        "intake",
        "notify",
        "daily",
        "watch",
        "replenish",
        "reroute",
        "price",
        "wave",
        "tally",
        "pay",
        "number",
        "taxes",
    }
    assert all("failuresbucket" in destination for destination in kept.values())


def test_every_queue_and_the_topic_are_encrypted_with_the_stages_key(templates: Templates) -> None:
    queues = templates.all("AWS::SQS::Queue")

    assert len(queues) == 18
    for resource in (*queues, *templates.all("AWS::SNS::Topic")):
        assert resource.properties["KmsMasterKeyId"], resource.path


def test_every_room_and_every_machine_is_watched(templates: Templates) -> None:
    for room, function in templates.functions().items():
        for metric in ("Errors", "Throttles"):
            assert _alarms_on(templates, metric, function.id), (room, metric)
    for machine in templates.all("AWS::StepFunctions::StateMachine"):
        for metric in ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionThrottled"):
            assert _alarms_on(templates, metric, machine.id), (machine.path, metric)
