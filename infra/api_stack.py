"""
Make the stack of the doors: the rooms that answer the REST API. They commit facts; the flow stack does the rest.

Called by   infra/app.py
"""

from pathlib import Path
from typing import Any

from aws_cdk import Stack
from constructs import Construct

from infra import names
from infra.constructs.failures import AsyncFailures
from infra.constructs.stream_reader import PACKED_ENTRIES, StreamReader
from infra.grants import ENCRYPT, allow
from infra.layer import Layer
from infra.package import ROOT
from infra.placement import DOORS
from infra.rooms import CUSTOMERS_SECRET_ARN, ROOMS, SECRET_ARN
from infra.shared import Shared
from infra.stages import Cell, Stage


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
            if CUSTOMERS_SECRET_ARN in ROOMS[name].settings:  # it signs what customers are found by
                shared.let_read_customers_secret(room)
        pool = shared.arn("cognito-idp", f"userpool/{shared.value(names.USER_POOL)}")
        self._grant_documents(shared)
        self._grant_erasure(shared)
        # The sweeper and pay have pending changes made, so their failed calls are kept.
        AsyncFailures(self, "IntakeInvoked", shared, room=self.rooms["intake"], anchor="a-sweep-call-failed")
        self._grant_directory(shared, pool)
        self._grant_order_form(shared)
        shared.let_make_links(self.rooms["customers"])
        shared.let_make_links(self.rooms["drafts"])
        # The room that mails links is in another stack, which has its failure path.
        notify = shared.arn("lambda", f"function:{names.function(shared.stage, 'notify')}")
        allow(self.rooms["customers"], ("lambda:InvokeFunction",), notify)
        shared.let_check_links(self.rooms["selfservice"])
        shared.let_check_links(self.rooms["cases"])
        shared.let_take_notices(self.rooms["notices"])
        for asking in ("directory", "drafts", "intake"):
            shared.let_ask_for_taxes(self.rooms[asking])
        shared.let_find_gift_cards(self.rooms["gift_cards"])
        shared.let_find_gift_cards(self.rooms["intake"])  # orders are paid by them
        shared.let_find_gift_cards(self.rooms["selfservice"])  # the customer's page shows their codes
        self._grant_console(shared, pool)
        # Inviting a person is an API call, not a deploy.
        allow(
            self.rooms["people"],
            (
                "cognito-idp:AdminCreateUser",
                "cognito-idp:AdminDeleteUser",
                "cognito-idp:AdminGetUser",
                "cognito-idp:AdminUserGlobalSignOut",
                "cognito-idp:ListUsers",
            ),
            pool,
        )

    def _grant_documents(self, shared: Shared) -> None:
        """Let the room store documents, and sign links to them: a link may do what the room may do."""
        objects = f"{shared.bucket_arn(names.DOCUMENTS)}/*"
        allow(self.rooms["documents"], ("s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"), objects)
        allow(self.rooms["documents"], ENCRYPT, shared.value(names.CUSTOMERS_KEY))
        shared.let_make_links(self.rooms["documents"])  # an invoice leads to the page of its order

    def _grant_erasure(self, shared: Shared) -> None:
        """Let the room delete every version of a document. The sweeper calls it, so its failed calls are kept."""
        bucket = shared.bucket_arn(names.DOCUMENTS)
        allow(self.rooms["erase"], ("s3:ListBucketVersions",), bucket)
        allow(self.rooms["erase"], ("s3:DeleteObjectVersion",), f"{bucket}/*")
        AsyncFailures(self, "EraseInvoked", shared, room=self.rooms["erase"], anchor="a-sweep-call-failed")

    def _grant_directory(self, shared: Shared, pool: str) -> None:
        """Let the directory onboard clients: it is an API call, not a deploy."""
        allow(
            self.rooms["directory"],
            (
                "cognito-idp:CreateUserPoolClient",
                "cognito-idp:DescribeUserPoolClient",
                "cognito-idp:DeleteUserPoolClient",
                "cognito-idp:ListUserPoolClients",
            ),
            pool,
        )
        allow(
            self.rooms["directory"],
            (
                "secretsmanager:CreateSecret",
                "secretsmanager:PutSecretValue",
                "secretsmanager:GetSecretValue",
                "secretsmanager:DeleteSecret",
            ),
            self._form_secrets(shared),
        )

    def _grant_order_form(self, shared: Shared) -> None:
        """Let the order form sign in as the client of its channel, and find the API and the user pool."""
        form = self.rooms["order_form"]
        secrets = (
            self._form_secrets(shared),
            shared.value(names.FORM_KEY),
            shared.value(names.FIREWALL_SECRET),
        )
        allow(form, ("secretsmanager:GetSecretValue",), *secrets)
        addresses = (names.API_URL, names.SIGN_IN_URL)
        parameters = (shared.arn("ssm", f"parameter{names.parameter(shared.stage, name)}") for name in addresses)
        allow(form, ("ssm:GetParameter",), *parameters)
        # Without a script a visitor confirms by a mailed link.
        sender = shared.arn("ses", f"identity/{shared.stage.mail_domain or shared.stage.mail_sender}")
        mails = shared.arn("ses", f"configuration-set/{names.configuration_set(shared.stage)}")
        allow(form, ("ses:SendEmail",), *shared.narrowed("ses:SendEmail", sender, mails))

    def _form_secrets(self, shared: Shared) -> str:
        return shared.arn("secretsmanager", f"secret:{names.form_secrets(shared.stage)}*")

    def _grant_console(self, shared: Shared, pool: str) -> None:
        """Let the console find its addresses, sign people in and out, and pass the firewall. It reads no order."""
        console, stage = self.rooms["console"], shared.stage
        parameters = (shared.arn("ssm", f"parameter{names.parameter(stage, name)}") for name in names.OF_THE_CONSOLE)
        allow(console, ("ssm:GetParameters",), *shared.narrowed("ssm:GetParameters", *parameters))
        # RevokeToken needs no right: the client's own secret is its authority.
        allow(console, ("cognito-idp:DescribeUserPoolClient",), pool)
        allow(console, ("secretsmanager:GetSecretValue",), shared.value(names.FIREWALL_SECRET))
