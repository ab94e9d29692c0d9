"""Run the rooms in this process on an AWS of their own, for figures that count requests and not time."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO

import pytest

from tests.functions.world import World
from tests.moto_aws import an_aws


@contextmanager
def quiet() -> Iterator[None]:
    """Run without the rooms' log, which also has their metrics."""
    logging.disable(logging.INFO)
    try:
        with redirect_stdout(StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)


@contextmanager
def a_world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, an_aws(patch) as aws, World(aws, patch) as world:
        yield world
