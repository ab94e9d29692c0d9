"""
Keep rule sets: the planners' rules about which nodes ship orders, version by version, and the times when a version holds.

Called by   API Gateway: GET /v1/rule-sets, GET|PUT /v1/rule-sets/{id}, POST /v1/rule-sets/{id}/{activate,retire,shadow},
            POST /v1/rule-sets/{id}/dry-run
Returns     a version with its state; a set with the times at which its versions hold; the changes that a version would make,
            without making them
Raises      Invalid with the path of each error, NotFound, NotAllowed, PreconditionFailed; StaleEntry (Busy)
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.contracts import Contract
from comanda.aws.api.http import Answer, door, if_match, query, read, respond, serve
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory, rule_set_versions, rule_sets, writer
from comanda.aws.directory.rule_set_versions import StoredRuleSet
from comanda.aws.dynamodb import keys, list_pages
from comanda.aws.geography import regions
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain import text
from comanda.domain.errors import Invalid, NotAllowed, NotFound, Problem
from comanda.domain.rules import in_force
from functions.planning import contract, rules

logger = Logger()
app = door()


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return serve(app, event, context)


@app.get("/v1/rule-sets")
def list_sets() -> Response[str]:
    event = app.current_event.raw_event
    who, given, now = caller(event), query(event), clock.now()
    bound = f"{who.id} rule-sets"
    pages = [keys.entries_page(directory.RULE_SET, shard) for shard in range(keys.ENTRY_SHARDS)]
    rows, more = list_pages.page(
        "GSI1", pages, list_pages.after(given, bound), list_pages.limit(given), table=settings.directory_table
    )
    items = [rules.rule_set_json(rule_set_versions.to_stored_set(row), now) for row in rows]
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


@app.get("/v1/rule-sets/<rule_set_id>")
def get_set(rule_set_id: str) -> Response[str]:
    event = app.current_event.raw_event
    caller(event)
    kept = rule_set_versions.load(_name(rule_set_id))
    return respond(_version(kept, _number(query(event).get("version"), kept), 200))


@app.put("/v1/rule-sets/<rule_set_id>")
def put_set(rule_set_id: str) -> Response[str]:
    event = app.current_event.raw_event
    who, name = caller(event), _new_name(rule_set_id)
    given = read(event, contract.RuleSet)
    problems = list(rules.problems(given, _names_in_directory(given)))
    if problems:
        raise Invalid(*problems)
    expected, now, doc = (
        if_match(event, required=False),
        clock.now(),
        rules.by_code(contract.document(given), regions.load),
    )
    http.check_size(doc)
    kept, changed = rule_set_versions.put(name, doc, expected=expected, by=who.id, now=now)
    if changed:
        logger.info("put", extra={"rule_set": name, "version": kept.version, "rules": len(given.rules)})
    return respond(_version(kept, kept.version, 201 if changed and kept.version == 1 else 200))


@app.post("/v1/rule-sets/<rule_set_id>/activate")
def activate(rule_set_id: str) -> Response[str]:
    def act(kept: StoredRuleSet, given: contract.Activation, who: Caller, now: datetime) -> StoredRuleSet:
        asked = rules.span(kept, given, who.id, now)
        return replace(kept, spans=rules.scheduled(in_force.with_span(kept.spans, asked), now))

    return _changed(rule_set_id, contract.Activation, act)


@app.post("/v1/rule-sets/<rule_set_id>/retire")
def retire(rule_set_id: str) -> Response[str]:
    def act(kept: StoredRuleSet, given: contract.Retirement, _: Caller, now: datetime) -> StoredRuleSet:
        spans = in_force.ended_at(kept.spans, rules.moment(given, now))
        if spans == kept.spans:
            raise NotAllowed("no version of it is in force then, or will be")
        return replace(kept, spans=spans)

    return _changed(rule_set_id, contract.Retirement, act)


@app.post("/v1/rule-sets/<rule_set_id>/shadow")
def shadow(rule_set_id: str) -> Response[str]:
    def act(kept: StoredRuleSet, given: contract.Shadowing, _: Caller, now: datetime) -> StoredRuleSet:
        others = rule_set_versions.shadowed(now) - {kept.id} if given.version else set()
        return replace(kept, shadow=rules.shadowing(kept, given, others, now))

    return _changed(rule_set_id, contract.Shadowing, act)


@app.post("/v1/rule-sets/<rule_set_id>/dry-run")
def dry_run(rule_set_id: str) -> Response[str]:
    from functions.planning import dry_runs  # with the whole router, which no other route needs

    event = app.current_event.raw_event
    caller(event)
    kept, asked, now = rule_set_versions.load(_name(rule_set_id)), read(event, contract.Trial), clock.now()
    number = asked.version or kept.version
    if number > kept.version:
        raise Invalid(rules.no_such(kept))
    found = kept if number == kept.version else rule_set_versions.version(kept.id, number)
    rule_set = rule_sets.rule_set(kept.id, number, found.doc)
    chosen = dry_runs.load_orders(asked)
    body = dry_runs.dry_run_json(rule_set, chosen, dry_runs.dry_runs(chosen, rule_set, now))
    differ = body["sums"]["differ"]
    logger.info("tried", extra={"rule_set": rule_set.key, "orders": body["sums"]["orders"], "differ": differ})
    return respond(Answer(status=200, body=body))


def _changed[Given: Contract](
    rule_set_id: str, model: type[Given], act: Callable[[StoredRuleSet, Given, Caller, datetime], StoredRuleSet]
) -> Response[str]:
    """Change when versions of a set hold, once for the request's key."""
    event = app.current_event.raw_event
    who, now, name = caller(event), clock.now(), _name(rule_set_id)

    with idempotency.begin(event, who, settings.directory_table, now) as request:
        given = read(event, model)
        kept = rule_set_versions.change(
            name, lambda before: act(before, given, who, now), lambda after: [request.record(_set(after, now))]
        )
        verb = event["resource"].rpartition("/")[2]
        logger.info(verb, extra={"rule_set": name, "state": in_force.state(None, kept.spans, kept.shadow, now)})

    return request.response()


def _names_in_directory(given: contract.RuleSet) -> rules.DirectoryNames:
    """Return the names that the set may use, as they are in the directory now."""
    channels = writer.read_all(directory.CHANNEL, directory.names(directory.CHANNEL))
    named, by_kind = rules.nodes(given)
    nodes = writer.read_all(directory.NODE, named | set(directory.names(directory.NODE) if by_kind else ()))
    return rules.DirectoryNames(
        channels={name: entry.doc for name, entry in channels.items()},
        nodes={name: entry.doc for name, entry in nodes.items()},
        skus=writer.read_all(directory.PRODUCT, rules.skus(given)).keys(),
        regions=regions.load,
    )


def _name(rule_set_id: str) -> str:
    if not text.ID.fits(rule_set_id):
        raise NotFound("rule set", rule_set_id)
    return rule_set_id


def _new_name(rule_set_id: str) -> str:
    if rule_set_id == rules.BUILT_IN:
        message = "what holds where no set speaks is called so"
        raise Invalid(Problem(pointer="/id", code="reserved-id", message=message))
    if not text.ID.fits(rule_set_id):
        message = f"the id in the path takes {text.ID.says}"
        raise Invalid(Problem(pointer="/id", code="malformed-id", message=message))
    return rule_set_id


def _number(given: str | None, kept: StoredRuleSet) -> int:
    """Return the version that a query names. It is the newest if the query names none."""
    if given is None:
        return kept.version
    if not (given.isascii() and given.isdigit() and len(given) < 7):
        raise Invalid(Problem(pointer="/version", code="out-of-range", message="a version is a number from 1"))
    return int(given)


def _version(kept: StoredRuleSet, number: int, status: int) -> Answer:
    now = clock.now()
    found = kept if number == kept.version else rule_set_versions.version(kept.id, number)
    body = rules.version_json(kept, number, found.doc, found.by, found.at, now)
    return Answer(status=status, body=body, headers={"ETag": f'"v{number}"'})


def _set(kept: StoredRuleSet, now: datetime) -> Answer:
    return Answer(status=200, body=rules.rule_set_json(kept, now), headers={"ETag": f'"v{kept.version}"'})
