"""Any text from outside is read, or refused in words: readers and key builders raise no other error."""

import inspect
import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comanda.aws.api import http, json_body, problems
from comanda.aws.dynamodb import keys
from comanda.domain.errors import ComandaError, Invalid
from functions.inbox import reading, shipment_rows, stock_file, supply_file
from functions.inbox.fields import Fields
from tests.functions.inbox.test_text_fields import checked, models

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(codec=None), max_size=40)  # halves of surrogate pairs, too
ODD = st.sampled_from(
    [
        "\ud800",
        "\udfff",
        "\0",
        "\u202e",
        "\u200b",
        "",
        " ",
        "\u00a0",
        "1e400",
        "NaN",
        "Infinity",
        "9" * 5_000,
        "\u0661",
        "#",
        "%",
        "/",
    ]
)
NUMBERS = st.one_of(
    st.integers(), st.floats(), st.sampled_from([10**400, -(10**4_000), 1e308, float("inf"), float("nan"), -0.0])
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | ANY_TEXT | ODD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT | ODD, inner, max_size=4),
    max_leaves=12,
)
MODELS = sorted(models(), key=lambda model: (model.__module__, model.__name__))
QUICK = settings(max_examples=15, suppress_health_check=list(HealthCheck))


def sent(body: str | bytes) -> dict[str, Any]:
    if isinstance(body, bytes):
        import base64

        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return {"body": body}


def answered(error: ComandaError) -> None:
    """A refusal goes out as JSON in UTF-8, in words."""
    assert str(error).encode("utf-8", "backslashreplace")
    for problem in error.problems if isinstance(error, Invalid) else ():
        assert problem.pointer.encode()
        assert problem.message.encode()
        assert "^" not in problem.message
        assert "{" not in problem.message


def read(event: dict[str, Any], model: Any) -> Any:
    try:
        return http.read(event, model)
    except ComandaError as refused:
        answered(refused)
        return None


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.__module__.split('.')[-2]}-{model.__name__}")
@QUICK
@given(st.data())
def test_any_json_is_read_by_a_contract_or_refused(model: Any, data: st.DataObject) -> None:
    names = [field.alias or name for name, field in model.model_fields.items()]
    body = data.draw(JSON | st.dictionaries(st.sampled_from(names) if names else ANY_TEXT, JSON, max_size=len(names)))

    found = read(sent(json.dumps(body)), model)

    if found is not None:
        assert found.model_dump_json()


@QUICK
@given(st.text(st.characters(codec=None), max_size=200) | st.binary(max_size=200) | ODD)
def test_any_bytes_are_a_body_or_refused(body: str | bytes) -> None:
    read(sent(body), MODELS[0])


@pytest.mark.parametrize(
    "body",
    [
        "[" * 3_000 + "]" * 3_000,
        '{"a":' * 50_000,
        "9" * 100_000,
        '{"a": 1e400}',
        '{"a": -Infinity}',
        '{"a": 1, "a": 2}',
        '{"\\ud800": {"\\udfff": ["\\ud83d"]}}',
    ],
    ids=lambda body: body[:12],
)
def test_a_strange_body_is_refused(body: str) -> None:
    for model in MODELS:
        with pytest.raises(ComandaError) as refused:
            http.read(sent(body), model)
        answered(refused.value)


def test_a_body_that_is_no_base64_is_refused() -> None:
    with pytest.raises(problems.BadRequest):
        json_body.read_json({"body": "a", "isBase64Encoded": True})


KINDS = {"shipments": shipment_rows, "stock": stock_file, "supplies": supply_file}


def read_file(kind: str, content: bytes) -> None:
    """Read a file as the inbox does, up to the fields of each of its rows."""
    columns = KINDS[kind].COLUMNS
    try:
        group = shipment_rows.group if kind == "shipments" else lambda _: None
        layout = reading.survey(io.BytesIO(content), len(content), columns, group)
        found = list(reading.records(io.BytesIO(content), layout))
    except ComandaError as refused:
        answered(refused)
        return
    for line, record in found:
        if kind == "shipments":
            shipment_rows.check_row(line, record, "us1", NOW)
        for column in columns.known:
            Fields(record).take(column, shipment_rows.sku)


@pytest.mark.parametrize("kind", KINDS)
@QUICK
@given(st.data())
def test_any_lines_of_csv_and_json_are_taken_or_refused(kind: str, data: st.DataObject) -> None:
    columns = sorted(KINDS[kind].COLUMNS.known)
    cell = ANY_TEXT | ODD
    if data.draw(st.booleans()):
        picked = data.draw(st.lists(st.sampled_from(columns), max_size=len(columns)))  # twice, too
        values = data.draw(st.lists(st.lists(cell, max_size=len(picked)), max_size=4))
        text = "\n".join(data.draw(st.sampled_from(",;\t")).join(row) for row in [picked, *values])
    else:
        record = st.dictionaries(st.sampled_from(columns), JSON, max_size=len(columns))
        text = "\n".join(map(json.dumps, data.draw(st.lists(record | JSON, max_size=4))))

    read_file(kind, text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("kind", KINDS)
@QUICK
@given(st.binary(max_size=300))
def test_any_bytes_are_a_file_or_refused(kind: str, content: bytes) -> None:
    read_file(kind, content)


@pytest.mark.parametrize("column", sorted(set().union(*(kind.COLUMNS.known for kind in KINDS.values()))))
@pytest.mark.parametrize("odd", ["\ud800", "a\udfff", "\0", "9" * 5_000, "\u0661\u0662", "1e400", "\U0001f600" * 128])
def test_an_odd_cell_is_answered_in_its_row(column: str, odd: str) -> None:
    found = checked(**{column: odd})

    assert json.dumps(getattr(found, "reason", ""), ensure_ascii=False).encode()


BUILDERS = [
    built
    for name, built in vars(keys).items()
    if inspect.isfunction(built)
    and built.__module__.startswith(keys.__name__)
    and not name.startswith("_")
    and not name.endswith("_of")  # these read a key that exists, as do those of a row
    and "row" not in inspect.signature(built).parameters
    and name != "is_position"
]
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "str": ANY_TEXT | ODD,
    "int": st.integers(1, 9),
    "bool": st.booleans(),
    "datetime": st.just(NOW),
    "datetime | None": st.none() | st.just(NOW),
    "str | None": st.none() | ANY_TEXT,
    "dict[str, str]": st.just({"pk": "a#b", "sk": "b#c#d"}),
    "dict": st.just({"pk": "a#b", "sk": "b#c#d"}),
    "date": st.just(date(2026, 11, 19)),
}


def _named(annotation: Any) -> str:
    return (
        annotation.__name__
        if isinstance(annotation, type)
        else str(annotation).replace("datetime.datetime", "datetime")
    )


@pytest.mark.parametrize("build", BUILDERS, ids=lambda build: build.__name__)
@QUICK
@given(st.data())
def test_every_key_builder_makes_a_key_of_any_text_or_refuses_it(build: Any, data: st.DataObject) -> None:
    wanted = inspect.signature(build).parameters.values()
    given_ = {p.name: data.draw(_VALUES[_named(p.annotation)]) for p in wanted}
    positional = [given_[p.name] for p in wanted if p.kind is not p.KEYWORD_ONLY]
    named = {p.name: given_[p.name] for p in wanted if p.kind is p.KEYWORD_ONLY}
    try:
        build(*positional, **named)
    except ComandaError as refused:
        answered(refused)
