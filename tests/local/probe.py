"""
Make a small stack of the same shapes as Comanda's, to prove the behaviour of the embedded AWS with each shape.

Called by   tests/local/world.py
"""

import json
from typing import Any

from tests.local.probe_api import api
from tests.local.probe_code import BUCKET, CODE
from tests.local.probe_parts import allow, arn, function, role


def template() -> dict[str, Any]:
    """Return the template of the stack."""
    parts = (
        _stores(),
        _messages(),
        _keys(),
        _readers(),
        _mails(),
        _machine(),
        _functions(),
        _rules(),
        _failures(),
        api(),
    )
    outputs = ("Api", "Pool", "Client", "Table", "Machine", "Dead", "Key", "Secret", "Stream")
    return {
        "Resources": {name: resource for part in parts for name, resource in part.items()},
        "Outputs": {name: {"Value": {"Ref": name}} for name in outputs},
    }


def _stores() -> dict[str, Any]:
    """Return the table, the buckets and the layer."""
    return {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                "AttributeDefinitions": [
                    {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "gsi1pk", "gsi1sk")
                ],
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "GSI1",
                        "KeySchema": [
                            {"AttributeName": "gsi1pk", "KeyType": "HASH"},
                            {"AttributeName": "gsi1sk", "KeyType": "RANGE"},
                        ],
                        "Projection": {"ProjectionType": "KEYS_ONLY"},
                    }
                ],
                "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            },
        },
        "Failures": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "probe-failures"}},
        "Files": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": "probe-files",
                "VersioningConfiguration": {"Status": "Enabled"},
                "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
            },
        },
        "Layer": {
            "Type": "AWS::Lambda::LayerVersion",
            "Properties": {"Content": {"S3Bucket": BUCKET, "S3Key": "layer.zip"}, "CompatibleRuntimes": ["python3.13"]},
        },
    }


def _messages() -> dict[str, Any]:
    """Return the queues, the bus and the sender of mails."""
    return {
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Mail": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "VisibilityTimeout": 2,
                "RedrivePolicy": {"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 2},
            },
        },
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "probe"}},
        "Identity": {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": "shop@example.com"}},
        "Configuration": {"Type": "AWS::SES::ConfigurationSet", "Properties": {"Name": "probe"}},
    }


def _keys() -> dict[str, Any]:
    """Return a key for codes, and a secret."""
    return {
        "Key": {
            "Type": "AWS::KMS::Key",
            "Properties": {
                "KeySpec": "HMAC_256",
                "KeyUsage": "GENERATE_VERIFY_MAC",
                "KeyPolicy": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
                            "Action": "kms:*",
                            "Resource": "*",
                        }
                    ],
                },
            },
        },
        "Secret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"GenerateSecretString": {"PasswordLength": 40}},
        },
    }


def _readers() -> dict[str, Any]:
    """Return the two readers of the table's stream and the reader of the queue."""
    return {
        "Stream": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
                "FunctionName": {"Ref": "reader"},
                "StartingPosition": "TRIM_HORIZON",
                "BatchSize": 100,
                "BisectBatchOnFunctionError": True,
                "MaximumRetryAttempts": 2,
                "DestinationConfig": {"OnFailure": {"Destination": arn("Failures")}},
                "FilterCriteria": {
                    "Filters": [
                        {
                            "Pattern": json.dumps(
                                {
                                    "eventName": ["INSERT"],
                                    "dynamodb": {"NewImage": {"sk": {"S": [{"prefix": "E#"}]}}},
                                }
                            )
                        }
                    ]
                },
            },
        },
        "QuickStream": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
                "FunctionName": {"Ref": "quick"},
                "StartingPosition": "TRIM_HORIZON",
                "FilterCriteria": {
                    "Filters": [{"Pattern": json.dumps({"dynamodb": {"NewImage": {"pk": {"S": ["O#slow"]}}}})}]
                },
            },
        },
        "MailQueue": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": arn("Mail"),
                "FunctionName": {"Ref": "mailer"},
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        },
    }


def _mails() -> dict[str, Any]:
    """Return the rule that puts events of the bus into the queue."""
    return {
        "MailRule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventBusName": {"Ref": "Bus"},
                "EventPattern": {"detail-type": ["received"]},
                "Targets": [{"Id": "q", "Arn": arn("Mail")}],
            },
        },
        "MailPolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "Mail"}],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "events.amazonaws.com"},
                            "Action": "sqs:SendMessage",
                            "Resource": arn("Mail"),
                        }
                    ],
                },
            },
        },
    }


def _machine() -> dict[str, Any]:
    """Return the machine, whose one state waits for a token, and its role."""
    return {
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "DependsOn": ["MachineRole"],
            "Properties": {
                "StateMachineName": "probe",
                "RoleArn": arn("MachineRole"),
                "DefinitionString": {"Fn::Sub": json.dumps(_definition())},
            },
        },
        "MachineRole": role([allow(["lambda:InvokeFunction"], "*")], "states.amazonaws.com"),
    }


def _functions() -> dict[str, Any]:
    """Return the functions, each with a role that has exactly its rights."""
    table = arn("Table")
    grants: dict[str, list[dict[str, Any]]] = {
        "hello": [],
        "reader": [allow(["dynamodb:GetItem", "dynamodb:PutItem"], table)],
        "quick": [allow(["dynamodb:PutItem"], table)],
        "parking": [allow(["dynamodb:PutItem"], table)],
        "arrival": [allow(["dynamodb:PutItem"], table)],
        "mailer": [
            allow(
                ["ses:SendEmail"],
                {"Fn::Sub": "arn:aws:ses:${AWS::Region}:${AWS::AccountId}:identity/shop@example.com"},
            )
        ],
        "caller": [
            allow(["dynamodb:PutItem", "dynamodb:Query"], table),
            allow(["states:StartExecution"], {"Ref": "Machine"}),
            allow(["states:SendTaskSuccess"], {"Ref": "Machine"}),
            allow(["lambda:InvokeFunction"], arn("hello")),
            allow(["kms:GenerateMac"], arn("Key")),
            allow(["secretsmanager:GetSecretValue"], {"Ref": "Secret"}),
        ],
    }
    made: dict[str, Any] = {}
    for name, code in CODE.items():
        made[name] = function(name, code)
        made[name + "Role"] = role([*grants[name], allow(["logs:*"], "*")])
    return made


def _rules() -> dict[str, Any]:
    """Return the rules that invoke a function: for a file in the inbox, and every minute."""
    made: dict[str, Any] = {}
    for name, rule in {
        "InboxRule": {
            "EventPattern": {
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {"bucket": {"name": ["probe-files"]}, "object": {"key": [{"prefix": "inbox/"}]}},
            }
        },
        "EveryMinute": {"ScheduleExpression": "rate(1 minute)"},
    }.items():
        made[name] = {
            "Type": "AWS::Events::Rule",
            "Properties": rule | {"Targets": [{"Id": "t", "Arn": arn("arrival")}]},
        }
        made[name + "Permission"] = {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "arrival"},
                "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com",
                "SourceArn": arn(name),
            },
        }
    return made


def _failures() -> dict[str, Any]:
    """Return the destinations of asynchronous calls that fail."""
    made: dict[str, Any] = {}
    made["ArrivalFails"] = {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": "arrival"},
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": 0,
            "DestinationConfig": {"OnFailure": {"Destination": arn("Dead")}},
        },
    }
    made["HelloFails"] = {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": "hello"},
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": 1,
            "DestinationConfig": {"OnFailure": {"Destination": arn("Failures")}},
        },
    }
    return made


def _definition() -> dict[str, Any]:
    """Return the machine's definition."""
    return {
        "StartAt": "Park",
        "States": {
            "Park": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Parameters": {
                    "FunctionName": "${parking}",
                    "Payload": {"token.$": "$$.Task.Token", "how.$": "$.how", "name.$": "$$.Execution.Name"},
                },
                "TimeoutSeconds": 60,
                "ResultPath": None,
                "Catch": [{"ErrorEquals": ["Settled"], "ResultPath": "$.because", "Next": "Caught"}],
                "End": True,
            },
            "Caught": {"Type": "Succeed"},
        },
    }
