"""
Read the costs by which routes are weighed: one document for all routes, and one for each country with its own currency.

Called by   comanda.aws.routing.inputs; functions/price
Returns     Costs of the domain
"""

from collections.abc import Iterable
from typing import Any

from comanda.aws.directory.directory import BUILT_IN, ROUTING_COSTS, THE_POLICY, cached
from comanda.aws.dynamodb import keys, reads
from comanda.aws.dynamodb.items import unpack
from comanda.aws.runtime.settings import settings
from comanda.domain.routing.costs import Costs, Handling, Level


def costs(countries: Iterable[str] = ()) -> dict[str, Costs]:
    """Return the costs by country, each in its own currency. The key "" holds the costs of all other countries."""

    def read() -> dict[str, Costs]:
        # A batch, as for entries: the rooms that route have no right to GetItem.
        wanted = [keys.entry(ROUTING_COSTS, name) for name in (THE_POLICY, *own)]
        rows = reads.batch(settings.directory_table, wanted, consistent=False)
        found = {row["id"]: costs_of(row["id"], row["version"], unpack(row["doc"])) for row in rows}
        return {"": found.pop(THE_POLICY, costs_of(BUILT_IN, 1, {})), **found}

    own = sorted(set(countries))
    found: dict[str, Costs] = cached(ROUTING_COSTS, ",".join(own), read)
    return found


def costs_of(name: str, version: int, doc: dict[str, Any]) -> Costs:
    """Return the costs of a document. A field that it does not have keeps the default of `Costs`."""
    amounts = {name.removesuffix("_micros"): value for name, value in doc.items() if name.endswith("_micros")}
    work = {
        kind: Handling(per_package=cost["per_package_micros"], per_unit=cost["per_unit_micros"])
        for kind, cost in doc.get("handling", {}).items()
    }
    last, over = (
        {kind: Level(**level) for kind, level in doc.get(field, {}).items()} for field in ("last_units", "overstock")
    )
    return Costs(key=f"{name}@{version}", **amounts, handling=work, last_units=last, overstock=over)
