"""The labels of enumerations: every value that a person sees has words in every language."""

import ast
from collections import Counter
from dataclasses import replace
from datetime import date
from enum import StrEnum
from itertools import chain

import pytest

from comanda.aws.api import contracts, routes
from comanda.domain import people
from comanda.domain.errors import NeedsCustomer
from comanda.domain.evaluation import reason_texts
from comanda.domain.labels import field_words
from comanda.domain.labels.labels import (
    KINDS,
    LOCALES,
    catalog,
    field_problem,
    label,
    problem,
    reason,
    supported,
)
from comanda.domain.lifecycle.modifications.modification_matrix import BLOCKABLE
from comanda.domain.lifecycle.node_work import outage
from comanda.domain.lifecycle.resume import ANSWERS
from comanda.domain.orders import decline_reasons
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.queues import ANSWERS_OF_STOCK, Queue, waiting_lines
from comanda.domain.orders.status import TRANSACTIONS, WORK_STATUSES, Status
from comanda.domain.promise.recommend import REASONS
from comanda.domain.rules.rule_sets import COMPONENTS, RANKS, RESTS
from comanda.domain.scanning.expected import Refused
from comanda.domain.shipping import carriers, delivery_dates
from comanda.domain.shipping.tracking import TrackingStatus
from comanda.domain.stock import alerts, demand, stock, supply_line
from local.instance import ROOT
from tests.builders import NOW, a_line_in, a_tender, an_allocation, an_order

# Values of the domain that people see, whether the API names their enumeration or not.
VALUES: dict[str, tuple[str, ...]] = {
    "UnitStatus": tuple(Status),
    "WorkStatus": WORK_STATUSES,
    "QueueName": tuple(Queue),
    "QueueAnswer": tuple(chain(*ANSWERS.values(), *ANSWERS_OF_STOCK.values())),
    "EventType": tuple(EventType),
    "WorkStep": tuple(TRANSACTIONS),
    "HoldableStep": BLOCKABLE,
    "BlockedStep": (*TRANSACTIONS, *BLOCKABLE),
    "WaitReason": tuple(reason_texts.LEFT_OVER),
    "NodeLeftOut": tuple(reason_texts.OUT),
    "AlertKind": alerts.KINDS,
    "AlertEvent": tuple(chain(*alerts.FACTS.values())),
    "Bucket": stock.BUCKETS,
    "SupplyType": stock.SUPPLY_TYPES,
    "SupplyAction": supply_line.ACTIONS,
    "DemandPattern": (demand.SMOOTH, demand.ERRATIC, demand.INTERMITTENT, demand.LUMPY, demand.NONE),
    "CodeOfChoice": REASONS,
    "RankBy": RANKS,
    "RestStep": RESTS,
    "CostComponent": COMPONENTS,
    "DateGuess": (carriers.BY_DISTANCE, carriers.AT_CLOSING, carriers.UNPLACED, delivery_dates.ZONE_OF_NODE),
    "CallerKind": (*routes.EVERYONE, routes.FORM, routes.CARRIER),
    "Desk": people.DESKS,
    "Actor": (outage.ACTOR, "machine", "router", "wave", "supply", "receipt", "sweep", "payments", "notify"),
    "ScanRefusal": tuple(Refused),
    "TrackingStatus": tuple(TrackingStatus),
    "Weekday": tuple("0123456"),
    "NeedsCustomer": NeedsCustomer.CODES,
}


@pytest.mark.parametrize("kind", VALUES)
def test_each_value_of_the_domain_that_people_see_has_a_label(kind: str):
    assert set(VALUES[kind]) - set(KINDS[kind]) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_each_label_has_words_in_each_language_and_fits_a_button(kind: str):
    for value, words in KINDS[kind].items():
        assert len(words) == len(LOCALES)
        for word in words:
            assert word == " ".join(word.split()), (kind, value)
            assert 1 < len(word) <= 80, (kind, value)


@pytest.mark.parametrize("locale", LOCALES)
def test_no_two_values_of_a_kind_have_the_same_words(locale: str):
    alike = {
        (kind, words)
        for kind, values in catalog(locale).items()
        for words, count in Counter(values.values()).items()
        if count > 1
    }

    assert alike == set()


@pytest.mark.parametrize("enumeration", [Status, Queue, EventType])
def test_a_language_does_not_borrow_english_words(enumeration: type[StrEnum]):
    kind = {Status: "UnitStatus", Queue: "QueueName", EventType: "EventType"}[enumeration]

    assert not {v for v in enumeration if label(kind, v, "pt-BR") == label(kind, v, "en-US")}
    assert not {v for v in enumeration if label(kind, v, "es") == label(kind, v, "en-US")}


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("en-US", "en-US"),
        ("en", "en-US"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("PT_br", "pt-BR"),
        ("es-MX", "es"),
        ("es_AR", "es"),
        ("fr-FR", "en-US"),
        ("", "en-US"),
        ("español", "en-US"),
        ("\ud800", "en-US"),
    ],
)
def test_a_locale_without_words_falls_back_to_its_language_and_then_to_english(wanted: str, given: str):
    assert supported(wanted) == given


def iso_day(day: str) -> str:
    """Return a day as it is stored. Raises ValueError for a text that is no date, as the formats of locales do."""
    return date.fromisoformat(day).isoformat()


def test_a_label_is_in_the_language_of_its_reader():
    assert label("UnitStatus", Status.SHIPPED, "en-US") == "Shipped"
    assert label("UnitStatus", Status.READY_FOR_PICKUP, "pt-BR") == "Pronto para retirada"
    assert label("QueueName", Queue.LATE_WORK, "es-MX") == "Trabajo atrasado"


def test_a_value_without_a_label_is_shown_as_it_is():
    assert label("PaymentMethod", "BITCOIN", "es") == "BITCOIN"


def test_a_kind_that_does_not_exist_is_a_mistake():
    with pytest.raises(KeyError):
        label("Colour", "RED", "es")


def test_each_reason_that_queues_write_is_told_in_words():
    """The reasons are written by the domain; another wording there would be shown in English."""
    later = replace(a_tender(3000), expires_at=NOW)
    waiting = a_line_in(
        an_allocation(1, Status.SCHEDULED, node="dc-1", due="2026-12-01"),
        an_allocation(1, Status.SCHEDULED, node="dc-1", due="2026-12-01", release_on="2026-12-01"),
        an_allocation(1, Status.SCHEDULED, node="dc-1", due="2026-12-01", wave="2026-11-19T13:00:00+00:00"),
    )
    reasons = [why for rows in waiting_lines(an_order(waiting, payments=(later,))).values() for _, _, why in rows]

    assert len(set(reasons)) == 4
    assert not {why for why in reasons if reason(why, "es", iso_day) == why}


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("no-stock", "Nenhum local que pode enviar tem estoque"),
        ("pickup-declined: CLOSED", "A loja do cliente devolveu o item: Fechado"),
        ("NO_STOCK; DAMAGED", "Sem estoque; Danificado"),
        ("expected on 2026-12-01 at dc-east", "Previsto para 2026-12-01 em dc-east"),
        ("wanted later: released on 2026-12-01 at x", "Desejado para mais tarde: liberado em 2026-12-01 em x"),
        ("the wave of 2026-11-19T13:00:00+00:00, at {node}", "A onda de 2026-11-19 13:00 UTC em {node}"),
        ("authorised until 2026-12-01, released on 2026-12-09", "Autorizado até 2026-12-01, liberado em 2026-12-09"),
        ("expected on 2026-99-99 at x", "Previsto para 2026-99-99 em x"),
        ("the wave of 2026-11-19Tnoon, at x", "A onda de 2026-11-19Tnoon em x"),
        ("call after 6: she is at work", "call after 6: she is at work"),
        ("", ""),
    ],
)
def test_a_stored_reason_is_told_in_words_and_a_persons_own_text_as_it_is(stored: str, shown: str):
    assert reason(stored, "pt-BR", iso_day) == shown


def test_the_reasons_of_declines_are_told_in_the_words_of_their_list():
    assert {code: KINDS["WaitReason"][code] for code in decline_reasons.BUILT_IN} == {
        code: one.words for code, one in decline_reasons.BUILT_IN.items()
    }


def _codes_of_fields() -> set[str]:
    """Return every code of a field that the code of the doors and the domain spells out."""
    made = {"Problem": 99, "_problem": 1, "_wrong": 1, "PydanticCustomError": 0, "WrongText": 0}  # the code's argument
    found = set()
    for folder in (
        "functions/intake",
        "functions/fulfill",
        "functions/people",
        "functions/promise",
        "functions/credit",
        "comanda",
    ):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
                if name in made:
                    given = [one.value for one in node.keywords if one.arg == "code"] + node.args[made[name] :][:1]
                    found |= {str(one.value) for one in given if isinstance(one, ast.Constant)}
    return {code.replace("_", "-") for code in found}


def test_each_code_of_a_field_that_people_fill_has_words_in_each_language():
    codes = _codes_of_fields() | {kind.replace("_", "-") for kind in contracts._MESSAGES}

    assert len(codes) > 60
    assert codes - field_words.BY_CODE.keys() == set()
    for code, words in field_words.BY_CODE.items():
        assert len(set(words)) >= 2, code  # nothing is English in each language
        assert all(1 < len(one) <= 80 for one in words), code


@pytest.mark.parametrize(
    ("code", "sentence", "locale", "told"),
    [
        ("string-too-long", "takes at most 40 characters", "pt-BR", "Aceita no máximo 40 caracteres"),
        ("string-too-long", "is too long", "es", "Es demasiado largo"),
        ("string-too-long", "takes at most 40 characters", "en-US", "takes at most 40 characters"),
        ("unknown-node", "there is no node x9", "es-MX", "No existe este local"),
        ("a-later-code", "says what it says", "pt-BR", "says what it says"),
    ],
)
def test_what_is_wrong_with_a_field_is_told_in_the_readers_language(code, sentence, locale, told):
    assert field_problem(code, sentence, locale) == told


def test_a_refusal_of_many_possible_reasons_keeps_the_sentence_that_says_which():
    assert problem("claimed", "another caller works on it", "pt-BR") == "Outra pessoa está com isso"
    assert problem("not-allowed", "it was shipped", "es") == "No es posible ahora: it was shipped"
    assert problem("not-allowed", "it was shipped", "en-US") == "it was shipped"
    assert problem("a-later-type", "says so", "es") == "says so"
