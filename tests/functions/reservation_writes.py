"""Take a reservation as an order's transaction does: with the changes of stock, and the write of the header."""

from collections.abc import Iterable
from datetime import datetime

from comanda.aws.dynamodb.transaction import Write
from comanda.aws.reservations import reservations
from comanda.domain.reservations.reservations import Take
from tests.domain.models import taking
from tests.domain.models.taking import Consumed


def consume(reservation_id: str, order_id: str, takes: Iterable[Take], now: datetime) -> tuple[Consumed, list[Write]]:
    found = reservations.follow(reservations.load(reservation_id), now)
    consumed = taking.consume(found, takes, now, order_id)
    return consumed, [reservations.given_write(found, order_id, now)]
