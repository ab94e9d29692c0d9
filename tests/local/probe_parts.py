"""
Make the resources that the probe's template has several of, and those of its API.

Called by   tests/local/probe.py
"""

from typing import Any


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
