"""
Describe the stages and their regions as data. No code outside this module asks which stage it is in.

To run Comanda for yourself, change `DEV` and `PROD` here: the regions, the addresses, the limits.
`comanda diff local prod` prints how these values change the templates.
"""

import platform
from dataclasses import dataclass, field

ARM = "arm64"
INTEL = "x86_64"
HOST = ARM if platform.machine().lower() in ("arm64", "aarch64") else INTEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One region of a stage. Its name is in every order id, so it never changes once orders exist."""

    name: str  # [a-z0-9]{2,8}
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The values in which one deployment of Comanda may differ from another."""

    name: str
    cells: tuple[Cell, ...]
    account: str | None = None  # None: the account of the caller that deploys
    architecture: str = ARM

    keep_data: bool = True  # retain on delete, deletion protection, point-in-time recovery
    log_days: int = 90
    archive_days: int = 365  # events on the bus, for replays
    old_version_days: int = 90  # overwritten and deleted partner files
    tls_only: bool = True  # deny plain http by bucket, queue and topic policies
    waf: bool = True

    requests_per_second: int = 200
    request_burst: int = 400
    requests_per_address: int = 2000  # in five minutes, from one address, before the firewall blocks it

    # The forms of the addresses that browsers open: `{api}` is the API's id, `{domain}` the pool's domain, `{endpoint}` the
    # published address of an embedded AWS.
    api_address: str = "https://{api}.execute-api.{region}.{suffix}/live"
    sign_in_address: str = "https://{domain}.auth.{region}.amazoncognito.com"

    # Room -> the runs at once that are kept for it, which are also its most. The account must have 100 beside all of them.
    reserved: dict[str, int] = field(default_factory=dict)

    sweep_minutes: int = 5
    alarm_email: str | None = None
    mail_sender: str = "orders@example.com"
    mail_replies: str = "none"  # or the domain whose mailbox passes on what customers answer (docs/cases.md)
    form_mails_an_hour: int = 200  # links that order forms mail to visitors without scripts, to all addresses together
    mail_domain: str | None = None  # verified in SES as a whole; None: the sender's address is verified instead

    # Actions that this stage evaluates against "*"; AWS evaluates them against the resource that they are for.
    unscoped: frozenset[str] = frozenset()

    # Resource types that this stage's CloudFormation does not know -> the loss when they are left out.
    lacks: dict[str, str] = field(default_factory=dict)


LOCAL = Stage(
    name="local",
    cells=(Cell(name="us1", region="us-east-1"),),
    account="000000000000",
    architecture=HOST,  # the embedded AWS runs Lambdas as processes of this machine
    keep_data=False,
    log_days=1,
    archive_days=1,
    old_version_days=1,
    tls_only=False,  # it is reached over plain http on 127.0.0.1, and it enforces bucket policies
    waf=False,
    requests_per_second=2000,
    request_burst=4000,
    api_address="{endpoint}/_aws/execute-api/{api}/live",
    sign_in_address="{endpoint}",
    sweep_minutes=1,
    unscoped=frozenset({"states:SendTaskSuccess", "states:SendTaskFailure", "ses:SendEmail", "ssm:GetParameters"}),
    lacks={
        "AWS::Events::Archive": "events on the bus are not archived; the orders' own events still are in the table",
        "AWS::WAFv2::WebACLAssociation": "no firewall before the API",
    },
)

DEV = Stage(
    name="dev",
    cells=(Cell(name="us1", region="us-east-1"),),
    log_days=14,
    archive_days=30,
    old_version_days=30,
    waf=False,
    requests_per_second=50,
    reserved={"console": 10},
    request_burst=100,
    alarm_email="oms-dev@example.com",
)

PROD = Stage(
    name="prod",
    reserved={"console": 100},
    cells=(Cell(name="us1", region="us-east-1"), Cell(name="br1", region="sa-east-1")),
    alarm_email="oms-on-call@example.com",
)

STAGES: dict[str, Stage] = {stage.name: stage for stage in (LOCAL, DEV, PROD)}
