"""
Define the code of the probe's functions, and the layer that they run with.

Called by   tests/local/probe.py, tests/local/world.py
"""

import io
import zipfile
from pathlib import Path

import boto3

BUCKET = "probe-assets"
TASK = """
import json, os, time, boto3
def aws(service): return boto3.client(service)
"""
# One small function for each way in which a function is called.
CODE = {
    "hello": """
def handler(event, context):
    if event.get("body") == "fail": raise ValueError("a secret")
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": "{}"}
""",
    "reader": TASK
    + """
import urllib.error, urllib.request
class Poisoned(Exception): pass
def until_a_stop(poll_seconds):
    "Wait until the embedded AWS refuses whoever is not a function, as it does from the first moment of a stop."
    health = aws("dynamodb").meta.endpoint_url + "/_ministack/health"
    for _ in range(300):
        try: urllib.request.urlopen(health).close()
        except urllib.error.HTTPError: return
        time.sleep(poll_seconds)
def handler(event, context):
    for record in event["Records"]:
        sk = record["dynamodb"]["NewImage"]["sk"]["S"]
        if sk.startswith("E#poison"):
            raise Poisoned(sk)
        if sk in ("E#slow", "E#until a stop"):
            aws("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": "SLEEPS"}, "sk": {"S": sk}})
            until_a_stop(0.1) if sk == "E#until a stop" else time.sleep(8)
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
SERVICES = ["dynamodb", "s3", "sesv2", "lambda", "stepfunctions", "events", "kms", "secretsmanager"]


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def layer() -> bytes:
    """Return a layer with boto3 and the data of the services in use, a smaller one than Comanda's own."""
    site = Path(boto3.__file__).parent.parent
    files = {}
    wanted = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py"}
    for path in site.rglob("*"):
        parts = path.relative_to(site).parts
        if parts[0] not in wanted or not path.is_file() or path.suffix == ".pyc":
            continue
        if parts[:2] == ("botocore", "data") and len(parts) > 3 and parts[2] not in SERVICES:
            continue
        files["python/" + "/".join(parts)] = path.read_bytes()
    return zipped(files)
