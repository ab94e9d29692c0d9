"""Test that the console's files stay small: a page on a handheld in a warehouse has a slow network."""

import gzip

import pytest
import rcssmin
import rjsmin

from functions.console import assets


@pytest.mark.parametrize(
    ("name", "most"), [("app.css", 8_000), ("live.js", 4_000), ("keys.js", 2_000), ("scan.js", 3_000)]
)
def test_a_file_of_the_kit_is_small_when_it_travels(name, most):
    asset = assets.find(name)

    assert asset is not None
    shorten = rcssmin.cssmin if name.endswith(".css") else rjsmin.jsmin  # as infra/package.py does
    assert len(gzip.compress(shorten(asset.text).encode())) <= most
