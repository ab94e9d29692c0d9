"""
Find the caller of a request and the caller's rights: the claims of the token, looked up in Directory.

Called by   the rooms with doors
Raises      Forbidden for a caller that Directory does not have; SignedOut for a sign-in that was ended; NotFound for an order or a node that is not the caller's
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from comanda.aws.api.routes import ADMIN, CHANNEL, FORM, NODE, PARTNER, ROUTES_BY_METHOD, SCOPES, STAFF, WORKER
from comanda.aws.directory import directory
from comanda.domain import errors, ids
from comanda.domain.errors import NotFound

if TYPE_CHECKING:  # a room without orders need not load their code
    from comanda.domain.orders.fulfillment import Fulfillment
    from comanda.domain.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The client or person that calls, with its kinds (see `comanda.aws.api.routes`), channels, nodes and partner."""

    id: str
    kinds: frozenset[str]
    channels: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    partner: str | None = None
    carrier: str | None = None  # of a client of kind carrier: the id of its entry in the directory
    desks: frozenset[str] = frozenset()  # of a person: see `comanda.domain.people`
    scopes: frozenset[str] = frozenset(SCOPES)
    person: bool = False  # False: the caller is a client
    limits: Mapping[str, Any] = field(default_factory=dict)  # of what a person may give a customer

    @property
    def office(self) -> bool:
        """Return True for the retailer's own staff and back office, which see everything of this cell."""
        return not self.kinds.isdisjoint((ADMIN, STAFF))

    def sees_channel(self, channel: str) -> bool:
        return self.office or (not self.kinds.isdisjoint((CHANNEL, FORM)) and channel in self.channels)

    def sees_case_of(self, channel: str | None) -> bool:
        """Return whether a case is the caller's. `channel` is that of its order, None for a case without an order."""
        return self.office or (channel is not None and self.sees_channel(channel))

    def sees_node(self, node: str, partner: str | None) -> bool:
        """Return whether the node is the caller's. `partner` is the partner that the node's entry names."""
        works = not self.kinds.isdisjoint((NODE, WORKER)) and node in self.nodes
        return self.office or works or self._is_partner(node, partner)

    def _is_partner(self, node: str, partner: str | None) -> bool:
        return PARTNER in self.kinds and (node in self.nodes or (partner is not None and partner == self.partner))

    def sees_fulfillment(self, fulfillment: "Fulfillment") -> bool:
        return self.sees_node(fulfillment.node, fulfillment.partner)

    def require_order(self, order: "Order") -> "Order":
        """Return the order if it is the caller's. Raises NotFound otherwise, as if there were no such order."""
        if not self.sees_channel(order.channel):
            raise NotFound("order", order.order_id)
        return order

    def require_fulfillment(self, order: "Order", number: int) -> "Fulfillment":
        """Return the fulfillment if it is the caller's. Raises NotFound otherwise, as if there were no such fulfillment."""
        for fulfillment in order.fulfillments:
            if fulfillment.number == number and self.sees_fulfillment(fulfillment):
                return fulfillment
        raise NotFound("fulfillment", ids.fulfillment(order.order_id, number))


def caller(event: dict[str, Any]) -> Caller:
    """Return the caller of the request, from the token's claims and Directory.

    Raises Forbidden when Directory does not have the caller, or the route is not for the caller's kind; SignedOut when the
    token is of a sign-in that was ended.
    """
    claims = (event["requestContext"].get("authorizer") or {}).get("claims") or {}
    person = "username" in claims or "cognito:username" in claims
    name = claims.get("sub" if person else "client_id", "")
    row = directory.caller_row("user" if person else "client", name) if name else None
    if row is None or "removed_at" in row:
        raise errors.Forbidden("this client has no rights here")
    if person:
        _require_sign_in(row, claims)
    kinds = frozenset(row.get("roles") or [row.get("kind", "")])
    route = ROUTES_BY_METHOD.get((event["httpMethod"], event["resource"]))
    if route is None or kinds.isdisjoint(route.who):
        raise errors.Forbidden(f"{event['httpMethod']} {event['resource']} is not for {', '.join(sorted(kinds))}")
    return replace(of_row(name, row), scopes=_scopes(row, claims), person=person)


def of_row(name: str, row: Mapping[str, Any]) -> Caller:
    """Return the client or person of a row of Directory, with every scope."""
    return Caller(
        id=name,
        kinds=frozenset(row.get("roles") or [row.get("kind", "")]),
        channels=frozenset(row.get("channels", ())),
        nodes=directory.nodes_of(row.get("partner"), row.get("nodes", ())),
        partner=row.get("partner"),
        carrier=row.get("carrier"),
        desks=frozenset(row.get("desks", ())),
        limits=row.get("limits") or {},
    )


def _require_sign_in(row: dict[str, Any], claims: dict[str, Any]) -> None:
    """Raise SignedOut for a token of a sign-in before the person was signed out everywhere.

    Cognito ends the refresh tokens, but an access token that was issued before would live on until its end.
    """
    ended, began = row.get("signed_out_at"), str(claims.get("auth_time", ""))
    if ended is not None and not (began.isdecimal() and int(began) > ended):
        raise errors.SignedOut("this person was signed out: sign in again")


def _scopes(row: dict[str, Any], claims: dict[str, Any]) -> frozenset[str]:
    """Return the scopes of the application that are in its row and in its token. The first client of a stage, whose row
    is written by hand, and people have none in their rows: they may do what their token says."""
    of_row, of_token = row.get("scopes", SCOPES), claims.get("scope")
    return frozenset(of_row) & frozenset(of_row if of_token is None else str(of_token).split())
