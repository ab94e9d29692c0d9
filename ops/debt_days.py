"""
Write anew the sums by which credit accounts know what is due on a day, where they are not those of their invoices.

Invoices from before there were such sums are in none of them, so all of them are read for each order on account. The entries of
the ledger are the truth, and the sums follow from them.

Called by   local/money_commands.py (`comanda money mend-days`)
Returns     how many sums were written
Raises      ClientError where AWS refuses

The days of an account are read before its entries, and a sum is written only while its day is as it was read: an invoice that is
issued meanwhile changes its day with its entry. The next run writes what this one left.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from botocore.exceptions import ClientError

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import attributes, item
from ops import own_account_audit
from ops.own_account_audit import Row

_REFUSED = "ConditionalCheckFailedException"


def mend(dynamodb: Any, table: str) -> int:
    """Write each sum of a day that differs, in all credit accounts. It may be done twice."""
    return sum(_mend_account(dynamodb, table, account_id) for account_id in _accounts(dynamodb, table))


def _accounts(dynamodb: Any, table: str) -> Iterator[str]:
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="begins_with(pk, :accounts) AND sk = :header",
        ExpressionAttributeValues=item({":accounts": keys.CREDIT_ACCOUNTS, ":header": keys.HEADER}),
        ProjectionExpression="account_id",
        ConsistentRead=True,
    )
    for page in pages:
        yield from (str(attributes(one)["account_id"]) for one in page["Items"])


def _mend_account(dynamodb: Any, table: str, account_id: str) -> int:
    pk = keys.credit_account(account_id)["pk"]
    days = {row["due_on"]: row for row in own_account_audit.rows_below(dynamodb, table, pk, keys.DEBT_DAYS)}
    debts = own_account_audit.rows_below(dynamodb, table, pk, keys.DEBTS)
    found = own_account_audit.days_that_differ(debts, days.values())
    return sum(
        _written(dynamodb, table, keys.debt_day(account_id, date.fromisoformat(one.due_on)), one, days.get(one.due_on))
        for one in found
        if one.debts[1]  # a sum without invoices is no sum from before, and is for a person to look at
    )


def _written(dynamodb: Any, table: str, key: keys.Key, day: own_account_audit.Day, seen: Row | None) -> bool:
    """Write the sum of a day, and return False when an invoice has changed it since it was read."""
    as_seen = "owed = :seen AND invoices = :counted" if seen else "attribute_not_exists(pk)"
    values: dict[str, Any] = {":due": day.due_on, ":owed": day.debts[0], ":count": day.debts[1]}
    if seen:
        values |= {":seen": seen["owed"], ":counted": seen["invoices"]}
    try:
        dynamodb.update_item(
            TableName=table,
            Key=item(dict(key)),
            UpdateExpression="SET due_on = :due, owed = :owed, invoices = :count",
            ConditionExpression=as_seen,
            ExpressionAttributeValues=item(values),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != _REFUSED:
            raise
        return False
    return True
