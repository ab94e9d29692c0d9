"""
Check the promise and the reservation that a draft names, and keep the reservation alive while the draft is claimed.

Stock is held by the reservation alone, and it is a soft one: it ends by itself after at most four hours.

Called by   functions/drafts/building.py, claiming.py, quoting.py
Raises      Invalid for a promise or reservation that does not exist, is not the caller's, has ended, or fits another draft

Few drafts name one of them, so the functions that need the code of reservations and promises import it.
"""

from contextlib import suppress
from datetime import datetime

from comanda.aws.api.callers import Caller
from comanda.domain import money
from comanda.domain.drafts.draft import Draft
from comanda.domain.drafts.steps import LEASE
from comanda.domain.errors import Invalid, NotFound, Problem
from functions.drafts import contract


def check(before: Draft | None, after: Draft, who: Caller, now: datetime) -> None:
    """Check the promise and the reservation that a change attaches."""
    if after.promise_id and (
        before is None or (after.promise_id, after.option_id) != (before.promise_id, before.option_id)
    ):
        _check_promise(after, after.promise_id, who, now)
    if after.reservation_id and (before is None or after.reservation_id != before.reservation_id):
        _check_reservation(after, after.reservation_id, who, now)


def _check_promise(draft: Draft, promise_id: str, who: Caller, now: datetime) -> None:
    from comanda.aws.routing import promises

    try:
        found = promises.load(promise_id, who.id, now)
    except NotFound as error:
        raise _wrong("/promise_id", "unknown-promise", str(error)) from error
    if found["channel"] != draft.channel:
        raise _wrong("/promise_id", "another-channel", f"was made for the channel {found['channel']}")
    if draft.option_id is not None and draft.option_id not in found["options"]:
        raise _wrong("/option_id", "unknown-option", f"{promise_id} has no option {draft.option_id}")


def shipping(given: contract.DraftFields, before: Draft | None, currency: str, who: Caller, now: datetime) -> int:
    """Return what the carriers of the promised option cost, in minor units of the draft's currency, for the charges of a
    request without an amount; 0 if there are none. Raises Invalid."""
    places = [f"/charges/{i}/amount" for i, charge in enumerate(given.charges or ()) if charge.amount is None]
    if not places:
        return 0
    new = "promise_id" in given.model_fields_set
    promise_id = given.promise_id if new else before.promise_id if before else None
    if not promise_id:
        message = "a charge without an amount is what the promised option costs: send promise_id too, or an amount"
        raise _wrong(places[0], "no-promise", message)
    from comanda.aws.routing import promises

    try:
        found = promises.load(promise_id, who.id if new else None, now)
    except NotFound as error:
        raise _wrong("/promise_id", "unknown-promise", str(error)) from error
    option_id = given.option_id if "option_id" in given.model_fields_set else before.option_id if before else None
    option = found["options"].get(option_id or found["recommended"])
    if option is None:
        raise _wrong("/option_id", "unknown-option", f"{promise_id} has no option {option_id}")
    if option["cost_micros"] and option["currency"] != currency:
        message = f"the carriers of the promised option are paid in {option['currency']}: send an amount"
        raise _wrong(places[0], "another-currency", message)
    micros = 10 ** (6 - money.digits(currency))
    return int((2 * option["cost_micros"] + micros) // (2 * micros))


def _check_reservation(draft: Draft, reservation_id: str, who: Caller, now: datetime) -> None:
    from comanda.aws.reservations import reservations
    from comanda.domain.reservations.reservations import (
        SOFT,
        ReservationEnded,
        ReservationExpired,
        ReservationPending,
        require_live,
    )

    try:
        found = reservations.load(reservation_id, None if who.office else who.id)
        require_live(found, now)
    except (NotFound, ReservationExpired, ReservationEnded, ReservationPending) as error:
        code = "unknown-reservation" if isinstance(error, NotFound) else error.code
        raise _wrong("/reservation_id", code, str(error)) from error
    if found.channel not in (None, draft.channel):
        raise _wrong("/reservation_id", "another-channel", f"keeps units for the channel {found.channel}")
    if found.kind != SOFT or found.expires is None:
        raise _wrong("/reservation_id", "hard-reservation", "has no end: a draft keeps units for four hours at most")


def keep_alive(draft: Draft, now: datetime) -> None:
    """Let the reservation of a claimed draft live until the claim ends. One that has ended stays so."""
    if draft.reservation_id is None or draft.claim_at(now) is None:
        return
    from comanda.aws.reservations import reservations
    from comanda.domain.reservations.reservations import (
        ReservationEnded,
        ReservationExpired,
        ReservationPending,
        expiry,
    )

    until = expiry(now, int(LEASE.total_seconds()))
    with suppress(NotFound, ReservationEnded, ReservationExpired, ReservationPending):
        found = reservations.load(draft.reservation_id)
        if found.expires is not None and found.expires < until:
            reservations.extend(draft.reservation_id, until, now)


def _wrong(pointer: str, code: str, message: str) -> Invalid:
    return Invalid(Problem(pointer=pointer, code=code, message=message))
