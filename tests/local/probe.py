"""A small stack of the same shapes as Comanda's, to prove what the embedded AWS does with each."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import boto3

BUCKET = "probe-assets"
TASK = """
import json, os, time, boto3
def aws(service): return boto3.client(service)
"""
CODE = {
    "hello": """
def handler(event, context):
    if event.get("body") == "fail": raise ValueError("a secret")
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": "{}"}
""",
    "reader": TASK
    + """
class Poisoned(Exception): pass
def handler(event, context):
    for record in event["Records"]:
        sk = record["dynamodb"]["NewImage"]["sk"]["S"]
        if sk.startswith("E#poison"):
            raise Poisoned(sk)
        if sk == "E#slow":
            aws("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": "SLEEPS"}, "sk": {"S": "slow"}})
            time.sleep(8)
        aws("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": "READ"}, "sk": {"S": "read " + sk}})
""",
    "quick": TASK
    + """
def handler(event, context):
    for record in event["Records"]:
        sk = record["dynamodb"]["NewImage"]["sk"]["S"]
        aws("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": "READ"}, "sk": {"S": "quick " + sk}})
""",
    "parking": TASK
    + """
class Settled(Exception): pass
def handler(event, context):
    if event["how"] == "raise":
        raise Settled("it is there already")
    if event["how"] == "process":
        raise Settled(str(os.getpid()))
    aws("dynamodb").put_item(TableName=os.environ["TABLE"],
        Item={"pk": {"S": "TOKEN"}, "sk": {"S": event["name"]}, "token": {"S": event["token"]}})
""",
    "arrival": TASK
    + """
def handler(event, context):
    sk = event.get("detail", {}).get("object", {}).get("key") or json.dumps(event)[:200]
    if "bad" in sk: raise ValueError(sk)
    aws("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": os.environ["MARK"]}, "sk": {"S": sk}})
""",
    "mailer": TASK
    + """
def handler(event, context):
    failures = []
    for record in event["Records"]:
        detail = json.loads(record["body"])["detail"]
        if detail["order"] == "bad":
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        aws("sesv2").send_email(FromEmailAddress="shop@example.com", Destination={"ToAddresses": ["a@example.com"]},
            ConfigurationSetName="probe",
            Content={"Simple": {"Subject": {"Data": detail["order"]}, "Body": {"Text": {"Data": "hi"}, "Html": {"Data": "<p>hi</p>"}}}})
    return {"batchItemFailures": failures}
""",
    "caller": TASK
    + """
from botocore.exceptions import ClientError
def handler(event, context):
    client = aws(event["service"])
    try:
        answer = getattr(client, event["call"])(**event["with"])
        answer.pop("ResponseMetadata", None)
        return json.loads(json.dumps(answer, default=str))
    except ClientError as refused:
        return {"refused": refused.response["Error"]["Code"], "message": refused.response["Error"]["Message"]}
""",
}
STATES = ["dynamodb", "s3", "sesv2", "lambda", "stepfunctions", "events", "kms", "secretsmanager"]


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def layer() -> bytes:
    """boto3 with the data of the services in use: what Comanda's own layer holds, in small."""
    site = Path(boto3.__file__).parent.parent
    files = {}
    wanted = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py"}
    for path in site.rglob("*"):
        parts = path.relative_to(site).parts
        if parts[0] not in wanted or not path.is_file() or path.suffix == ".pyc":
            continue
        if parts[:2] == ("botocore", "data") and len(parts) > 3 and parts[2] not in STATES:
            continue
        files["python/" + "/".join(parts)] = path.read_bytes()
    return zipped(files)


def role(statements: list[dict[str, Any]], service: str = "lambda.amazonaws.com") -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
            },
            "Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}],
        },
    }


def allow(actions: list[str], resource: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def template() -> dict[str, Any]:
    table = arn("Table")
    grants: dict[str, list[dict[str, Any]]] = {
        "hello": [],
        "reader": [allow(["dynamodb:PutItem"], table)],
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
    resources: dict[str, Any] = {
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
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "DependsOn": ["MachineRole"],
            "Properties": {
                "StateMachineName": "probe",
                "RoleArn": arn("MachineRole"),
                "DefinitionString": {"Fn::Sub": json.dumps(machine())},
            },
        },
        "MachineRole": role([allow(["lambda:InvokeFunction"], "*")], "states.amazonaws.com"),
    }
    for name, code in CODE.items():
        resources[name] = function(name, code)
        resources[name + "Role"] = role([*grants[name], allow(["logs:*"], "*")])
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
        resources[name] = {
            "Type": "AWS::Events::Rule",
            "Properties": rule | {"Targets": [{"Id": "t", "Arn": arn("arrival")}]},
        }
        resources[name + "Permission"] = {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "arrival"},
                "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com",
                "SourceArn": arn(name),
            },
        }
    resources["ArrivalFails"] = {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": "arrival"},
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": 0,
            "DestinationConfig": {"OnFailure": {"Destination": arn("Dead")}},
        },
    }
    resources["HelloFails"] = {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": "hello"},
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": 1,
            "DestinationConfig": {"OnFailure": {"Destination": arn("Failures")}},
        },
    }
    resources |= api()
    return {
        "Resources": resources,
        "Outputs": {
            name: {"Value": value}
            for name, value in {
                "Api": {"Ref": "Api"},
                "Pool": {"Ref": "Pool"},
                "Client": {"Ref": "Client"},
                "Table": {"Ref": "Table"},
                "Machine": {"Ref": "Machine"},
                "Dead": {"Ref": "Dead"},
                "Key": {"Ref": "Key"},
                "Secret": {"Ref": "Secret"},
                "Stream": {"Ref": "Stream"},
            }.items()
        },
    }


def function(name: str, code: str) -> dict[str, Any]:
    variables = {"MARK": name.upper(), **({} if name == "hello" else {"TABLE": {"Ref": "Table"}})}
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": f"probe-{name}",
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Timeout": 20,
            "Role": arn(name + "Role"),
            "Code": {"ZipFile": code},
            "Layers": [{"Ref": "Layer"}],
            "Environment": {"Variables": {} if name == "caller" else variables},
        },
    }


def machine() -> dict[str, Any]:
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


def api() -> dict[str, Any]:
    scopes = ["orders/read", "orders/write", "stock/read"]
    method = {
        "RestApiId": {"Ref": "Api"},
        "ResourceId": {"Ref": "Orders"},
        "AuthorizationType": "COGNITO_USER_POOLS",
        "AuthorizerId": {"Ref": "Authorizer"},
        "Integration": {
            "Type": "AWS_PROXY",
            "IntegrationHttpMethod": "POST",
            "Uri": {
                "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${hello.Arn}/invocations"
            },
        },
    }
    return {
        "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": "probe"}},
        "Domain": {
            "Type": "AWS::Cognito::UserPoolDomain",
            "Properties": {"UserPoolId": {"Ref": "Pool"}, "Domain": "probe-domain"},
        },
        "OrdersServer": server("orders"),
        "StockServer": server("stock"),
        "Client": {
            "Type": "AWS::Cognito::UserPoolClient",
            "DependsOn": ["OrdersServer", "StockServer"],
            "Properties": {
                "UserPoolId": {"Ref": "Pool"},
                "GenerateSecret": True,
                "AllowedOAuthFlows": ["client_credentials"],
                "AllowedOAuthFlowsUserPoolClient": True,
                "AllowedOAuthScopes": scopes,
            },
        },
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "probe"}},
        "Authorizer": {
            "Type": "AWS::ApiGateway::Authorizer",
            "Properties": {
                "Name": "pool",
                "RestApiId": {"Ref": "Api"},
                "Type": "COGNITO_USER_POOLS",
                "IdentitySource": "method.request.header.Authorization",
                "ProviderARNs": [arn("Pool")],
            },
        },
        "Orders": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                "PathPart": "orders",
            },
        },
        "Post": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": method | {"HttpMethod": "POST", "AuthorizationScopes": ["orders/write"]},
        },
        "Get": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": method | {"HttpMethod": "GET", "AuthorizationScopes": ["nothing/here", "stock/read"]},
        },
        "Put": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": method | {"HttpMethod": "PUT", "AuthorizationScopes": ["orders/approve"]},
        },
        "NotFound": {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ResponseType": "MISSING_AUTHENTICATION_TOKEN",
                "StatusCode": "404",
                "ResponseParameters": {"gatewayresponse.header.Content-Type": "'application/problem+json'"},
                "ResponseTemplates": {"application/json": '{"title": "Not found", "status": 404}'},
            },
        },
        "Failed": {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ResponseType": "DEFAULT_5XX",
                "StatusCode": "500",
                "ResponseParameters": {"gatewayresponse.header.Content-Type": "'application/problem+json'"},
                "ResponseTemplates": {"application/json": '{"title": "Internal error", "status": 500}'},
            },
        },
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": ["Post", "Get", "Put", "NotFound", "Failed"],
            "Properties": {"RestApiId": {"Ref": "Api"}},
        },
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {"RestApiId": {"Ref": "Api"}, "DeploymentId": {"Ref": "Deployment"}, "StageName": "v"},
        },
        "ApiPermission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "hello"},
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
            },
        },
    }


def server(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Cognito::UserPoolResourceServer",
        "Properties": {
            "UserPoolId": {"Ref": "Pool"},
            "Identifier": name,
            "Name": name,
            "Scopes": [{"ScopeName": verb, "ScopeDescription": verb} for verb in ("read", "write", "approve")],
        },
    }
