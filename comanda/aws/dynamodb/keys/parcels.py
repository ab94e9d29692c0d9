"""Spell the keys of parcels and their scans in the Orders table."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from comanda.aws.dynamodb.keys.orders import BILLED, ORDERS, TRACKING_EVENTS
from comanda.aws.dynamodb.keys.queues import queue_page
from comanda.aws.dynamodb.keys.spelling import HEADER, Key, shard, text, time


def tracking(carrier: str, number: str, fulfillment_id: str) -> Key:
    return {"pk": f"TRK#{text(carrier)}#{text(number)}", "sk": fulfillment_id}


def by_tracking_number(number: str, fulfillment_id: str) -> Key:
    """Return the index key of a parcel by its number alone, for a search that knows no carrier."""
    return {"gsi1pk": tracking_page(number), "gsi1sk": fulfillment_id}


def tracking_page(number: str) -> str:
    return f"TRK#{text(number)}"


def tracking_number_of(row: Mapping[str, Any]) -> str:
    """Return the tracking number from the row of a parcel, as its label has it."""
    return unquote(row["pk"].rpartition("#")[2])


def sscc(sscc: str) -> Key:
    """Return the key of the row that says which order has an SSCC."""
    return {"pk": f"SSCC#{sscc}", "sk": HEADER}


def tracking_event(order_id: str, fulfillment: int, number: str, at: datetime, code: str) -> Key:
    """Return the key of one scan of a parcel, by its number as it is looked up. The keys of a parcel's scans have the
    order of their times."""
    return {"pk": ORDERS + order_id, "sk": f"{tracking_events(fulfillment)}{text(number)}#{time(at)}#{text(code)}"}


def tracking_events(fulfillment: int) -> str:
    """Return the beginning of the sort keys of the scans of a fulfillment's parcels."""
    return f"{TRACKING_EVENTS}{fulfillment:03d}#"


def billed_parcel(order_id: str, fulfillment: int, number: str) -> Key:
    """Return the key of what a carrier bills for a parcel, by its number as it is looked up."""
    return {"pk": ORDERS + order_id, "sk": f"{BILLED}{fulfillment:03d}#{text(number)}"}


def shipping_cost_place(due: datetime, order_id: str, fulfillment: int, number: str) -> Key:
    """Return the index key of a bill that differs: its place in the queue, the oldest first."""
    place = f"5#{time(due)}#{order_id}#{fulfillment:03d}#{text(number)}"
    return {"gsi3pk": queue_page("shipping-costs", shard(order_id)), "gsi3sk": place}


def tracking_standing(order_id: str, fulfillment: int) -> Key:
    """Return the key of the item that says what the scans of each parcel of a fulfillment say together."""
    return {"pk": ORDERS + order_id, "sk": f"{TRACKING_EVENTS}{fulfillment:03d}"}


def parcel_look(at: datetime, fulfillment_id: str) -> Key:
    """Return the index key of a parcel's row: its place among the parcels that the sweeper looks at, by the time for it."""
    return {"gsi3pk": queue_page("parcels", shard(fulfillment_id)), "gsi3sk": f"{time(at)}#{fulfillment_id}"}
