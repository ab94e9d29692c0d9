"""The commands `comanda numbers` say in one message what was refused."""

from typing import Any

import pytest
from typer.testing import CliRunner

from local import tables
from local.cli import app
from ops import number_series
from ops.number_series import NotForward

SET = ["numbers", "set", "invoice", "dc-1", "430", "--stage", "prod"]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a stage be there without an AWS."""
    monkeypatch.setattr(tables, "numbers", lambda _stage: (None, "Directory", "Orders"))


@pytest.mark.usefixtures("stage")
def test_a_number_that_is_not_forward_is_one_clear_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **_new: Any) -> int:
        raise NotForward("invoice dc-1 is at 431: a series goes forward alone")

    monkeypatch.setattr(number_series, "set_last", refuse)
    refused = CliRunner().invoke(app, SET)

    assert (refused.exit_code, refused.output) == (1, "invoice dc-1 is at 431: a series goes forward alone\n")


@pytest.mark.usefixtures("stage")
def test_a_series_that_is_set_says_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_series, "set_last", lambda *_, **_new: 12)
    taken = CliRunner().invoke(app, SET)

    assert (taken.exit_code, taken.output) == (0, "invoice dc-1 goes on after 430; it was at 12\n")


@pytest.mark.parametrize("command", [["list"], ["set", "invoice", "dc-1", "430"]])
def test_a_stage_that_is_not_there_is_refused(command: list[str]) -> None:
    unknown = CliRunner().invoke(app, ["numbers", *command, "--stage", "moon"])

    assert unknown.exit_code == 2
    assert "moon is no stage" in unknown.output
