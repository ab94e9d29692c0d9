"""
Every name that more than one stack, or somebody outside the stacks, must know.

Functions and machines have fixed names: grants and alarms are made from them, and so no stack waits for another's ARN.
What CloudFormation names itself (tables, buckets, keys) travels by SSM parameters under `/comanda/<stage>/`.
"""

from infra.stages import Stage

API_STAGE = "live"  # the last part of the API's base URL
MACHINES = ("order", "fulfillment")

# What the data stack publishes for the app stacks, and for `comanda up`.
ORDERS = "orders-table"
STOCK = "stock-table"
DIRECTORY = "directory-table"
CUSTOMERS = "customers-table"
FILES = "files-bucket"
FAILURES = "failures-bucket"
BUS = "bus"
KEY = "key"
CUSTOMERS_KEY = "customers-key"
SECRET = "secret"  # noqa: S105  the name of a parameter that holds an ARN
USER_POOL = "user-pool"
TOKEN_URL = "token-url"  # noqa: S105  the name of a parameter that holds an address
ADMIN_CLIENT = "admin-client"
ALARMS = "alarm-topic"

# What the app stacks publish.
API_ID = "api-id"
API_URL = "api-url"
MILESTONES = "milestones-queue"


def prefix(stage: Stage) -> str:
    return f"comanda-{stage.name}"


def stack(stage: Stage, name: str) -> str:
    return f"comanda-{stage.name}-{name}"


def parameter(stage: Stage, name: str) -> str:
    return f"/comanda/{stage.name}/{name}"


def function(stage: Stage, room: str) -> str:
    return f"comanda-{stage.name}-{room}"


def machine(stage: Stage, name: str) -> str:
    return f"comanda-{stage.name}-{name}"


def configuration_set(stage: Stage) -> str:
    return f"comanda-{stage.name}"
