"""Spell the keys of pick waves, in the Orders table."""

from datetime import datetime

from comanda.aws.dynamodb.keys.orders import ORDERS
from comanda.aws.dynamodb.keys.queues import node_page
from comanda.aws.dynamodb.keys.spelling import HEADER, Key, time


def pick_wave(wave_id: str) -> Key:
    return {"pk": f"PW#{wave_id}", "sk": HEADER}


def pick_session(order_id: str, number: int) -> Key:
    """Return the key of what was scanned of a fulfillment that is being picked."""
    return {"pk": ORDERS + order_id, "sk": f"PS#{number:03d}"}


def wave_claim(order_id: str, number: int) -> Key:
    """Return the key of the row that says in which wave a fulfillment is."""
    return {"pk": ORDERS + order_id, "sk": f"PW#{number:03d}"}


def open_wave(node: str, ship_by: datetime, wave_id: str) -> Key:
    """Return the index key of an open wave: its place in its node's list, the most urgent first."""
    return {"gsi3pk": open_waves(node), "gsi3sk": f"{time(ship_by)}#{wave_id}"}


def open_waves(node: str) -> str:
    return node_page(node, "waves", 0)
