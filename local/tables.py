"""
Find the tables of a stage and a client that may use them, for the tools of `ops`.

Called by   local/cli.py, money_commands.py, number_commands.py (`comanda stock audit`, `comanda money audit`, `comanda numbers`, `comanda routing`)
Returns     a boto3 client of DynamoDB, and names of tables
Raises      deploy.NotDeployed where the embedded AWS has no stack; ClientError where AWS refuses

The stage `local` is the embedded AWS of this checkout. Every other stage is in AWS and is used with the caller's own credentials.
"""

from typing import Any

from infra import names
from infra.stages import LOCAL, STAGES
from local import deploy
from local.instance import Instance
from ops.routing import Tables


def stock(stage: str) -> tuple[Any, str]:
    """Return a client and the name of the table of stock."""
    dynamodb, (table,) = _opened(stage, names.STOCK)
    return dynamodb, table


def orders(stage: str) -> tuple[Any, str]:
    """Return a client and the name of the table of orders."""
    dynamodb, (table,) = _opened(stage, names.ORDERS)
    return dynamodb, table


def routing(stage: str) -> Tables:
    """Return the tables with decisions and their inputs."""
    dynamodb, (of_orders, directory) = _opened(stage, names.ORDERS, names.DIRECTORY)
    return Tables(dynamodb=dynamodb, orders=of_orders, directory=directory)


def numbers(stage: str) -> tuple[Any, str, str]:
    """Return a client and the names of the tables of the directory and of orders."""
    dynamodb, (directory, of_orders) = _opened(stage, names.DIRECTORY, names.ORDERS)
    return dynamodb, directory, of_orders


def _opened(stage: str, *tables: str) -> tuple[Any, list[str]]:
    if stage == LOCAL.name:
        instance = Instance.current()
        deployed = deploy.find_deployed(instance)
        return instance.client("dynamodb"), [deployed[table] for table in tables]
    import boto3

    ssm = boto3.client("ssm")
    found = (ssm.get_parameter(Name=names.parameter(STAGES[stage], table)) for table in tables)
    return boto3.client("dynamodb"), [answer["Parameter"]["Value"] for answer in found]
