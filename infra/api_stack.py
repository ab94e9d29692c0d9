"""
Make the stack of the doors: the rooms that answer the REST API. They commit facts; the flow stack does the rest.

Called by   infra/app.py
"""

from pathlib import Path
from typing import Any

from aws_cdk import Stack
from constructs import Construct

from infra import names
from infra.constructs.stream_reader import PACKED_ENTRIES, StreamReader
from infra.grants import allow
from infra.layer import Layer
from infra.package import ROOT
from infra.rooms import ROOMS, SECRET_ARN
from infra.shared import Shared
from infra.stages import Cell, Stage

DOORS = (
    "intake",
    "fulfill",
    "documents",
    "stock",
    "reserve",
    "promise",
    "availability",
    "directory",
    "planning",
    "outages",
    "order_form",
    "people",
)


class ApiStack(Stack):
    """The synchronous half of Comanda; one for each region of a stage."""

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
        shared = Shared(self, stage=stage, cell=cell, layer=layer, source=source)
        self.rooms = {name: shared.room(name) for name in DOORS}
        self._grants(shared)
        directory = self.rooms["directory"]
        StreamReader(self, "DirectoryStream", shared, room=directory, table=names.DIRECTORY, only=[PACKED_ENTRIES])

    def _grants(self, shared: Shared) -> None:
        """Grant the rights that are not on tables: infra/rights.py has those."""
        for name, room in self.rooms.items():
            if SECRET_ARN in ROOMS[name].settings:  # it signs the cursors of lists
                shared.let_read_secret(room)
        # Onboarding a client is an API call, not a deploy.
        allow(
            self.rooms["directory"],
            (
                "cognito-idp:CreateUserPoolClient",
                "cognito-idp:DescribeUserPoolClient",
                "cognito-idp:DeleteUserPoolClient",
                "cognito-idp:ListUserPoolClients",
            ),
            shared.arn("cognito-idp", f"userpool/{shared.value(names.USER_POOL)}"),
        )
        form_secrets = shared.arn("secretsmanager", f"secret:{names.form_secrets(shared.stage)}*")
        allow(
            self.rooms["directory"],
            (
                "secretsmanager:CreateSecret",
                "secretsmanager:PutSecretValue",
                "secretsmanager:GetSecretValue",
                "secretsmanager:DeleteSecret",
            ),
            form_secrets,
        )
        form = self.rooms["order_form"]
        allow(form, ("secretsmanager:GetSecretValue",), form_secrets, shared.value(names.FORM_KEY))
        allow(
            form, ("ssm:GetParameter",), shared.arn("ssm", f"parameter{names.parameter(shared.stage, names.API_URL)}")
        )
        # Nor is inviting a person.
        allow(
            self.rooms["people"],
            (
                "cognito-idp:AdminCreateUser",
                "cognito-idp:AdminDeleteUser",
                "cognito-idp:AdminGetUser",
                "cognito-idp:AdminUserGlobalSignOut",
                "cognito-idp:ListUsers",
            ),
            shared.arn("cognito-idp", f"userpool/{shared.value(names.USER_POOL)}"),
        )
