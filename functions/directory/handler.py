"""
Store and show the entries of the directory. They are nodes, products, partners, channels, calendars, carriers, their rate
cards, cartons, the costs of routing, hold types, the stock policy, the modification matrix, reasons of cancels and declines, price lists, tax tables, legal entities,
the terms of cases, and the clients of the API. Answer the tax of a sale.

This file is long because each kind of entry has the same routes, one by one.

Called by   API Gateway: GET /v1/<kind>, GET|PUT /v1/<kind>/{id} of the kinds below, GET /v1/price-lists/{id}/prices, GET /v1/list-prices, POST /v1/tax-quotes,
            POST|GET|DELETE /v1/clients, GET /v1/labels; the stream of the Directory table, when an entry of a pack has changed; people with {"rebuild": true} or {"rebuild": "products"}
Returns     the entry with its version; a client's secret with the answer to its POST only, a form's with none; nothing to the stream
Raises      Invalid, NotFound, PreconditionFailed, InProgress as problems; StaleEntry, StalePack (Busy)
"""

import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import app_clients, form_clients, idempotency
from comanda.aws.api.callers import caller
from comanda.aws.api.contracts import Contract
from comanda.aws.api.http import Answer, check_size, door, if_match, path_parameter, read, respond, serve
from comanda.aws.api.resolver import Response
from comanda.aws.api.routes import FORM, NOT_SKUS
from comanda.aws.directory import directory, number_prefixes, packs, product_index, writer
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain import text
from comanda.domain.errors import Forbidden, Invalid, NotAllowed, NotFound, Problem
from functions.directory import (
    cancel_reasons,
    carriers,
    carton_contract,
    checks,
    contract,
    costs,
    decline_reasons,
    label_list,
    legal_entity_contract,
    listing,
    matrix_contract,
    price_list_contract,
    product_search,
    region_codes,
    rules,
    tax_contract,
    visibility,
)

logger = Logger()
app = door()

# The kind of entry of each path, by the path's second word.
KINDS = {
    "nodes": directory.NODE,
    "products": directory.PRODUCT,
    "partners": directory.PARTNER,
    "channels": directory.CHANNEL,
    "calendars": directory.CALENDAR,
    "hold-types": directory.HOLD_TYPE,
    "stock-policies": directory.STOCK_POLICY,
    "carriers": directory.CARRIER,
    "cartons": directory.CARTON,
    "rate-cards": directory.RATE_CARD,
    "routing-costs": directory.ROUTING_COSTS,
    "modification-matrices": directory.MODIFICATION_MATRIX,
    "cancel-reasons": directory.CANCEL_REASON,
    "decline-reasons": directory.DECLINE_REASON,
    "price-lists": directory.PRICE_LIST,
    "case-terms": directory.CASE_TERMS,
    "tax-tables": directory.TAX_TABLE,
    "legal-entities": directory.LEGAL_ENTITY,
}


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:
    if event.get("rebuild") == "products":
        return product_search.rebuild(event.get("after") or "", context)
    if "Records" in event or "rebuild" in event:
        packed = packs.rebuild_all({kind: _changed(event, kind) for kind in (*directory.PACKS, directory.RATE_CARD)})
        logger.info("packed", extra=packed)
        return None
    return serve(app, event, context)


def _changed(event: dict[str, Any], kind: str) -> list[str]:
    """Return the ids of the entries of a kind among the records. A record of a calendar names none; it rebuilds as well."""
    images = [record["dynamodb"].get("NewImage") or {} for record in event.get("Records", ())]
    return [image["id"]["S"] for image in images if image.get("pk", {}).get("S", "").startswith(f"{kind}#")]


@app.get("/v1/price-lists/.+/prices")  # before the route of a list, which would take this path, too
def get_prices() -> Response[str]:
    from functions.directory import price_lists

    return price_lists.list_prices(app.current_event.raw_event)


@app.get("/v1/list-prices")
def get_price_in_force() -> Response[str]:
    from functions.directory import price_lists

    return price_lists.price_in_force(app.current_event.raw_event)


@app.post("/v1/tax-quotes")
def quote_taxes() -> Response[str]:
    from functions.directory import tax_quotes

    return tax_quotes.quote(app.current_event.raw_event)


# A path ends with `.+` instead of <id>, because a sku may have characters that Powertools does not take in a part of a path.
@app.get("/v1/nodes/.+")
@app.get("/v1/products/.+")
@app.get("/v1/partners/.+")
@app.get("/v1/channels/.+")
@app.get("/v1/calendars/.+")
@app.get("/v1/hold-types/.+")
@app.get("/v1/stock-policies/.+")
@app.get("/v1/carriers/.+")
@app.get("/v1/cartons/.+")
@app.get("/v1/rate-cards/.+")
@app.get("/v1/routing-costs/.+")
@app.get("/v1/modification-matrices/.+")
@app.get("/v1/cancel-reasons/.+")
@app.get("/v1/decline-reasons/.+")
@app.get("/v1/price-lists/.+")
@app.get("/v1/case-terms/.+")
@app.get("/v1/tax-tables/.+")
@app.get("/v1/legal-entities/.+")
def get_entry() -> Response[str]:
    event = app.current_event.raw_event
    who, (path, name) = caller(event), _path_and_name(event)
    found = listing.read_all(KINDS[path], [name]).get(name) if visibility.is_visible(who, path, name) else None
    if found is None:
        raise NotFound(path, name)
    return respond(_answer(found, visibility.shown(who, path, found.doc), 200))


@app.put("/v1/nodes/.+")
@app.put("/v1/products/.+")
@app.put("/v1/partners/.+")
@app.put("/v1/channels/.+")
@app.put("/v1/calendars/.+")
@app.put("/v1/hold-types/.+")
@app.put("/v1/stock-policies/.+")
@app.put("/v1/carriers/.+")
@app.put("/v1/cartons/.+")
@app.put("/v1/rate-cards/.+")
@app.put("/v1/routing-costs/.+")
@app.put("/v1/modification-matrices/.+")
@app.put("/v1/cancel-reasons/.+")
@app.put("/v1/decline-reasons/.+")
@app.put("/v1/case-terms/.+")
@app.put("/v1/tax-tables/.+")
@app.put("/v1/legal-entities/.+")
def put_entry() -> Response[str]:
    event = app.current_event.raw_event
    who, (path, name) = caller(event), _path_and_name(event)
    _check_name(path, name)
    doc = contract.document(read(event, MODELS[path]))
    check_size(doc)
    doc, problems = region_codes.with_region_codes(path, doc)
    problems += checks.CHECKS[path](name, doc) if path in checks.CHECKS else []
    if problems:
        raise Invalid(*problems)
    expected = if_match(event, required=False)
    index = product_index.index_rows(name, doc) if path == "products" else ()
    also = number_prefixes.claims(name, doc) if path == "legal-entities" else ()
    entry, changed = writer.put(
        KINDS[path], name, doc, expected=expected, by=who.id, now=clock.now(), also=also, index=index
    )
    return _stored(path, entry, changed)


@app.put("/v1/price-lists/.+")
def put_price_list() -> Response[str]:
    from functions.directory import price_lists

    path, name = _path_and_name(app.current_event.raw_event)
    _check_name(path, name)
    return _stored(path, *price_lists.put(app.current_event.raw_event, name))


def _stored(path: str, entry: writer.Entry, changed: bool) -> Response[str]:
    if changed:
        logger.info("put", extra={"kind": path, "id": entry.id, "version": entry.version})
    return respond(_answer(entry, entry.doc, 201 if changed and entry.version == 1 else 200))


@app.get("/v1/nodes")
@app.get("/v1/products")
@app.get("/v1/partners")
@app.get("/v1/channels")
@app.get("/v1/calendars")
@app.get("/v1/hold-types")
@app.get("/v1/stock-policies")
@app.get("/v1/carriers")
@app.get("/v1/cartons")
@app.get("/v1/rate-cards")
@app.get("/v1/routing-costs")
@app.get("/v1/modification-matrices")
@app.get("/v1/cancel-reasons")
@app.get("/v1/decline-reasons")
@app.get("/v1/price-lists")
@app.get("/v1/case-terms")
@app.get("/v1/tax-tables")
@app.get("/v1/legal-entities")
def list_entries() -> Response[str]:
    event = app.current_event.raw_event
    path = event["resource"].split("/")[2]
    return listing.list_entries(event, path, KINDS[path])


@app.get("/v1/labels")
def get_labels() -> Response[str]:
    return label_list.labels_of(app.current_event.raw_event)


@app.get("/v1/clients")
def list_clients() -> Response[str]:
    return listing.list_clients(app.current_event.raw_event)


@app.post("/v1/clients")
def post_client() -> Response[str]:
    event = app.current_event.raw_event
    who, wanted = caller(event), read(event, contract.Client)
    rights = contract.document(wanted)
    scopes = sorted(rights.pop("scopes"))
    rights = {name: value for name, value in rights.items() if value}
    problems = [*rules.rights_of_another_kind(wanted.kind, rights, wanted.scopes), *_unknown_names(rights)]
    if problems:
        raise Invalid(*problems)
    if problems := rules.scopes_beyond(who.scopes, wanted.scopes):
        raise Forbidden("a client gives no scope that it does not have itself", *problems)
    with idempotency.begin(event, who, settings.directory_table, clock.now()) as request:
        app_clients.register(request, rights, scopes, "/v1/clients/{client_id}", _keep_for_form(rights))
    response = request.response()
    # The answer that is kept for repetitions has no secret, because only Cognito keeps that.
    answer = json.loads(response.body or "{}")
    logger.info("client", extra={"client": answer["client_id"], "kind": wanted.kind})
    if wanted.kind != FORM:
        answer["client_secret"] = app_clients.secret(answer["client_id"])
    response.body = json.dumps(answer)
    return response


def _keep_for_form(rights: dict[str, Any]) -> Callable[[str], None]:
    """Return what to do with a new client: the order form gets the secret of a client of its kind, and no answer shows it."""

    def keep(client_id: str) -> None:
        if rights["kind"] == FORM:
            form_clients.keep(rights["channels"][0], client_id, app_clients.secret(client_id))

    return keep


@app.get("/v1/clients/<client_id>")
def get_client(client_id: str) -> Response[str]:
    caller(app.current_event.raw_event)
    return respond(Answer(status=200, body={"client_id": client_id, **app_clients.rights(client_id)}))


@app.delete("/v1/clients/<client_id>")
def delete_client(client_id: str) -> Response[str]:
    who = caller(app.current_event.raw_event)
    if client_id == who.id:
        raise NotAllowed("a client does not delete itself")
    rights = app_clients.rights(client_id)
    if rights["kind"] == FORM:
        form_clients.forget(rights["channels"][0], client_id)
    app_clients.remove(client_id)
    logger.info("client removed", extra={"client": client_id})
    return Response(status_code=204, body="")


def _path_and_name(event: dict[str, Any]) -> tuple[str, str]:
    """Return the kind's word in the path, and the entry's name."""
    return event["resource"].split("/")[2], path_parameter(event, "id")


def _check_name(path: str, name: str) -> None:
    """Raise Invalid if an entry of this kind cannot have this name."""
    if path == "stock-policies":
        fits, wanted = name == directory.THE_POLICY, f"takes {directory.THE_POLICY}: there is one for all stock"
    elif path == "modification-matrices":
        fits, wanted = name == directory.THE_POLICY, f"takes {directory.THE_POLICY}: there is one for all channels"
    elif path == "case-terms":
        fits, wanted = (
            name == directory.THE_POLICY,
            f"takes {directory.THE_POLICY}: there is one for all kinds of cases",
        )
    elif path == "routing-costs":
        wanted = f"takes {directory.THE_POLICY}, or the two letters of a country that has its own"
        fits = name == directory.THE_POLICY or (len(name) == 2 and name.isascii() and name.isupper())
    else:
        kind = text.SKU if path == "products" else text.ID
        # Browsers and most clients take the steps . and .. out of a path before they send it.
        fits, wanted = (
            kind.fits(name) and name not in (".", ".."),
            f"takes {kind.says}, and is no step of a path (. or ..)",
        )
    if not fits:
        raise Invalid(Problem(pointer="/id", code="malformed-id", message=f"the id in the path {wanted}"))
    if path == "products" and name in NOT_SKUS:
        message = f"{name} is a word of paths under /v1/stock: no stock of such a sku could be asked about"
        raise Invalid(Problem(pointer="/id", code="reserved-sku", message=message))


def _answer(entry: writer.Entry, doc: dict[str, Any], status: int) -> Answer:
    return Answer(
        status=status,
        body={"id": entry.id, "version": entry.version, **doc},
        headers={"ETag": f'"v{entry.version}"'},
    )


def _unknown_names(rights: dict[str, Any]) -> list[Problem]:
    """Return a problem for each channel, node, partner and carrier of a client's rights that does not exist."""
    channels, nodes = rights.get("channels", []), rights.get("nodes", [])
    return [
        *rules.missing("/channels", channels, writer.read_all(directory.CHANNEL, channels), "channel"),
        *rules.missing("/nodes", nodes, writer.read_all(directory.NODE, nodes), "node"),
        *checks.unknown_partner("/partner", rights.get("partner")),
        *checks.unknown_carrier("/carrier", rights.get("carrier")),
    ]


MODELS: dict[str, type[Contract]] = {
    "nodes": contract.Node,
    "products": contract.Product,
    "partners": contract.Partner,
    "channels": contract.Channel,
    "calendars": contract.Calendar,
    "hold-types": contract.HoldType,
    "stock-policies": contract.StockPolicy,
    "carriers": carriers.Carrier,
    "cartons": carton_contract.ListedCarton,
    "rate-cards": costs.RateCard,
    "routing-costs": costs.RoutingCosts,
    "modification-matrices": matrix_contract.ModificationMatrix,
    "cancel-reasons": cancel_reasons.CancelReason,
    "decline-reasons": decline_reasons.DeclineReason,
    "price-lists": price_list_contract.PriceList,
    "case-terms": contract.CaseTerms,
    "tax-tables": tax_contract.TaxTable,
    "legal-entities": legal_entity_contract.LegalEntity,
}
