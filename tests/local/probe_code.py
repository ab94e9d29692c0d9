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
def refusal(path, body=None):
    "Return how the embedded AWS refuses whoever is not a function, as it does from the first moment of a stop."
    asked = urllib.request.Request(aws("dynamodb").meta.endpoint_url + path, data=body)
    try: urllib.request.urlopen(asked).close()
    except urllib.error.HTTPError as refused: return f"{refused.code} {json.loads(refused.read())['type']}"
def stopped():
    return refusal("/_ministack/health") and refusal("/2015-03-31/functions/probe-hello/invocations", b"{}")
def told():
    row = {"pk": {"S": "TOLD"}, "sk": {"S": "go on"}}
    return "told" if "Item" in aws("dynamodb").get_item(TableName=os.environ["TABLE"], Key=row) else None
WAITS = {"E#until a stop": stopped, "E#until it is told": told}
def handler(event, context):
    for record in event["Records"]:
        sk = record["dynamodb"]["NewImage"]["sk"]["S"]
        if sk.startswith("E#poison"):
            raise Poisoned(sk)
        found = None
        if sk in WAITS:
            aws("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": "SLEEPS"}, "sk": {"S": sk}})
            for _ in range(150):  # it ends before its time is over, and a test sees that it waited in vain
                if found := WAITS[sk](): break
                time.sleep(0.1)
        read = {"pk": {"S": "READ"}, "sk": {"S": "read " + sk}, "found": {"S": str(found)}}
        aws("dynamodb").put_item(TableName=os.environ["TABLE"], Item=read)
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
