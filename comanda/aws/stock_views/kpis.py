"""
Keep the figures of the whole stock by day, in parts: each run puts the part that it counted, so counting again is harmless.

Called by   functions/daily
Returns     nothing
"""

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings


def keep(day: str, part: str, figures: dict[str, int]) -> None:
    """Put the figures of one part of a day."""
    client("dynamodb").put_item(
        TableName=settings.stock_table, Item=item({**keys.stock_day(day, part), "figures": figures})
    )
