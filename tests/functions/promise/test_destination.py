"""The destination of a basket may lack everything but its country, and its coordinates are on the earth."""

import pytest
from pydantic import ValidationError

from functions.promise.contract import To


def test_texts_may_be_blank_or_missing():
    assert To.model_validate({"country": "US", "region": "", "city": "", "postal_code": ""}) == To(country="US")


@pytest.mark.parametrize(("name", "most"), [("latitude", 90), ("longitude", 180)])
def test_coordinates_end_where_the_earth_does(name: str, most: int):
    for there in (-most, most):
        assert getattr(To.model_validate({"country": "US", name: there}), name) == there
    for beyond in (-most - 0.01, most + 0.01, float("nan")):
        with pytest.raises(ValidationError, match=name):
            To.model_validate({"country": "US", name: beyond})


@pytest.mark.parametrize(("name", "most"), [("region", 64), ("city", 200), ("postal_code", 16)])
def test_a_text_has_its_length_and_no_more(name: str, most: int):
    assert len(getattr(To.model_validate({"country": "US", name: "1" * most}), name)) == most
    with pytest.raises(ValidationError, match=name):
        To.model_validate({"country": "US", name: "1" * (most + 1)})
