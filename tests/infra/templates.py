"""Read the templates of a stage for tests."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.stages import Stage
from infra.templates import read


@dataclass(frozen=True)
class Resource:
    """One resource of a template, with the stack that it is in."""

    stack: str
    id: str
    kind: str
    body: dict[str, Any]

    @property
    def properties(self) -> dict[str, Any]:
        return self.body.get("Properties", {})

    @property
    def path(self) -> str:
        return self.body["Metadata"]["aws:cdk:path"].split("/", 1)[1]


class Templates:
    """The templates of one stage in its first region."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.folder = folder
        self.documents = read(stage, folder)

    def all(self, *kinds: str) -> list[Resource]:
        return [
            Resource(stack, id_, body["Type"], body)
            for stack, document in self.documents.items()
            for id_, body in document["Resources"].items()
            if not kinds or body["Type"] in kinds
        ]

    def functions(self) -> dict[str, Resource]:
        """Return the functions by room."""
        prefix = f"comanda-{self.stage.name}-"
        found = self.all("AWS::Lambda::Function")
        return {function.properties["FunctionName"].removeprefix(prefix): function for function in found}

    def statements(self, role: str, stack: str) -> list[dict[str, Any]]:
        """Return the statements of a role, with actions and resources as lists of text."""
        return [
            {**statement, "Action": as_list(statement["Action"]), "Resource": texts(statement["Resource"])}
            for policy in self.all("AWS::IAM::Policy")
            if policy.stack == stack and {"Ref": role} in policy.properties["Roles"]
            for statement in policy.properties["PolicyDocument"]["Statement"]
        ]

    def rights(self, room: str) -> list[dict[str, Any]]:
        function = self.functions()[room]
        return self.statements(function.properties["Role"]["Fn::GetAtt"][0], function.stack)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """Return a value as text: `${Name}` or `${Name.Attribute}` for an intrinsic function, SSM parameters by their names."""
    match value:
        case {"Ref": name}:
            name = re.sub(r"^SsmParameterValuecomanda(local|dev|prod)(\w+)C96584B6.*$", r"\2", name)
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(text(part) for part in parts)
        case _:
            return value if isinstance(value, str) else json.dumps(value)


def texts(values: Any) -> list[str]:
    return [text(value) for value in as_list(values)]
