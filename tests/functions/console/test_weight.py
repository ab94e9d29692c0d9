"""Test that the console's files stay small: a page on a handheld in a warehouse has a slow network."""

import gzip

import pytest

from functions.console import assets


@pytest.mark.parametrize(
    ("name", "most"), [("app.css", 8_000), ("live.js", 4_000), ("keys.js", 2_000), ("scan.js", 3_000)]
)
def test_a_file_of_the_kit_is_small_when_it_travels(name, most):
    asset = assets.find(name)

    assert asset is not None
    assert len(gzip.compress(asset.text.encode())) <= most
