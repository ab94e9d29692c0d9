"""
Suggest cartons for a fulfillment, check the cartons that a node has packed, and give its packages their SSCC.

Called by   functions/fulfill/handler.py
Returns     the suggestion as JSON; the body of a step with the SSCC of each package
Raises      Invalid for a wrong carton, and for an SSCC that another package has
"""

from collections.abc import Mapping
from typing import Any, Protocol

from comanda.aws.directory import carriers, directory, sscc_serials
from comanda.aws.dynamodb import keys, list_pages
from comanda.aws.dynamodb.items import unpack
from comanda.aws.orders import ssccs
from comanda.domain import ids
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.node_work.work import Step, live_units
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.fulfillment import Fulfillment, Package
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.order import Order
from comanda.domain.shipping import packing
from comanda.domain.shipping.carriers import Carrier
from comanda.domain.shipping.cartons import Carton
from comanda.domain.shipping.packing import Goods, ListedCarton, PackedCarton, Tags
from comanda.domain.shipping.sscc import sscc
from functions.fulfill.contract import PackageIn
from functions.fulfill.rules import Rule

_LABELLED = ("pack", "repack")  # the steps that give packages their SSCC
_DECISIONS = 10  # of the order, the newest ones, that are searched for the carrier of the work
_ANY_CARTON = Carton(max_g=30_000)  # where no carrier is known: that of a service without limits of its own


class HasPackages(Protocol):
    """The body of a step that names packages."""

    packages: list[PackageIn]

    def model_copy(self, *, update: Mapping[str, Any]) -> Any: ...


def suggestion(order: Order, number: int) -> dict[str, Any]:
    """Return the cartons for the units that are still at the node."""
    fulfillment = order.fulfillment(number)
    carrier = _carrier(order, fulfillment) if fulfillment.method == SHIP else None
    service = carrier.services[fulfillment.service] if carrier else None
    listed = _all_cartons()
    found = packing.suggest(_goods(order, number), service.carton if service else _ANY_CARTON, listed.values())
    return {
        "fulfillment_id": ids.fulfillment(order.order_id, number),
        "carrier_id": carrier.carrier_id if carrier else None,
        "service": fulfillment.service,
        "cartons": [
            {
                "carton_id": one.carton.carton_id if one.carton else None,
                "count": one.count,
                "weight_g": one.grams,
                "inside_mm": list(one.carton.inside_mm) if one.carton else None,
                "tags": sorted(one.tags),
                "contents": [{"line_id": line_id, "quantity": units} for line_id, units in one.contents],
                "unknown_sizes": list(one.unknown_sizes),
            }
            for one in found
        ],
    }


def _goods(order: Order, number: int) -> list[Goods]:
    units = live_units(order, number)
    lines = [order.line(line_id) for line_id in units]
    known = directory.goods(line.sku for line in lines)
    tags = _tags(order, units)
    goods = []
    for line in lines:
        own = known[line.sku].dims_mm if line.sku in known else None
        dims = own or line.dims_mm  # as routing takes them
        weighs, needs = line.weight_g, tags[line.line_id]
        goods.append(Goods(line_id=line.line_id, units=units[line.line_id], grams=weighs, dims=dims, tags=needs))
    return goods


def _tags(order: Order, line_ids: Mapping[str, object]) -> dict[str, Tags]:
    """Return the tags that the goods of lines must have of their carton."""
    skus = {line_id: order.line(line_id).sku for line_id in line_ids}
    known = directory.entries(directory.PRODUCT, skus.values())
    return {line_id: frozenset(known.get(sku, {}).get("carton_requires") or ()) for line_id, sku in skus.items()}


def _carrier(order: Order, fulfillment: Fulfillment) -> Carrier | None:
    """Return the carrier with whose price the work was routed, else the first one by id with its service, None without any."""
    known = {one.carrier_id: one for one in carriers.carriers() if fulfillment.service in one.services}
    wanted = (fulfillment.node, fulfillment.service, fulfillment.destination)
    rows, _ = list_pages.children(order.order_id, keys.DECISIONS, "", _DECISIONS, newest=True)
    for row in rows:
        doc = unpack(row["doc"])
        for one in doc["fulfillments"]:
            if (one["node"], one["service"], doc.get("destination", 0)) == wanted and one.get("carrier") in known:
                return known[one["carrier"]]
    country = (directory.find(directory.NODE, fulfillment.node) or {}).get("country")
    return next((one for _, one in sorted(known.items()) if one.country == country), None)


def _all_cartons() -> dict[str, ListedCarton]:
    def read() -> dict[str, ListedCarton]:
        return _cartons(directory.names(directory.CARTON))

    found: dict[str, ListedCarton] = directory.cached("cartons", "*", read)
    return found


def _cartons(names: Any) -> dict[str, ListedCarton]:
    return {
        name: ListedCarton(
            carton_id=name,
            inside_mm=(doc["inside_mm"][0], doc["inside_mm"][1], doc["inside_mm"][2]),
            max_g=doc["max_g"],
            fill_percent=doc["fill_percent"],
            tags=frozenset(doc.get("tags") or ()),
        )
        for name, doc in directory.entries(directory.CARTON, names).items()
    }


def check(step: str, after: Order, number: int, given: HasPackages) -> None:
    """Raise Invalid for a package of the step that is in a wrong carton or too heavy. `after` is the order with the packages.

    Of packages that leave, only the carton's name is checked: what has left is not packed anew.
    """
    fulfillment = after.fulfillment(number)
    packages = {package.package_id: package for package in fulfillment.packages}
    pallets = {package.parent for package in fulfillment.packages}
    weights = {line.line_id: line.weight_g for line in after.lines}
    packed = []
    for i, one in enumerate(given.packages):
        if (package := packages.get(one.package_id)) is None:
            continue
        goods = sum(weights.get(line_id, 0) * units for line_id, units in package.contents)
        packed.append(
            PackedCarton(
                pointer=f"/packages/{i}",
                package_id=package.package_id,
                carton=package.carton,
                grams=max(package.weight_g, goods) if step in _LABELLED else 0,
                lines=tuple(dict(package.contents)) if step in _LABELLED else (),
                most_g=None if package.package_id in pallets else _heaviest(package, fulfillment.service),
            )
        )
    named = {one.carton for one in packed if one.carton}
    lines = {line_id: None for one in packed for line_id in one.lines}
    if wrong := packing.problems(packed, _cartons(named), _tags(after, lines)):
        raise Invalid(*wrong)


def _heaviest(package: Package, service: str) -> int | None:
    """Return the grams that the package's carrier takes, None for a carrier that is not in the directory."""
    doc = directory.find(directory.CARRIER, package.carrier) if package.carrier else None
    offers = {one["service"]: one["max_package_g"] for one in doc.get("services", ())} if doc else {}
    return offers.get(package.service, offers.get(service))


class Labels:
    """The SSCC of the packages of one request. A package gets one number, however often the step is decided."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._drawn: dict[str, str] = {}
        self._taken: set[str] = set()

    def labelled(self, rule: Rule) -> Rule:
        """Return the rule of a step that names packages, which get their SSCC once the rule and `check` have taken them."""

        def decide(order: Order, step: Step, given: HasPackages) -> Decision | None:
            decision = rule(order, step, given)
            if decision is not None:
                check(self._step, decision.order, step.number, given)
                decision = rule(order, step, self._added(order, step.number, given))
            return decision

        return decide

    def _added(self, order: Order, number: int, given: HasPackages) -> Any:
        """Return the body of the step with an SSCC of each package, and keep which order has which.

        Raises Invalid for one that a package of another order has.
        """
        fulfillment = order.fulfillment(number)
        has = {package.package_id: package.sscc for package in fulfillment.packages}
        node = directory.find(directory.NODE, fulfillment.node) or {}
        prefix = node.get("gs1_company_prefix") if self._step in _LABELLED else None
        labelled, wrong = [], []
        for i, package in enumerate(given.packages):
            known = has.get(package.package_id)
            if package.sscc and package.sscc != known and not self._take(order.order_id, package.sscc):
                message = f"a package of another order has the SSCC {package.sscc}"
                wrong.append(Problem(pointer=f"/packages/{i}/sscc", code="sscc-taken", message=message))
            code = package.sscc
            if prefix and not code and not known:
                code = self._draw(order.order_id, prefix, package.package_id)
            labelled.append(package.model_copy(update={"sscc": code}))
        if wrong:
            raise Invalid(*wrong)
        return given.model_copy(update={"packages": labelled})

    def _take(self, order_id: str, code: str) -> bool:
        if code not in self._taken and ssccs.take(order_id, code):
            self._taken.add(code)
        return code in self._taken

    def _draw(self, order_id: str, prefix: str, package_id: str) -> str:
        """Return the next SSCC that no package has: callers may have given ours to theirs."""
        while package_id not in self._drawn:
            code = sscc(prefix, sscc_serials.draw(prefix))
            if self._take(order_id, code):
                self._drawn[package_id] = code
        return self._drawn[package_id]
