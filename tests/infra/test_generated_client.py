"""A client that a tool makes from docs/openapi.json has names for people, and reads the answers of later versions."""

import re
from collections.abc import Iterator

import pytest

from tests.generated import GeneratedClient, generated

INVENTED = re.compile(r"_type_\d")


@pytest.fixture(scope="module")
def generated_client() -> Iterator[GeneratedClient]:
    with generated() as client:
        yield client


def test_the_tool_can_make_all_of_it(generated_client: GeneratedClient) -> None:
    assert generated_client.complaints == []


def test_no_model_has_a_name_that_the_tool_had_to_invent(generated_client: GeneratedClient) -> None:
    assert [file.name for file in (generated_client.folder / "models").iterdir() if INVENTED.search(file.name)] == []


def test_a_refusal_of_a_later_version_is_read_by_a_client_of_today(generated_client: GeneratedClient) -> None:
    later = {"type": "urn:comanda:problem:of-a-later-version", "title": "New", "status": 409, "more": {"is": "kept"}}

    problem = generated_client.models.Problem.from_dict({**later, "detail": "", "errors": [], "trace_id": "1"})

    assert problem.type_ == later["type"]
    assert problem["more"] == later["more"]
