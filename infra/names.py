"""
Spell every name that more than one stack, or a program outside the stacks, must know.

Functions and machines have fixed names: grants and alarms are made from them, so no stack waits for another's ARN.
CloudFormation itself names tables, buckets and keys; SSM parameters under `/comanda/<stage>/` pass those names on.

Called by   the stacks and constructs; local/ and ops/, which find what was deployed
"""

from infra.stages import Stage

STACKS = ("data", "api", "gateway", "flow")  # of each region
API_STAGE = "live"  # the last part of the API's base URL
MACHINES = ("order", "fulfillment")

# The data stack publishes these parameters for the app stacks, and for `comanda up`.
ORDERS = "orders-table"
STOCK = "stock-table"
DIRECTORY = "directory-table"
CUSTOMERS = "customers-table"
SESSIONS = "sessions-table"
FORMS = "forms-table"
FILES = "files-bucket"
FAILURES = "failures-bucket"
DOCUMENTS = "documents-bucket"
BUS = "bus"
KEY = "key"
CUSTOMERS_KEY = "customers-key"
SESSIONS_KEY = "sessions-key"
SECRET = "secret"  # noqa: S105  the name of a parameter that holds an ARN
CUSTOMERS_SECRET = "customers-secret"  # noqa: S105  as above
FIREWALL_SECRET = "firewall-secret"  # noqa: S105  as above
FORM_KEY = "form-key"
LINK_KEY = "link-key"
GIFT_CARD_KEY = "gift-card-key"
PAYMENTS_SECRET = "payments-secret"  # noqa: S105  as above
TAXES_SECRET = "taxes-secret"  # noqa: S105  as above
NOTICES_SECRET = "notices-secret"  # noqa: S105  as above
USER_POOL = "user-pool"
TOKEN_URL = "token-url"  # noqa: S105  the name of a parameter that holds an address
ADMIN_CLIENT = "admin-client"
ALARMS = "alarm-topic"

# The gateway stack publishes these. No address ends with a slash.
API_ID = "api-id"
API_URL = "api-url"
CONSOLE_URL = "console-url"  # the console's own address: that of the API, and `/console`
SIGN_IN_URL = "sign-in-url"  # the base of the pool's hosted pages
CONSOLE_CLIENT = "console-client"
CONSOLE_ADMIN_CLIENT = "console-admin-client"
# The console's room reads these when it first answers: they are published after it was made.
OF_THE_CONSOLE = (API_URL, CONSOLE_URL, SIGN_IN_URL, CONSOLE_CLIENT)

# `comanda up` publishes this before it deploys the stage local.
ENDPOINT = "endpoint"


def prefix(stage: Stage) -> str:
    return f"comanda-{stage.name}"


def stack(stage: Stage, name: str) -> str:
    return f"comanda-{stage.name}-{name}"


def sign_in_domain(stage: Stage, account: str) -> str:
    """Return the prefix of the domain of the pool's hosted pages. It must be free in the whole region of AWS."""
    return f"comanda-{stage.name}-{account}"


def parameter(stage: Stage, name: str) -> str:
    return f"/comanda/{stage.name}/{name}"


def function(stage: Stage, room: str) -> str:
    return f"comanda-{stage.name}-{room}"


def machine(stage: Stage, name: str) -> str:
    return f"comanda-{stage.name}-{name}"


def form_secrets(stage: Stage) -> str:
    """Return the beginning of the names of the secrets that the order forms of channels use. The channel's id follows."""
    return f"comanda-{stage.name}/form/"


def configuration_set(stage: Stage) -> str:
    return f"comanda-{stage.name}"
