"""
Name why a tax service did not say a tax. Pure.

Called by   comanda.aws.taxes, comanda.aws.directory.tax_service, functions/taxes
Returns     values that rooms pass to each other
"""

from enum import StrEnum


class Failure(StrEnum):
    """The reasons for which there is no answer that could be used."""

    NO_ANSWER = "no-answer"  # none came in time
    BUSY = "busy"  # it asks for fewer requests
    SERVICE_FAILED = "service-failed"  # an error of its own
    NOT_ADMITTED = "not-admitted"  # it does not take our key
    NOT_CONNECTED = "not-connected"  # the stage has no account at it
    UNREADABLE = "unreadable"  # an answer that is not about what was asked, such as in another currency
    REFUSED = "refused"  # it cannot tax this: an address that does not exist, a code that it does not know


class TaxFailed(Exception):
    """A tax service did not say the tax. `failure` says why; `detail` is the service's code, "" without one."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(f"{failure} {detail}".strip())
        self.failure, self.detail = failure, detail
