"""The commands `comanda money` say what differs, and how many sums they wrote."""

import pytest
from typer.testing import CliRunner

from local import tables
from local.cli import app
from ops import debt_days, money_audit


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a stage be there without an AWS."""
    monkeypatch.setattr(tables, "orders", lambda stage: (None, f"{stage}-Orders"))


@pytest.mark.parametrize(("found", "code"), [([], 0), (["AC#0a: its owed is 1, its entries add up to 2"], 1)])
def test_an_audit_prints_what_differs_and_its_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch, found: list[str], code: int
) -> None:
    monkeypatch.setattr(money_audit, "of_table", lambda _client, table: (7 if table == "prod-Orders" else 0, found))

    ran = CliRunner().invoke(app, ["money", "audit", "--stage", "prod"])

    assert (ran.exit_code, ran.output.splitlines()) == (code, [*found, f"7 orders, {len(found)} differences"])


def test_mending_says_how_many_sums_it_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debt_days, "mend", lambda _client, table: 3 if table == "prod-Orders" else 0)

    ran = CliRunner().invoke(app, ["money", "mend-days", "--stage", "prod"])

    assert (ran.exit_code, ran.output) == (0, "3 sums of days were written\n")
