"""Test the settings that a function reads from its environment."""

import pytest

from comanda.aws.runtime.settings import MissingSetting, settings


def test_a_missing_setting_is_an_error_at_its_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORDERS_TABLE", raising=False)

    with pytest.raises(MissingSetting, match="ORDERS_TABLE"):
        _ = settings.orders_table
