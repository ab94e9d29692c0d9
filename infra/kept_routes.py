"""
List the paths and methods of the API that are resources of the gateway's own stack. All others are in the stack that is nested in it.

These are the routes of the day when that stack was split (docs/decisions/0055-later-routes-are-made-in-a-nested-stack.md).
CloudFormation makes what is new before it deletes what is old, and an API takes no path and no method twice.
So a resource that moved to another stack would fail the deployment of every stage that has it.

No line is ever added. The method of a route that is gone is removed, and the line of a path that no route uses.

Called by   infra/constructs/gateway.py
"""

_LINES = """
/console GET POST
/console/{page+} GET POST
/o
/o/{channel} GET POST
/v1
/v1/audit GET
/v1/availability POST
/v1/badges POST
/v1/badges/open POST
/v1/badges/{person_id} DELETE
/v1/badges/{person_id}/unlock POST
/v1/books
/v1/books/trial-balance GET
/v1/books/trial-balance-file GET
/v1/calendars GET
/v1/calendars/{id} GET PUT
/v1/cancel-reasons GET
/v1/cancel-reasons/{id} GET PUT
/v1/carriers GET
/v1/carriers/{id} GET PUT
/v1/case-mails POST
/v1/case-terms GET
/v1/case-terms/{id} GET PUT
/v1/cases GET POST
/v1/cases/{case_id} GET
/v1/cases/{case_id}/assign POST
/v1/cases/{case_id}/close POST
/v1/cases/{case_id}/note POST
/v1/cases/{case_id}/reopen POST
/v1/cases/{case_id}/resume POST
/v1/cases/{case_id}/wait POST
/v1/channels GET
/v1/channels/{id} GET PUT
/v1/clients GET POST
/v1/clients/{id} DELETE GET
/v1/credit-notes
/v1/credit-notes/{credit_note_id} GET
/v1/customers GET
/v1/customers/{customer_id} DELETE GET
/v1/customers/{customer_id}/export GET
/v1/customers/{customer_id}/merge POST
/v1/customers/{customer_id}/unmerge POST
/v1/decline-reasons GET
/v1/decline-reasons/{id} GET PUT
/v1/devices GET POST
/v1/devices/{device_id} DELETE
/v1/drafts GET POST
/v1/drafts/{draft_id} GET PATCH
/v1/drafts/{draft_id}/abandon POST
/v1/drafts/{draft_id}/claim POST
/v1/drafts/{draft_id}/confirm POST
/v1/drafts/{draft_id}/contact GET
/v1/drafts/{draft_id}/events GET
/v1/drafts/{draft_id}/quote POST
/v1/drafts/{draft_id}/release POST
/v1/find GET
/v1/fulfillments GET
/v1/fulfillments/{fulfillment_id} GET
/v1/fulfillments/{fulfillment_id}/deliver POST
/v1/fulfillments/{fulfillment_id}/documents
/v1/fulfillments/{fulfillment_id}/documents/{name} GET
/v1/fulfillments/{fulfillment_id}/lose POST
/v1/fulfillments/{fulfillment_id}/no-show POST
/v1/fulfillments/{fulfillment_id}/tracking GET
/v1/fulfillments/{fulfillment_id}/{step} POST
/v1/gift-cards POST
/v1/gift-cards/balance POST
/v1/gift-cards/{account_id} GET
/v1/health GET
/v1/hold-types GET
/v1/hold-types/{id} GET PUT
/v1/hold-types/{id}/dry-run POST
/v1/invoices
/v1/invoices/{invoice_id} GET
/v1/invoices/{invoice_id}/pdf GET
/v1/invoices/{invoice_id}/xml GET
/v1/labels GET
/v1/legal-entities GET
/v1/legal-entities/{id} GET PUT
/v1/list-prices GET
/v1/me GET
/v1/me/settings PUT
/v1/modification-matrices GET
/v1/modification-matrices/{id} GET PUT
/v1/nodes GET
/v1/nodes/{id} GET PUT
/v1/nodes/{id}/capacity GET
/v1/nodes/{id}/capacity/{day} PUT
/v1/nodes/{id}/closures GET POST
/v1/nodes/{id}/closures/{closure_id}
/v1/nodes/{id}/closures/{closure_id}/end POST
/v1/order-lookups POST
/v1/orders GET POST
/v1/orders/{order_id} GET
/v1/orders/{order_id}/allowed-changes GET
/v1/orders/{order_id}/cancel POST
/v1/orders/{order_id}/cases POST
/v1/orders/{order_id}/changes POST
/v1/orders/{order_id}/confirm POST
/v1/orders/{order_id}/contact GET
/v1/orders/{order_id}/credit-notes POST
/v1/orders/{order_id}/decisions GET
/v1/orders/{order_id}/events GET
/v1/orders/{order_id}/holds POST
/v1/orders/{order_id}/holds/{hold_id}
/v1/orders/{order_id}/holds/{hold_id}/resolve POST
/v1/orders/{order_id}/links POST
/v1/orders/{order_id}/payments POST
/v1/orders/{order_id}/pending-change
/v1/orders/{order_id}/pending-change/withdraw POST
/v1/orders/{order_id}/provide POST
/v1/orders/{order_id}/recall POST
/v1/orders/{order_id}/reject POST
/v1/partners GET
/v1/partners/{id} GET PUT
/v1/people GET POST
/v1/people/{person_id} DELETE GET PUT
/v1/people/{person_id}/invite POST
/v1/people/{person_id}/sign-out POST
/v1/price-lists GET
/v1/price-lists/{id} GET PUT
/v1/price-lists/{id}/prices GET
/v1/products GET
/v1/products/{id} GET PUT
/v1/promises POST
/v1/providers
/v1/providers/stripe
/v1/providers/stripe/events POST
/v1/queues GET
/v1/queues/{queue} GET
/v1/queues/{queue}/claim POST
/v1/queues/{queue}/items
/v1/queues/{queue}/items/{item_id}
/v1/queues/{queue}/items/{item_id}/claim POST
/v1/queues/{queue}/items/{item_id}/release POST
/v1/queues/{queue}/items/{item_id}/resolve POST
/v1/queues/{queue}/resolve POST
/v1/rate-cards GET
/v1/rate-cards/{id} GET PUT
/v1/reservations POST
/v1/reservations/{reservation_id} GET
/v1/reservations/{reservation_id}/{step} POST
/v1/routing-costs GET
/v1/routing-costs/{id} GET PUT
/v1/rule-sets GET
/v1/rule-sets/{id} GET PUT
/v1/rule-sets/{id}/activate POST
/v1/rule-sets/{id}/dry-run POST
/v1/rule-sets/{id}/retire POST
/v1/rule-sets/{id}/shadow POST
/v1/s
/v1/s/{token} GET POST
/v1/s/{token}/invoices
/v1/s/{token}/invoices/{number} GET
/v1/stock
/v1/stock-alerts GET
/v1/stock-policies GET
/v1/stock-policies/{id} GET PUT
/v1/stock/adjustments POST
/v1/stock/kpis GET
/v1/stock/policies POST
/v1/stock/snapshots POST
/v1/stock/supplies POST
/v1/stock/supplies/{id} GET
/v1/stock/supplies/{id}/approve POST
/v1/stock/supplies/{id}/refuse POST
/v1/stock/{sku} GET
/v1/stock/{sku}/demand GET
/v1/stock/{sku}/movements GET
/v1/store-credits POST
/v1/tax-quotes POST
/v1/tax-tables GET
/v1/tax-tables/{id} GET PUT
/v1/tracking-events POST
/v1/work GET
"""

# Methods by path. A path without methods has other paths below it.
KEPT: dict[str, frozenset[str]] = {
    path: frozenset(methods) for path, *methods in map(str.split, _LINES.strip().splitlines())
}
