"""A client that a tool makes from docs/openapi.json can be read by people and by later versions."""

import re
from collections.abc import Iterator

import pytest

from tests.generated import GeneratedClient, generated

INVENTED = re.compile(r"_type_\d")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GeneratedClient]:
    with generated(tmp_path_factory.mktemp("generated")) as client:
        yield client


def test_the_tool_can_make_all_of_it(made: GeneratedClient) -> None:
    assert [complaint.detail for complaint in made.complaints] == []


def test_no_model_has_a_name_that_the_tool_had_to_invent(made: GeneratedClient) -> None:
    assert [file.name for file in (made.folder / "models").iterdir() if INVENTED.search(file.name)] == []


def test_a_refusal_of_a_later_version_is_read_by_a_client_of_today(made: GeneratedClient) -> None:
    later = {"type": "urn:comanda:problem:of-a-later-version", "title": "New", "status": 409, "more": {"is": "kept"}}

    problem = made.models.Problem.from_dict({**later, "detail": "", "errors": [], "trace_id": "1"})

    assert problem.type_ == later["type"]
    assert problem["more"] == later["more"]
