"""
List every screen of the console: its path, the module that makes it, and whom it is for.

Called by   functions/console/handler.py; the tests, which try each screen with each role

To add a page: a row here, a module in `pages` with `show` (and `act` for its forms), a template (docs/how-to.md).
The roles and desks of a row decide what a person is offered. The API alone decides what the person may do.
"""

from dataclasses import dataclass
from urllib.parse import unquote

from comanda.aws.api.routes import ADMIN, PARTNER, STAFF, WORKER
from comanda.domain import text
from comanda.domain.people import LEAD
from functions.console.view import MenuItem, Person

EVERYONE = frozenset({STAFF, WORKER, PARTNER, ADMIN})
OFFICE = frozenset({STAFF, ADMIN})
ADMINS = frozenset({ADMIN})
AT_NODES = frozenset({WORKER, PARTNER, ADMIN})  # those who take steps of a node's work


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One screen. `{name}` in its path is one part of the address. Without `desks` it is for all people of its roles."""

    path: str
    module: str  # in functions/console/pages: `show` answers GET, and `act`, if it is there, POST
    title: str  # English; templates translate it
    roles: frozenset[str]
    desks: frozenset[str] = frozenset()
    menu: str = ""  # its name in the menu, English; "" for a screen that other screens lead to
    key: str = ""  # the letter that opens it after `g`

    def is_for(self, person: Person) -> bool:
        """Return True if the person is offered the screen. An admin has every desk."""
        if self.roles.isdisjoint(person.roles):
            return False
        return not self.desks or ADMIN in person.roles or not self.desks.isdisjoint(person.desks)


SCREENS: tuple[Screen, ...] = (
    Screen(path="", module="home", title="Home", roles=EVERYONE, menu="Home", key="h"),
    Screen(path="find", module="find", title="Find", roles=EVERYONE),
    Screen(path="orders", module="orders", title="Orders", roles=OFFICE, menu="Orders", key="o"),
    Screen(path="orders/{order_id}", module="order", title="Order", roles=OFFICE),
    Screen(path="orders/{order_id}/change", module="change", title="Change", roles=OFFICE),
    Screen(path="cases", module="cases", title="Cases", roles=OFFICE, menu="Cases", key="c"),
    Screen(path="cases/{case_id}", module="case", title="Case", roles=OFFICE),
    Screen(path="customers/{customer_id}", module="customer", title="Customer", roles=OFFICE),
    Screen(path="customers/{customer_id}/export", module="customer_export", title="Customer", roles=OFFICE),
    Screen(path="customers/{customer_id}/merge", module="customer_merge", title="Merge customers", roles=OFFICE),
    Screen(path="customers/{customer_id}/erase", module="customer_erase", title="Erase the customer", roles=ADMINS),
    Screen(path="me", module="me", title="Settings", roles=EVERYONE),
    Screen(path="orders/{order_id}/review", module="review", title="Review", roles=OFFICE),
    Screen(path="invoices/{invoice_id}", module="invoice", title="Invoice", roles=OFFICE),
    Screen(
        path="reconciliation",
        module="reconciliation",
        title="Reconciliation",
        roles=OFFICE,
        desks=frozenset({"finance"}),
        menu="Reconciliation",
        key="r",
    ),
    Screen(
        path="accounting-files",
        module="accounting_files",
        title="Accounting files",
        roles=OFFICE,
        desks=frozenset({"finance"}),
        menu="Accounting files",
        key="a",
    ),
    Screen(
        path="gift-cards",
        module="gift_cards",
        title="Gift cards",
        roles=OFFICE,
        desks=frozenset({"sales", "care", "finance"}),
        menu="Gift cards",
        key="t",
    ),
    Screen(path="gift-cards/{account_id}", module="gift_card", title="Gift card", roles=OFFICE),
    Screen(
        path="credit-accounts",
        module="credit_accounts",
        title="Credit accounts",
        roles=OFFICE,
        desks=frozenset({"finance"}),
        menu="Credit accounts",
        key="b",
    ),
    Screen(
        path="credit-accounts/{credit_account_id}",
        module="credit_account",
        title="Credit account",
        roles=OFFICE,
        desks=frozenset({"finance"}),
    ),
    Screen(path="credit-notes/{credit_note_id}", module="credit_note", title="Credit note", roles=OFFICE),
    Screen(path="queues/{queue}", module="queue", title="Queue", roles=OFFICE),
    Screen(path="scanner", module="scanner", title="Scanner", roles=EVERYONE),
    Screen(path="people", module="people", title="People", roles=ADMINS, menu="People", key="p"),
    Screen(path="people/new", module="invite", title="Invite a person", roles=ADMINS),
    Screen(path="people/{person_id}", module="person", title="Person", roles=ADMINS),
    Screen(path="nodes/{node}", module="node_day", title="Node", roles=EVERYONE),
    Screen(path="nodes/{node}/put-back", module="node_queue", title="Put back", roles=AT_NODES),
    Screen(path="nodes/{node}/late-work", module="node_queue", title="Late work", roles=AT_NODES),
    Screen(path="nodes/{node}/pay-outs", module="node_queue", title="Money to pay out", roles=AT_NODES),
    Screen(path="nodes/{node}/offers", module="node_offers", title="Offers", roles=AT_NODES),
    Screen(path="nodes/{node}/pick/{fulfillment}", module="node_pick", title="Pick", roles=AT_NODES),
    Screen(
        path="devices",
        module="devices",
        title="Devices",
        roles=frozenset({WORKER, ADMIN}),
        desks=frozenset({LEAD}),
        menu="Devices",
        key="d",
    ),
    Screen(path="badge", module="badge", title="Your badge", roles=EVERYONE),
    Screen(path="nodes/{node}/pack/{fulfillment}", module="node_pack", title="Pack", roles=AT_NODES),
    Screen(path="nodes/{node}/back/{fulfillment}", module="node_back", title="Give back", roles=AT_NODES),
    Screen(path="nodes/{node}/slip/{fulfillment}", module="node_slip", title="Packing slip", roles=AT_NODES),
    Screen(path="nodes/{node}/ship", module="node_shipping", title="Ship", roles=AT_NODES),
    Screen(path="nodes/{node}/ship/{fulfillment}", module="node_ship", title="Ship", roles=AT_NODES),
    Screen(path="nodes/{node}/counter", module="node_counter", title="Counter", roles=AT_NODES),
    Screen(path="nodes/{node}/counter/{fulfillment}", module="node_hand_over", title="Hand over", roles=AT_NODES),
    Screen(path="kit", module="kit", title="Page kit", roles=EVERYONE),
    Screen(path="kit/parts", module="kit_parts", title="Page kit", roles=EVERYONE),
)


def find(path: str) -> tuple[Screen, dict[str, str]] | None:
    """Return the screen of a path below `/console` with the named parts of the path; None if no screen has it."""
    parts = path.split("/")
    for screen in SCREENS:
        pattern = screen.path.split("/")
        if len(pattern) == len(parts) and (values := _match(pattern, parts)) is not None:
            return screen, values
    return None


def leads(person: Person, path: str) -> bool:
    """Return True if the path is a screen that the person is offered: a link to it is shown, and else only the words."""
    found = find(path.partition("?")[0])
    return found is not None and found[0].is_for(person)


def _match(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    """Return the named parts, or None if the path is another one, or a named part can be no id."""
    values: dict[str, str] = {}
    for wanted, given in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            value = unquote(given)
            if not text.is_text(value) or not text.ID.fits(value):
                return None
            values[wanted.strip("{}")] = value
        elif wanted != given:
            return None
    return values


def menu(person: Person, path: str) -> tuple[MenuItem, ...]:
    """Return the person's menu. The item of the path, or of a page above it, is the current one."""
    mine = [screen for screen in SCREENS if screen.menu and screen.is_for(person)]
    above = [
        screen.path for screen in mine if screen.path == path or (screen.path and path.startswith(screen.path + "/"))
    ]
    current = max(above, key=len, default=None)
    return tuple(
        MenuItem(path=screen.path, label_key=screen.menu, current=screen.path == current, key=screen.key)
        for screen in mine
    )
