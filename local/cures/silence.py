"""
Keep personal data out of the emulator's own log.

Called by   local/cures/__init__.py
"""

import inspect
import logging

from ministack.services import ses_v2

from local.cures.shape import expect

# The loggers whose lines of level INFO name receivers of mails, or people that sign in.
WITH_ADDRESSES = ("ses", "ses-v2", "cognito")


def addresses_are_not_logged() -> None:
    """Upstream logs the sender and the receivers of each mail. AWS keeps no log of them."""
    expect('"SESv2 SendEmail: MessageId=%s | %s -> %s%s"' in inspect.getsource(ses_v2), "mails are logged")
    expect(ses_v2.logger.name in WITH_ADDRESSES, "the logger of SES")
    for name in WITH_ADDRESSES:
        logging.getLogger(name).setLevel(logging.WARNING)
