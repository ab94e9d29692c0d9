"""
Fold the journals of all channels into their trial balances, and close the days that are over.

Called by   a schedule, every ten minutes, with {}
Returns     {"channels": how many, "journals": how many were read}
Raises      the last error, after every other channel was folded. Lambda tries the event again; repeating it is harmless
"""

from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.books import trial_balance
from comanda.aws.directory import directory
from comanda.aws.runtime import clock
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.room import room

logger = Logger()


@room
def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    now, read = clock.now(), 0

    def fold(channel: str) -> None:
        nonlocal read
        read += trial_balance.fold(channel, now)

    channels = directory.names(directory.CHANNEL)
    do_all(partial(fold, channel) for channel in channels)
    logger.info("folded", extra={"channels": len(channels), "journals": read})
    return {"channels": len(channels), "journals": read}
