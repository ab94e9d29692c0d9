"""
Make moto's DynamoDB fast: its detours took three quarters of the suite's seconds. Its decisions stay its own code.

Called by   tests/moto_aws.py, once in each process
Changes     the way of a request to moto's handler and of its answer back; the parsing of expressions; the search for a
            partition; the measuring and copying of items. Other services of moto, and other calls of DynamoDB, do not change.

This file is long because it has many small replacements, and each is beside the reason why moto's own code is slow.
"""

import copy
import json
import pickle
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSResponse
from botocore.endpoint import Endpoint
from botocore.parsers import JSONParser
from botocore.regions import EndpointRulesetResolver
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.core.exceptions import HTTPException, ServiceException
from moto.core.models import botocore_stubber
from moto.core.responses import ActionResult
from moto.dynamodb import comparisons, responses
from moto.dynamodb import models as backend
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import table as tables
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import StreamShard, Table
from moto.dynamodb.parsing import validators
from moto.dynamodb.parsing.ast_nodes import (
    DepthFirstTraverser,
    Expression,
    Node,
    UpdateExpression,
    UpdateExpressionFunction,
    UpdateExpressionSetAction,
    UpdateExpressionSetActions,
    UpdateExpressionSetClause,
)
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.dynamodb.responses import DynamoHandler, DynamoResult
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends

_CALLS = {
    "BatchGetItem": "batch_get_item",
    "BatchWriteItem": "batch_write_item",
    "DeleteItem": "delete_item",
    "GetItem": "get_item",
    "PutItem": "put_item",
    "Query": "query",
    "Scan": "scan",
    "TransactWriteItems": "transact_write_items",
    "UpdateItem": "update_item",
}
_LISTS: dict[str, dict[str, Any]] = {  # by call: what S3 answers about an empty bucket
    "ListObjectsV2": {"IsTruncated": False, "KeyCount": 0},
    "ListObjectVersions": {"IsTruncated": False},
}
_URL = "https://dynamodb."
_JSON = "application/x-amz-json-1.0"
_LARGEST = 405_000  # bytes of an item, as moto has it
_KEPT = 4_096  # parsed expressions
_REFUSED = 300  # HTTP statuses from here on are errors
# Tables of moto are plain dicts: without a lock, threads of a test could see half a transaction, which AWS never shows.
_ONE_AT_A_TIME = threading.RLock()


def install() -> None:
    """Change moto in this process, for good."""
    BotocoreStubber.__call__ = _answered
    Endpoint.make_request = _without_a_web_request(Endpoint.make_request)
    responses.parse_expression = _keys_parsed_once(responses.parse_expression)
    DynamoHandler.call_action = _alone(DynamoHandler.call_action)
    DynamoResult.__init__ = ActionResult.__init__  # `_plain` makes JSON of DynamoTypes, all in one walk
    SigV4Auth.add_auth = _unsigned(SigV4Auth.add_auth)
    comparisons.ConditionExpressionParser.parse = _parsed_once(comparisons.ConditionExpressionParser.parse)
    UpdateExpressionParser.make = lru_cache(_KEPT)(
        UpdateExpressionParser.make
    )  # moto copies the tree before it changes it
    Node.__deepcopy__ = _copied_tree
    Node.find_clauses = _clauses
    DepthFirstTraverser.traverse_node_recursively = _walked
    for checked_once in (validators.ActionCountValidator, validators.OverlappingPathsValidator):
        checked_once.traverse = _whole
    StreamShard.add = _kept_nowhere
    EndpointRulesetResolver.construct_endpoint = _resolved_once(EndpointRulesetResolver.construct_endpoint)
    LimitedSizeDict.__reduce_ex__ = lambda attributes, _protocol: (_attributes, (dict(attributes),))

    Item.__init__ = _item
    Item.size = _size_of_all
    Item.project = _projected(Item.project)
    DynamoType.size = _size
    DynamoType.__eq__ = _equal
    DynamoType.__hash__ = _hashed
    DynamoType.__deepcopy__ = _copied
    Table.query = _of_partition(Table.query)
    Table.all_items = _in_order
    backend.DynamoDBBackend.transact_write_items = _transacted(backend.DynamoDBBackend.transact_write_items)
    backend.copy = SimpleNamespace(deepcopy=_of_all_but_tables)
    tables.copy = SimpleNamespace(copy=copy.copy, deepcopy=_of_all_but_rows)


_stubbed = BotocoreStubber.__call__
_serialized = DynamoResult.__init__


def state() -> bytes:
    """Return all tables with their rows, and all secrets, for `back_to`."""
    return pickle.dumps((_dynamodb().tables, _secrets().secrets))


def back_to(kept: bytes) -> None:
    """Restore what `state` returned. This takes a fiftieth of the time of making tables and rows by calls."""
    _dynamodb().tables, _secrets().secrets = pickle.loads(kept)  # noqa: S301  this process wrote it


def bucket(name: str) -> None:
    """Make a bucket without a call: moto would read and write XML for a hundredth of a second."""
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(name, "us-east-1")


def _dynamodb() -> Any:
    return backend.dynamodb_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]


def _secrets() -> Any:
    return secretsmanager_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]


def _answered(stub: Any, event_name: str, request: Any, **more: Any) -> AWSResponse | None:
    """
    Give a request to moto's handler directly: a header has the name of the call, and the handler takes its JSON.

    moto searches a request's service among hundreds of patterns, makes a web request of it, and reads and writes JSON by the
    description of every attribute.
    """
    call = request.headers.get("X-Amz-Target") if stub.enabled and request.url.startswith(_URL) else None
    name = (call.decode() if isinstance(call, bytes) else call).rpartition(".")[2] if call else ""
    if name not in _CALLS:
        return _stubbed(stub, event_name, request, **more)
    status, headers, body = _handled(name, request.body, request.url)
    return AWSResponse(request.url, status, headers, MockRawResponse(body))


def _handled(name: str, sent: bytes, url: str) -> tuple[int, dict[str, Any], bytes]:
    """Return moto's answer to a call: status, headers and body."""
    handler = DynamoHandler()
    handler.body = handler.params = json.loads(sent)
    handler.region = url.split(".", 2)[1]
    handler.current_account = DEFAULT_ACCOUNT_ID
    handler.headers = {"x-amz-target": f"DynamoDB_20120810.{name}", "Content-Type": _JSON}
    handler.querystring, handler.uri_match, handler.response_headers = {}, {}, {}
    status: int | str = 200
    headers: dict[str, Any] = {"content-type": _JSON}
    with _ONE_AT_A_TIME:
        try:
            result = getattr(handler, _CALLS[name])().result
            body = json.dumps({key: value for key, value in result.items() if value is not None}, default=_plain)
        except ServiceException as error:
            status, headers, body = handler.serialized(ActionResult(error))
        except HTTPException as error:
            status, headers, body = error.code, dict(error.get_headers() or []), error.description
    return int(status), headers, body if isinstance(body, bytes) else body.encode()


def _without_a_web_request(make: Callable[..., Any]) -> Callable[..., Any]:
    """
    Return `make` without the web request that botocore makes of a call of DynamoDB, whose headers and tries took half its time.

    A test that injects faults into requests (tests/faults.py) replaces the stub, and gets the requests.
    """
    parser = _Parser()

    def made(endpoint: Any, model: Any, request: dict[str, Any]) -> Any:
        direct = BotocoreStubber.__call__ is _answered and botocore_stubber.enabled
        if direct and model.name in _LISTS and _is_empty(request["context"]["s3_redirect"]["bucket"]):
            answer = {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}, **_LISTS[model.name]}
            return SimpleNamespace(status_code=200, headers={}), answer
        if not direct or model.name not in _CALLS or not request["url"].startswith(_URL):
            return make(endpoint, model, request)
        status, headers, body = _handled(model.name, request["body"], request["url"])
        found = {"status_code": status, "headers": headers, "body": body, "context": {"operation_name": model.name}}
        as_it_came: dict[str, Any] = {}
        endpoint._event_emitter.emit(
            f"before-parse.dynamodb.{model.name}",
            operation_model=model,
            response_dict=found,
            customized_response_dict=as_it_came,
        )
        parsed = parser.parse(found, model.output_shape) | as_it_came
        if status >= _REFUSED:
            endpoint._add_modeled_error_fields(found, parsed, model, parser)
        return SimpleNamespace(status_code=status, headers=headers), parsed

    return made


def _is_empty(bucket: str) -> bool:
    """Return whether the bucket is there and has never had an object. Each sweep lists two, and moto's XML took a tenth of its time."""
    found = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets.get(bucket)
    return found is not None and not found.keys


class _Parser(JSONParser):
    """Read attributes as they came. botocore asks each value for each of the ten types, which took a third of the time."""

    def _handle_structure(self, shape: Any, value: Any) -> Any:
        return _value(value) if shape.name == "AttributeValue" else super()._handle_structure(shape, value)

    def _handle_map(self, shape: Any, value: Any) -> Any:
        if shape.value.name != "AttributeValue":
            return super()._handle_map(shape, value)
        return {name: _value(part) for name, part in value.items()}


def _value(came: dict[str, Any]) -> dict[str, Any]:
    ((kind, inside),) = came.items()
    if kind == "M":
        return {"M": {name: _value(part) for name, part in inside.items()}}
    if kind == "L":
        return {"L": [_value(part) for part in inside]}
    if kind == "B":
        return {"B": b64decode(inside)}
    if kind == "BS":
        return {"BS": [b64decode(part) for part in inside]}
    return came


def _keys_parsed_once(parse: Callable[..., Any]) -> Callable[..., Any]:
    """Return `parse` with a cache: moto reads the condition of each query letter by letter."""
    kept: dict[str, Any] = {}

    def parsed(**given: Any) -> Any:
        key = repr(given)
        if key not in kept:
            if len(kept) > _KEPT:
                kept.clear()
            kept[key] = parse(**given)
        return tuple([*part] for part in kept[key])

    return parsed


def _unsigned(sign: Callable[..., None]) -> Callable[..., None]:
    """Return `sign` without the signatures of DynamoDB's calls, which stay in this process and need none."""

    def unsigned(auth: Any, request: Any) -> None:
        if not botocore_stubber.enabled or auth._service_name != "dynamodb":
            sign(auth, request)

    return unsigned


def _plain(value: Any) -> Any:
    if isinstance(value, DynamoType):
        if value.type == "B":
            return {"B": b64encode(value.value).decode() if isinstance(value.value, bytes) else value.value}
        return {value.type: value.value}
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, set):
        return list(value)
    return value.to_json()


def _alone(call: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def alone(handler: Any) -> Any:
        with _ONE_AT_A_TIME:
            return call(handler)

    return alone


def _parsed_once(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return `parse` with a cache: moto parses the condition of a write three times."""
    kept: dict[tuple[Any, str, str], tuple[Any, list[str], list[str]]] = {}

    def parsed(parser: Any) -> Any:
        if not parser.condition_expression:
            return parse(parser)
        key = (
            parser.condition_expression,
            repr(parser.expression_attribute_names),
            repr(parser.expression_attribute_values),
        )
        found = kept.get(key)
        if found is None:
            found = parse(parser), parser.expr_attr_names_found, parser.expr_attr_values_found
            if len(kept) > _KEPT:
                kept.clear()
            kept[key] = found[0], [*found[1]], [*found[2]]
            return found[0]
        parser.expr_attr_names_found, parser.expr_attr_values_found = [*found[1]], [*found[2]]
        return found[0]

    return parsed


def _copied_tree(node: Node, memo: dict[int, Any]) -> Node:
    """Copy an expression, a tree whose nodes know their parents, before it is changed."""
    copied: Node = object.__new__(type(node))
    copied.__dict__.update(node.__dict__)
    if node.children is not None:
        copied.children = [copy.deepcopy(child, memo) for child in node.children]
        for child in copied.children:
            if isinstance(child, Node):
                child.parent = copied
    return copied


# Which classes of nodes are walked, and the method that processes each: by traverser and class.
# Two traversers ask about actions of SET only: what lies in other clauses, or below such an action, is not walked.
_OF_SETS = (validators.TypeMismatchValidator, validators.EmptyStringKeyValueValidator)
_SETS = (UpdateExpression, UpdateExpressionSetClause, UpdateExpressionSetActions, UpdateExpressionSetAction)
_PROCESSORS: dict[type, dict[type, tuple[bool, Callable[..., Any] | None]]] = {}


def _walked(traverser: DepthFirstTraverser, node: Any, child_id: int = -1) -> Any:
    """Process a tree, with a cache of each class's processor: moto lists the classes again for each node."""
    kind = type(node)
    processors = _PROCESSORS.setdefault(type(traverser), {})
    if kind not in processors:
        named = traverser._processing_map().items()
        found = next((processor.__func__ for processed, processor in named if issubclass(kind, processed)), None)
        processors[kind] = (issubclass(kind, Node) and (kind in _SETS or type(traverser) not in _OF_SETS), found)
    is_walked, processor = processors[kind]
    if not is_walked:
        return node
    parent = node.parent
    for i, child in enumerate(node.children or ()):
        traverser.pre_processing_of_child(node, i)
        _walked(traverser, child, i)
    if processor is not None:
        node = processor(traverser, node)
        node.parent = parent
        if parent:
            parent.children[child_id] = node
    return node


def _whole(traverser: Any, node: Any) -> Any:
    """Check a whole expression. moto checks each part of it too, which finds nothing that the whole does not have."""
    ((_, processor),) = traverser._processing_map().items()
    return processor(node)


def _clauses(node: Any, kinds: list[type]) -> list[Any]:
    """Find the clauses in a tree, with a cache: moto checks every node by its abstract classes."""
    found = []
    for child in node.children or ():
        if type(child) in kinds:
            found.append(child)
        elif _may_hold_clauses(type(child)):
            found += _clauses(child, kinds)
    return found


@lru_cache(_KEPT)
def _may_hold_clauses(kind: type) -> bool:
    return issubclass(kind, (Expression, UpdateExpressionFunction))


def _attributes(values: dict[str, Any]) -> LimitedSizeDict:
    """Restore the attributes of an item. moto would measure all of them again for each one."""
    found = LimitedSizeDict.__new__(LimitedSizeDict)
    dict.update(found, values)
    return found


def wire_items(table: str, wanted: Callable[[str, str], bool]) -> list[dict[str, Any]]:
    """
    Return the wire items of a table whose pk and sk are wanted, in the order of a scan.

    The read makes no call, so injected faults do not affect it.
    """
    with _ONE_AT_A_TIME:
        found = _dynamodb().tables[table].items.values()
        return [
            {name: _wire(value) for name, value in item.attrs.items()}
            for items in found
            for item in items.values()
            if wanted(item.hash_key.value, item.range_key.value)
        ]


def _wire(value: DynamoType) -> dict[str, Any]:
    inside = value.value
    if value.type == "M":
        return {"M": {name: _wire(part) for name, part in inside.items()}}
    if value.type == "L":
        return {"L": [_wire(part) for part in inside]}
    if value.type == "B" and isinstance(inside, str):
        return {"B": b64decode(inside)}
    return {value.type: inside}


def _kept_nowhere(_shard: StreamShard, _old: Item | None, _new: Item | None) -> None:
    """Keep no record of a write for moto's stream, which has no reader: tests follow the handler's writes."""


def _resolved_once(resolve: Callable[..., Any]) -> Callable[..., Any]:
    """Return `resolve` with a cache: botocore resolves DynamoDB's endpoint for each call, though tables do not change it."""
    kept: dict[tuple[int, str], Any] = {}

    def resolved(resolver: Any, operation_model: Any, call_args: Any, request_context: Any) -> Any:
        if operation_model.service_model.service_name != "dynamodb":
            return resolve(resolver, operation_model, call_args, request_context)
        key = id(resolver), operation_model.name
        if key not in kept:
            kept[key] = resolver, resolve(resolver, operation_model, call_args, request_context)
        return kept[key][1]

    return resolved


def _item(item: Any, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]) -> None:
    """Make an item and measure each attribute once. moto measures all attributes again for each one that is set."""
    item.hash_key, item.range_key = hash_key, range_key
    item.attrs = LimitedSizeDict()
    size = 0
    for key, value in attrs.items():
        typed = DynamoType(value)
        size += len(key) + typed.size()
        dict.__setitem__(item.attrs, key, typed)
    if size > _LARGEST:
        raise ItemSizeTooLarge


def _projected(project: Callable[..., Item]) -> Callable[..., Item]:
    """Return `project` without moto's conversion of the whole item into Python's numbers for each attribute that is kept."""

    def projected(item: Item, expressions: list[list[str]]) -> Item:
        if any(len(path) > 1 or "[" in path[0] for path in expressions):
            return project(item, expressions)
        kept = {path[0]: item.attrs[path[0]] for path in expressions if path[0] in item.attrs}
        return Item(item.hash_key, item.range_key, kept)

    return projected


def _size(value: DynamoType) -> int:
    if value.type == "S":
        return len(value.value) if value.value.isascii() else len(value.value.encode())
    return int(_MEASURED(value))


def _size_of_all(item: Item) -> int:
    """Measure an item: moto does so for each that a query reads, and makes bytes of each name to count them."""
    return sum(map(len, item.attrs)) + sum(map(_size, item.attrs.values()))


_MEASURED = DynamoType.size
_ATOMS = frozenset({"S", "B", "BOOL"})


def _equal(one: DynamoType, other: DynamoType) -> bool:
    if one.type != other.type:
        return False
    return bool(one.value == other.value if one.type in _ATOMS else one.cast_value == other.cast_value)


def _hashed(value: DynamoType) -> int:
    return hash((value.type, value.value if value.type in _ATOMS else value.cast_value))


def _copied(value: DynamoType, memo: dict[int, Any]) -> DynamoType:
    """Copy a value without its atoms, which cannot change in place: moto changes attributes, and parts of maps and lists."""
    copied = DynamoType.__new__(DynamoType)
    copied.type, inside = value.type, value.value
    if copied.type == "M":
        inside = {key: _copied(part, memo) for key, part in inside.items()}
    elif copied.type == "L":
        inside = [_copied(part, memo) for part in inside]
    elif isinstance(inside, list):
        inside = [*inside]
    copied.value = inside
    return copied


class _Partition:
    """A table with the items of one partition: moto would search all other partitions too."""

    def __init__(self, table: Table, found: list[Item]) -> None:
        self._table, self._found = table, found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def all_items(self) -> list[Item]:
        return self._found


def _in_order(table: Table) -> list[Item]:
    items = [item for rows in table.items.values() for item in rows.values()]
    return sorted(items, key=lambda item: (item.hash_key.value, item.range_key.value))


def _of_partition(query: Callable[..., Any]) -> Callable[..., Any]:
    def queried(table: Table, hash_key: Any, *arguments: Any, **more: Any) -> Any:
        index = arguments[6] if len(arguments) > 6 else more.get("index_name")
        if not index:
            found = list(table.items[hash_key].values()) if hash_key in table.items else []
            return query(_Partition(table, found), hash_key, *arguments, **more)
        ((key, wanted), *_) = more["hash_key_conditions"]
        found = [
            item
            for rows in table.items.values()
            for item in rows.values()
            if (at := item.attrs.get(key)) is not None and at == wanted
        ]
        found.sort(key=lambda item: (item.hash_key.value, item.range_key.value))
        return query(_Partition(table, found), hash_key, *arguments, **more)

    return queried


def _transacted(transact: Callable[..., None]) -> Callable[..., None]:
    """
    Return `transact` with a copy of the named items only, to restore them when a write is refused.

    moto copies a whole table for every write of a transaction, in a time that grows with the table.
    """

    def transacted(self: Any, transact_items: list[dict[str, Any]]) -> None:
        before = []
        for operation in transact_items:
            ((_, body),) = operation.items()
            named = body.get("Key") or body["Item"]
            rows = self.tables[body["TableName"]].items[DynamoType(named["pk"])]
            sk = DynamoType(named["sk"])
            before.append((rows, sk, copy.deepcopy(rows.get(sk))))
        try:
            transact(self, transact_items)
        except Exception:
            for rows, sk, row in before:
                if row is None:
                    rows.pop(sk, None)
                else:
                    rows[sk] = row
            raise

    return transacted


def _of_all_but_tables(value: Any) -> Any:
    return value if isinstance(value, Table) else copy.deepcopy(value)


def _of_all_but_rows(value: Any) -> Any:
    """Copy a value, but not rows: they become JSON before the next write, so they need no copy."""
    rows = isinstance(value, Item) or (isinstance(value, list) and value and isinstance(value[0], Item))
    return value if rows else copy.deepcopy(value)
