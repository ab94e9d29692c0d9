"""The embedded AWS decides on rights as AWS does, and its log has no personal data."""

import logging

import pytest
from ministack.core import iam_evaluator

from local.cures import permissions, silence


def test_a_wildcard_of_a_policy_matches_a_name_with_a_line_break(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iam_evaluator, "_fnmatch_compile", iam_evaluator._fnmatch_compile)
    permissions.wildcards_match_every_character()

    for matches in (iam_evaluator.fnmatch_iam_cs, iam_evaluator.fnmatch_iam):
        assert matches("arn:aws:s3:::files/inbox/acme/stock/a\n\tb.csv", "arn:aws:s3:::files/inbox/*")
        assert matches("a\nb", "a?b")
        assert not matches("arn:aws:s3:::other/inbox/x", "arn:aws:s3:::files/inbox/*")
    assert not iam_evaluator.fnmatch_iam_cs("INBOX/X", "inbox/*")


def test_the_emulators_own_log_has_no_mail_addresses(caplog: pytest.LogCaptureFixture) -> None:
    levels = {name: logging.getLogger(name).level for name in silence.WITH_ADDRESSES}
    try:
        silence.addresses_are_not_logged()

        for name in silence.WITH_ADDRESSES:
            logging.getLogger(name).info("to ann@example.com")
        assert "ann@example.com" not in caplog.text
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
