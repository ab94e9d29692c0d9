"""The published labels: open to everyone, in the language of the reader."""

import json
import subprocess
import sys

import pytest

from comanda.domain.labels.labels import KINDS
from tests.functions.world import World


def test_the_labels_are_published_in_the_language_of_the_reader(world: World):
    reply = world.call("GET", "/v1/labels", query={"locale": "es_MX"})

    assert reply.status == 200
    assert reply.body["locale"] == "es"
    assert reply.body["labels"]["UnitStatus"]["SHIPPED"] == "Enviado"
    assert reply.body["labels"].keys() == KINDS.keys()
    assert reply.headers["Cache-Control"] == "public, max-age=86400"
    assert len(json.dumps(reply.body)) < 60_000


@pytest.mark.parametrize(
    ("locale", "given"), [("pt", "pt-BR"), ("fr-FR", "en-US"), ("en", "en-US"), ("PT-pt", "pt-BR")]
)
def test_a_language_without_words_gets_english(world: World, locale: str, given: str):
    assert world.call("GET", "/v1/labels", query={"locale": locale}).body["locale"] == given


def test_a_reader_without_a_locale_gets_english(world: World):
    assert world.call("GET", "/v1/labels").body["locale"] == "en-US"


@pytest.mark.parametrize("wrong", ["klingon-please", "../../etc", "x" * 100, "{{7*7}}", "\u202een"])
def test_a_text_that_is_no_locale_is_refused(world: World, wrong: str):
    reply = world.call("GET", "/v1/labels", query={"locale": wrong})

    assert (reply.status, [pointer for pointer, _ in reply.errors]) == (422, ["/locale"])


def test_a_room_imports_the_words_with_the_first_request_for_them():
    code = "import sys, functions.directory.handler; print([m for m in sys.modules if m.startswith('comanda.domain.labels')])"

    started = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert started.stdout.strip() == "[]"
