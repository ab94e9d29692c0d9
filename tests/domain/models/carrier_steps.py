"""Let carriers scan the parcels of an order, in any order and twice, in the model of an order's life."""

from dataclasses import replace
from datetime import timedelta

from comanda.domain.lifecycle.parcels import track
from comanda.domain.lifecycle.parcels.track import Parcel
from comanda.domain.orders.status import Status
from comanda.domain.shipping.tracking import Standing, TrackingEvent, TrackingStatus
from tests.domain.models.books import Books, action

OVERDUE_DAYS = 1


class CarrierSteps(Books):
    """The books, and the carriers of parcels. `standings` is what each parcel's scans say, by fulfillment and name."""

    @action(2)
    def scan(self) -> None:
        """Report a scan of a parcel, of a time before or after other scans, with any status."""
        parcel = self._some_parcel()
        if parcel is None:
            return
        at = self.now - timedelta(minutes=self.choose.one((0, 0, 20, 3_000)))
        status = self.choose.one((*TrackingStatus, TrackingStatus.DELIVERED, None))
        standings = self.standings.setdefault(parcel.number, {})
        before = standings.get(parcel.name, Standing())
        standings[parcel.name] = before.with_event(TrackingEvent(occurred_at=at, code="X1", status=status))
        arrived, lost = self._units(Status.DELIVERED), self._units(Status.LOST)
        found = track.follow(parcel, before, standings, "carrier", self.now)
        if found.decision is None:
            self.tasks -= set(found.over)
        else:
            self._save(found.decision)
        assert self._units(Status.DELIVERED) >= arrived, "no scan takes a unit back from the customer"
        assert self._units(Status.LOST) <= lost, "no scan loses a unit"
        assert track.follow(parcel, standings[parcel.name], standings, "carrier", self.now).over == ()

    @action()
    def miss_parcel(self) -> None:
        """Look at a parcel that may be late, as the sweeper does every day."""
        parcel = self._some_parcel()
        if parcel is None:
            return
        standings = self.standings.setdefault(parcel.number, {})
        look = track.check_lateness(parcel, standings, self.choose.one((None, OVERDUE_DAYS)), self.now)
        if look.decision is not None:
            self._save(look.decision)
        if look.overdue:
            assert parcel.late_item in self.tasks
            standings[parcel.name] = replace(standings.get(parcel.name, Standing()), overdue=True)
        assert look.again is None or look.again > self.now

    def _some_parcel(self) -> Parcel | None:
        found = [parcel for f in self.order.fulfillments for parcel in track.parcels(self.order, f.number).values()]
        return self.choose.one(found) if found else None

    def _units(self, status: Status) -> int:
        return self.order.quantities().get(status, 0)
