"""
List every route of the public API and every page, the room that answers it, the scopes that admit an application, and the kinds of callers.

This file is long because it has a row for each route of the API, in one table.

Called by   infra, which makes the methods of the gateway; comanda.aws.api.callers, which checks the caller's kind; openapi;
            tests, which compare the table with the template and try each route with each kind of caller

This module is long because it is one table: each route has its row.
"""

from dataclasses import dataclass

# The kinds of callers: a kind of client (`CLIENT#` in Directory) or a role of a person (`USER#`).
CHANNEL = "channel"  # a shop, marketplace or POS: sees the orders of its own channels
FORM = "form"  # the order form of one channel: looks up what its page shows, and places orders; it reads none
PARTNER = "partner"  # a supplier, 3PL or drop-shipper: sees its own fulfillments and files
NODE = "node"  # a warehouse's or store's own system: sees the work of its nodes
ADMIN = "admin"  # the retailer's own back office: sees everything of this cell
STAFF = "staff"  # people: sales, call centre, planners
WORKER = "worker"  # people of a node
CARRIER = "carrier"  # a carrier: reports scans of its own parcels, and reads nothing of orders
MAILBOX = "mailbox"  # passes on the mails that come to the retailer, and reads nothing

EVERYONE = (CHANNEL, PARTNER, NODE, ADMIN, STAFF, WORKER)
SELLERS = (CHANNEL, ADMIN, STAFF)
WORKERS = (NODE, PARTNER, WORKER, ADMIN)
OFFICE = (ADMIN, STAFF)
APPLICATIONS = frozenset((CHANNEL, FORM, NODE, CARRIER))  # which hold types may name, and no person is
ITEM_WORKERS = (*WORKERS, STAFF)  # whoever answers items of queues
WORK_READERS = (*WORKERS, STAFF)  # staff read a node's work, and take no step of it


@dataclass(frozen=True, slots=True)
class Route:
    """One method of the API. Any one of `scopes` admits the application. A route without scopes is open and shows no data of
    a customer or a node; `OPEN` says what its callers prove instead.

    `query` are all filters that the route takes. A route with `pages` takes `limit` and `cursor`, too. Routes of one `step_of` differ
    in the last word of their paths alone, and the gateway has one method for all of them: an API of AWS has 300 paths.
    """

    method: str
    path: str
    room: str
    scopes: tuple[str, ...]
    who: tuple[str, ...]
    query: tuple[str, ...] = ()
    pages: bool = False
    step_of: str = ""

    @property
    def resource(self) -> str:
        """Return the path of the gateway's method, which events of the route name."""
        return f"{self.step_of}/{{step}}" if self.step_of else self.path

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return every query parameter that the route takes."""
        return (*self.query, *(("limit", "cursor") if self.pages else ()))


NODES_OWN = (*OFFICE, NODE, WORKER)  # a node's own system and people, and the retailer for them

_CREDIT = ("credit-accounts/redeem", "credit-accounts/write")
_ANSWERING = ("orders/write", "fulfillments/work")
_REPORTED_STEPS = (
    "deliver",
    "lose",
    "no-show",
    "collect",
)  # what carriers and customers did: the office may report it too
_FULFILLMENT_STEPS = (
    *("accept", "decline", "start-pick", "pick", "short-pick", "pack", "ship", "ready", "hand-over"),
    *("repack", "recall-agree", "recall-refuse", "hand-back"),
)

_WORK, _KEPT = "/v1/fulfillments/{fulfillment_id}", "/v1/reservations/{reservation_id}"
_WAVE = "/v1/pick-waves/{wave_id}"
_MONEY, _DEBTOR = "/v1/gift-cards/{account_id}", "/v1/credit-accounts/{credit_account_id}"

# The kinds of entries, and the kinds of callers that read them.
_KINDS = {
    **dict.fromkeys(("nodes", "products", "channels"), (*EVERYONE, FORM)),
    **dict.fromkeys(("partners", "calendars", "carriers", "cartons", "hold-types", "stock-policies"), EVERYONE),
    **dict.fromkeys(("rate-cards", "routing-costs"), OFFICE),  # the prices of carriers are the retailer's secret
    "cancel-reasons": SELLERS,  # whoever cancels
    "decline-reasons": EVERYONE,
    "modification-matrices": OFFICE,  # others ask what one order may take
    "price-lists": OFFICE,  # others ask for one price
    "case-terms": OFFICE,
    "tax-tables": OFFICE,  # others ask for the tax of a sale
    "legal-entities": OFFICE,
}

# What people may give is compared with prices and rates; legal entities stand on every invoice.
_WRITERS = dict.fromkeys(("price-lists", "tax-tables", "legal-entities"), (ADMIN,))

_FILTERS = {"products": ("prefix", "gtin", "q")}

_PEOPLE = (ADMIN, STAFF, WORKER, PARTNER)  # the kinds of a person's token; the doors refuse applications of these kinds

_WITH_SCOPES: tuple[Route, ...] = (
    Route("GET", "/v1/health", "intake", (), ()),
    Route("GET", "/v1/labels", "directory", (), (), query=("locale",)),
    Route("POST", "/v1/orders", "intake", ("orders/write",), (*SELLERS, FORM)),
    Route(
        "GET",
        "/v1/orders",
        "intake",
        ("orders/read",),
        SELLERS,
        query=("channel", "external_id", "customer_id", "day", "newest"),
        pages=True,
    ),
    Route("GET", "/v1/orders/{order_id}", "intake", ("orders/read",), SELLERS),
    Route(
        "GET",
        "/v1/orders/{order_id}/events",
        "intake",
        ("orders/read",),
        SELLERS,
        query=("locale", "newest"),
        pages=True,
    ),
    Route("GET", "/v1/orders/{order_id}/decisions", "intake", ("orders/read",), OFFICE, pages=True),
    Route(
        "GET",
        "/v1/orders/{order_id}/contact",
        "intake",
        ("customers/read", "fulfillments/work"),
        (*SELLERS, NODE, PARTNER, WORKER),
    ),
    Route("GET", "/v1/orders/{order_id}/allowed-changes", "intake", ("orders/read",), SELLERS, query=("locale",)),
    Route("GET", "/v1/customers", "customers", ("customers/read",), OFFICE, query=("email", "phone", "name")),
    Route("GET", "/v1/customers/{customer_id}", "customers", ("customers/read",), SELLERS, pages=True),
    Route("POST", "/v1/orders/{order_id}/changes", "intake", ("orders/write",), SELLERS),
    Route("POST", "/v1/orders/{order_id}/payments", "intake", ("orders/write",), SELLERS),
    Route("POST", "/v1/orders/{order_id}/payment-links", "intake", ("orders/write",), SELLERS),
    Route("POST", "/v1/orders/{order_id}/pending-change/withdraw", "intake", ("orders/write",), SELLERS),
    Route("GET", "/v1/customers/{customer_id}/export", "customers", ("customers/read",), OFFICE, pages=True),
    *(
        Route("POST", f"/v1/customers/{{customer_id}}/{verb}", "customers", ("customers/write",), OFFICE)
        for verb in ("merge", "unmerge")
    ),
    Route("DELETE", "/v1/customers/{customer_id}", "erase", ("customers/erase",), (ADMIN,)),
    Route(
        "GET", "/v1/audit", "customers", ("audit/read",), (ADMIN,), query=("person", "order", "customer"), pages=True
    ),
    Route("POST", "/v1/orders/{order_id}/confirm", "intake", ("orders/confirm",), OFFICE),
    Route("POST", "/v1/orders/{order_id}/reject", "intake", ("orders/confirm",), OFFICE),
    Route("POST", "/v1/orders/{order_id}/cancel", "intake", ("orders/write",), SELLERS),
    Route("POST", "/v1/orders/{order_id}/provide", "intake", ("orders/write",), SELLERS),
    Route("POST", "/v1/orders/{order_id}/recall", "intake", ("orders/write",), OFFICE),
    Route("POST", "/v1/orders/{order_id}/credit-notes", "credit", ("payments/write",), SELLERS),
    Route("POST", "/v1/orders/{order_id}/links", "customers", ("orders/write",), SELLERS),
    Route("POST", "/v1/orders/{order_id}/holds", "intake", ("orders/hold",), OFFICE),
    Route("POST", "/v1/orders/{order_id}/holds/{hold_id}/resolve", "intake", ("orders/hold",), OFFICE),
    Route("POST", "/v1/orders/{order_id}/cases", "cases", ("cases/write",), SELLERS),
    Route("POST", "/v1/cases", "cases", ("cases/write",), OFFICE),
    Route(
        "GET", "/v1/cases", "cases", ("cases/read",), SELLERS, query=("owner", "order_id", "customer_id"), pages=True
    ),
    Route("GET", "/v1/cases/{case_id}", "cases", ("cases/read",), SELLERS, pages=True),
    Route("POST", "/v1/cases/{case_id}/note", "cases", ("cases/write",), SELLERS),
    *(
        Route("POST", f"/v1/cases/{{case_id}}/{step}", "cases", ("cases/write",), OFFICE)
        for step in ("assign", "wait", "resume", "close", "reopen")
    ),
    Route("POST", "/v1/case-mails", "cases", ("cases/write",), (MAILBOX,)),
    # It finds what the caller may read by that thing's own route.
    Route("POST", "/v1/order-lookups", "customers", (), ()),
    Route("POST", "/v1/providers/stripe/events", "notices", (), ()),
    Route("GET", "/v1/find", "intake", ("orders/read", "fulfillments/read"), EVERYONE, query=("q",)),
    Route("GET", "/v1/queues", "intake", ("orders/read",), OFFICE, pages=True),
    # A node's own callers have the queues of its work, put-back, late-work and pay-outs, and its items there alone.
    Route(
        "GET",
        "/v1/queues/{queue}",
        "intake",
        ("orders/read", "fulfillments/work"),
        ITEM_WORKERS,
        query=("node_id", "order_id"),
        pages=True,
    ),
    # It has what the caller itself has claimed.
    Route("GET", "/v1/work", "intake", ("orders/read", "fulfillments/work"), ITEM_WORKERS, pages=True),
    Route("POST", "/v1/queues/{queue}/claim", "intake", _ANSWERING, ITEM_WORKERS),
    *(
        Route("POST", f"/v1/queues/{{queue}}/items/{{item_id}}/{verb}", "intake", _ANSWERING, ITEM_WORKERS)
        for verb in ("claim", "release", "resolve")
    ),
    # Confirm, reject and the resolution of holds need their own scopes here too.
    Route("POST", "/v1/queues/{queue}/resolve", "intake", (*_ANSWERING, "orders/confirm", "orders/hold"), ITEM_WORKERS),
    Route(
        "GET",
        "/v1/fulfillments",
        "fulfill",
        ("fulfillments/read",),
        WORK_READERS,
        query=("node_id", "status", "done"),
        pages=True,
    ),
    Route("GET", "/v1/fulfillments/{fulfillment_id}", "fulfill", ("fulfillments/read",), WORK_READERS),
    *(
        Route("POST", f"{_WORK}/{step}", "fulfill", ("fulfillments/work",), WORKERS, step_of=_WORK)
        for step in _FULFILLMENT_STEPS
    ),
    Route("GET", f"{_WORK}/scans", "fulfill", ("fulfillments/read",), WORK_READERS),
    *(Route("POST", f"{_WORK}/{scan}", "fulfill", ("fulfillments/work",), WORKERS) for scan in ("scans", "scans/undo")),
    *(
        Route("POST", f"/v1/fulfillments/{{fulfillment_id}}/{step}", "fulfill", _ANSWERING, ITEM_WORKERS)
        for step in _REPORTED_STEPS
    ),
    Route("GET", "/v1/fulfillments/{fulfillment_id}/cartons", "fulfill", ("fulfillments/read",), WORK_READERS),
    Route("POST", "/v1/pick-waves", "fulfill", ("fulfillments/work",), WORK_READERS),
    Route("GET", "/v1/pick-waves", "fulfill", ("fulfillments/read",), WORK_READERS, query=("node_id",), pages=True),
    Route("GET", f"{_WAVE}", "fulfill", ("fulfillments/read",), WORK_READERS),
    *(
        Route("POST", f"{_WAVE}/{step}", "fulfill", ("fulfillments/work",), WORK_READERS, step_of=_WAVE)
        for step in ("assign", "close")
    ),
    Route("POST", "/v1/tracking-events", "tracking", ("tracking/write",), (*OFFICE, PARTNER, CARRIER)),
    Route(
        "GET",
        "/v1/fulfillments/{fulfillment_id}/tracking",
        "tracking",
        ("fulfillments/read", "orders/read"),
        (*WORK_READERS, CHANNEL),
        pages=True,
    ),
    # It holds the contact, so the scopes are those of the contact.
    Route(
        "GET",
        "/v1/fulfillments/{fulfillment_id}/documents/{name}",
        "documents",
        ("customers/read", "fulfillments/work"),
        WORK_READERS,
    ),
    Route("GET", "/v1/fulfillments/{fulfillment_id}/pick-list", "documents", ("fulfillments/read",), WORK_READERS),
    Route("GET", "/v1/invoices/{invoice_id}", "documents", ("invoices/read",), SELLERS),
    *(
        Route("GET", f"/v1/invoices/{{invoice_id}}/{form}", "documents", ("invoices/read",), SELLERS)
        for form in ("pdf", "xml", "nfe")
    ),
    Route("POST", "/v1/invoices/{invoice_id}/nfe", "credit", ("invoices/write",), SELLERS),
    Route("GET", "/v1/credit-notes/{credit_note_id}", "documents", ("invoices/read",), SELLERS),
    *(
        Route("GET", f"/v1/credit-notes/{{credit_note_id}}/{form}", "documents", ("invoices/read",), SELLERS)
        for form in ("pdf", "xml", "nfe")
    ),
    Route("POST", "/v1/credit-notes/{credit_note_id}/nfe", "credit", ("invoices/write",), SELLERS),
    *(
        Route("GET", f"/v1/books/{name}", "books", ("books/read",), OFFICE, query=("channel", period))
        for name, period in (("trial-balance", "day"), ("trial-balance-file", "month"))
    ),
    *(
        Route("GET", f"/v1/books/{name}", "books", ("books/read",), OFFICE, query=("provider", "month"))
        for name in ("reconciliation", "reconciliation-file")
    ),
    *(
        Route(
            "GET", f"/v1/books/{name}", "books", ("books/read",), OFFICE, query=("legal_entity", "month", "day", *more)
        )
        for name, more in (("documents-file", ("cursor",)), ("taxes-file", ()))
    ),
    Route("POST", "/v1/gift-cards", "gift_cards", ("gift-cards/issue",), SELLERS),
    Route("POST", "/v1/gift-cards/balance", "gift_cards", ("gift-cards/redeem",), SELLERS),
    Route("GET", "/v1/gift-cards/{account_id}", "gift_cards", ("gift-cards/issue",), OFFICE, pages=True),
    Route("POST", "/v1/gift-cards/find", "gift_cards", ("gift-cards/issue",), OFFICE),
    *(
        Route("POST", f"{_MONEY}/{step}", "gift_cards", ("gift-cards/issue",), OFFICE, step_of=_MONEY)
        for step in ("freeze", "unfreeze", "expire")
    ),
    Route("POST", "/v1/store-credits", "gift_cards", ("gift-cards/issue",), SELLERS),
    Route("POST", "/v1/credit-accounts", "credit_accounts", ("credit-accounts/write",), OFFICE),
    Route(
        "GET",
        "/v1/credit-accounts",
        "credit_accounts",
        _CREDIT,
        SELLERS,
        query=("channel", "customer_id"),
        pages=True,
    ),
    Route(
        "GET",
        "/v1/credit-accounts/{credit_account_id}",
        "credit_accounts",
        _CREDIT,
        SELLERS,
        pages=True,
    ),
    Route(
        "GET",
        "/v1/credit-accounts/{credit_account_id}/statement-file",
        "credit_accounts",
        _CREDIT,
        SELLERS,
        query=("month",),
    ),
    Route(
        "POST",
        "/v1/credit-accounts/{credit_account_id}/payments",
        "credit_accounts",
        ("credit-accounts/write",),
        OFFICE,
    ),
    *(
        Route("POST", f"{_DEBTOR}/{step}", "credit_accounts", ("credit-accounts/write",), OFFICE, step_of=_DEBTOR)
        for step in ("payouts", "reversals")
    ),
    Route("GET", "/v1/stock/kpis", "stock", ("stock/read",), OFFICE, query=("month",)),
    Route("GET", "/v1/stock/{sku}", "stock", ("stock/read",), (*SELLERS, NODE, WORKER), query=("node_id",)),
    Route("POST", "/v1/reservations", "reserve", ("stock/reserve",), SELLERS),
    Route("GET", "/v1/reservations/{reservation_id}", "reserve", ("stock/reserve",), SELLERS),
    *(
        Route("POST", f"{_KEPT}/{verb}", "reserve", ("stock/reserve",), SELLERS, step_of=_KEPT)
        for verb in ("extend", "promote", "release")
    ),
    Route("POST", "/v1/drafts", "drafts", ("drafts/write",), SELLERS),
    # By e-mail, phone and name the office alone searches, with the scope customers/read too.
    Route(
        "GET",
        "/v1/drafts",
        "drafts",
        ("drafts/read",),
        SELLERS,
        query=("channel", "customer_id", "quote", "email", "phone", "name"),
        pages=True,
    ),
    Route("GET", "/v1/drafts/{draft_id}", "drafts", ("drafts/read",), SELLERS),
    Route("PATCH", "/v1/drafts/{draft_id}", "drafts", ("drafts/write",), SELLERS),
    Route("GET", "/v1/drafts/{draft_id}/contact", "drafts", ("customers/read",), SELLERS),
    Route("GET", "/v1/drafts/{draft_id}/events", "drafts", ("drafts/read",), SELLERS, query=("newest",), pages=True),
    *(
        Route("POST", f"/v1/drafts/{{draft_id}}/{step}", "drafts", ("drafts/write",), who)
        for step, who in (("claim", OFFICE), ("release", OFFICE), ("quote", SELLERS), ("abandon", SELLERS))
    ),
    Route("POST", "/v1/drafts/{draft_id}/confirm", "intake", ("orders/write",), SELLERS),
    Route("POST", "/v1/promises", "promise", ("promises/read",), (*SELLERS, FORM)),
    Route("POST", "/v1/availability", "availability", ("stock/read",), (*SELLERS, FORM, NODE, WORKER)),
    Route(
        "GET",
        "/v1/stock-alerts",
        "availability",
        ("stock/read",),
        (*OFFICE, NODE, WORKER),
        query=("kind", "node_id"),
        pages=True,
    ),
    Route("GET", "/v1/stock/{sku}/demand", "availability", ("stock/read",), OFFICE),
    Route(
        "GET",
        "/v1/stock/{sku}/movements",
        "stock",
        ("stock/read",),
        (*OFFICE, NODE, PARTNER, WORKER),
        query=("node_id", "month"),
        pages=True,
    ),
    Route("GET", "/v1/stock/supplies/{id}", "stock", ("stock/read",), (*OFFICE, NODE, PARTNER, WORKER)),
    Route("POST", "/v1/stock/adjustments", "stock", ("stock/write",), (ADMIN, NODE, WORKER)),
    Route("POST", "/v1/stock/snapshots", "stock", ("stock/write",), (ADMIN, NODE, PARTNER, WORKER)),
    Route("POST", "/v1/stock/supplies", "stock", ("stock/write",), (*OFFICE, NODE, PARTNER, WORKER)),
    *(
        Route("POST", f"/v1/stock/supplies/{{id}}/{verb}", "stock", ("stock/write",), (*OFFICE, NODE, PARTNER, WORKER))
        for verb in ("approve", "refuse")
    ),
    Route("POST", "/v1/stock/policies", "stock", ("stock/write",), OFFICE),
    *(
        route
        for kind, readers in _KINDS.items()
        for route in (
            Route(
                "GET",
                f"/v1/{kind}",
                "directory",
                ("directory/read",),
                readers,
                query=_FILTERS.get(kind, ("prefix",)),
                pages=True,
            ),
            Route("GET", f"/v1/{kind}/{{id}}", "directory", ("directory/read",), readers),
            Route("PUT", f"/v1/{kind}/{{id}}", "directory", ("directory/write",), _WRITERS.get(kind, OFFICE)),
        )
    ),
    Route(
        "GET", "/v1/price-lists/{id}/prices", "directory", ("directory/read",), OFFICE, query=("prefix",), pages=True
    ),
    Route(
        "GET",
        "/v1/list-prices",
        "directory",
        ("directory/read",),
        (*SELLERS, FORM),
        query=("channel", "currency", "sku", "day"),
    ),
    Route("POST", "/v1/tax-quotes", "directory", ("directory/read",), SELLERS),
    Route("POST", "/v1/hold-types/{id}/dry-run", "intake", ("orders/read",), OFFICE),
    Route("GET", "/v1/nodes/{id}/closures", "outages", ("directory/read",), NODES_OWN),
    Route("POST", "/v1/nodes/{id}/closures", "outages", ("nodes/write",), NODES_OWN),
    Route("POST", "/v1/nodes/{id}/closures/{closure_id}/end", "outages", ("nodes/write",), NODES_OWN),
    Route("GET", "/v1/nodes/{id}/capacity", "outages", ("directory/read",), NODES_OWN),
    Route("PUT", "/v1/nodes/{id}/capacity/{day}", "outages", ("nodes/write",), NODES_OWN),
    Route("GET", "/v1/nodes/{id}/locations", "stock", ("stock/read",), NODES_OWN, pages=True),
    Route("PUT", "/v1/nodes/{id}/locations", "stock", ("stock/write",), NODES_OWN),
    Route("GET", "/v1/rule-sets", "planning", ("directory/read",), OFFICE, pages=True),
    Route("GET", "/v1/rule-sets/{id}", "planning", ("directory/read",), OFFICE, query=("version",)),
    Route("PUT", "/v1/rule-sets/{id}", "planning", ("directory/write",), OFFICE),
    *(
        Route("POST", f"/v1/rule-sets/{{id}}/{verb}", "planning", ("directory/write",), OFFICE)
        for verb in ("activate", "retire", "shadow")
    ),
    Route("POST", "/v1/rule-sets/{id}/dry-run", "planning", ("orders/read",), OFFICE),
    Route("POST", "/v1/clients", "directory", ("clients/admin",), (ADMIN,)),
    Route("GET", "/v1/clients", "directory", ("clients/admin",), (ADMIN,), pages=True),
    Route("GET", "/v1/clients/{id}", "directory", ("clients/admin",), (ADMIN,)),
    Route("DELETE", "/v1/clients/{id}", "directory", ("clients/admin",), (ADMIN,)),
    Route("POST", "/v1/people", "people", ("people/admin",), (ADMIN,)),
    Route("GET", "/v1/people", "people", ("people/admin",), (ADMIN,), pages=True),
    Route("GET", "/v1/people/{person_id}", "people", ("people/admin",), (ADMIN,)),
    Route("PUT", "/v1/people/{person_id}", "people", ("people/admin",), (ADMIN,)),
    Route("DELETE", "/v1/people/{person_id}", "people", ("people/admin",), (ADMIN,)),
    Route("POST", "/v1/people/{person_id}/invite", "people", ("people/admin",), (ADMIN,)),
    Route("POST", "/v1/people/{person_id}/sign-out", "people", ("people/admin",), _PEOPLE),
    Route("POST", "/v1/devices", "people", ("people/admin",), (ADMIN, WORKER)),
    Route("GET", "/v1/devices", "people", ("people/admin",), (ADMIN, WORKER), query=("node_id",), pages=True),
    Route("DELETE", "/v1/devices/{device_id}", "people", ("people/admin",), (ADMIN, WORKER)),
    Route("POST", "/v1/badges", "people", ("people/admin",), _PEOPLE),
    Route("POST", "/v1/badges/open", "people", (), ()),
    Route("DELETE", "/v1/badges/{person_id}", "people", ("people/admin",), _PEOPLE),
    Route("POST", "/v1/badges/{person_id}/unlock", "people", ("people/admin",), (ADMIN,)),
)

# Whatever a token may do, its bearer may ask who they are here.
_ANY_SCOPE = tuple(sorted({scope for route in _WITH_SCOPES for scope in route.scopes}))

ROUTES: tuple[Route, ...] = (
    *_WITH_SCOPES,
    Route("GET", "/v1/me", "people", _ANY_SCOPE, (*EVERYONE, FORM, CARRIER, MAILBOX)),
    Route("PUT", "/v1/me/settings", "people", _ANY_SCOPE, _PEOPLE),
)

# The pages for people, which are no part of the API. A browser sends no token with them.
PAGES: tuple[Route, ...] = (
    Route("GET", "/o/{channel}", "order_form", (), (), query=("lang", "file", "confirm")),
    Route("POST", "/o/{channel}", "order_form", (), (), query=("lang",)),
    Route("GET", "/v1/s/{token}", "selfservice", (), (), query=("file",)),
    Route("POST", "/v1/s/{token}", "selfservice", (), ()),
    *(
        Route("GET", f"/v1/s/{{token}}/{papers}/{{number}}", "documents", (), (), query=("proof",))
        for papers in ("invoices", "credit-notes")
    ),
    *(
        Route(method, path, "console", (), ())
        for path in ("/console", "/console/{page+}")
        for method in ("GET", "POST")
    ),
)

# What the caller of each open route proves instead of a token, by path.
OPEN = {
    "/v1/health": "nothing: it answers what it is",
    "/v1/labels": "nothing: it answers words of this code",
    "/o/{channel}": "work before each order, within limits of each address",
    "/v1/s/{token}": "the signature of the link in the address, and the order's postal code before each act",
    **dict.fromkeys(
        ("/v1/s/{token}/invoices/{number}", "/v1/s/{token}/credit-notes/{number}"),
        "the signature of the link, and the proof that its page gave after the postal code",
    ),
    "/v1/order-lookups": "nothing: the answer is always the same, and a link goes to the e-mail of the order alone",
    "/v1/providers/stripe/events": "the signature of Stripe over the raw body, of the last five minutes",
    "/v1/badges/open": "the secret of an enrolled device, in the body",
    **dict.fromkeys(
        ("/console", "/console/{page+}"), "a session, which the room itself asks for before it shows anything"
    ),
}

ROUTES_BY_METHOD = {(route.method, path): route for route in ROUTES for path in (route.path, route.resource)}

# Words that stand in a path where another path has a sku. A product of this name would have no route.
NOT_SKUS = frozenset(
    word
    for route in ROUTES
    for word in route.path.removeprefix("/v1/stock/").split("/")[:1]
    if route.path.startswith("/v1/stock/") and not word.startswith("{")
)

SCOPES: tuple[str, ...] = tuple(sorted({scope for route in ROUTES for scope in route.scopes}))
