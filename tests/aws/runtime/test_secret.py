"""Test the signatures that are made with the secret of the stage."""

from typing import Any

from comanda.aws.runtime import secret


def test_a_guest_has_one_id_for_each_spelling_of_an_e_mail_and_the_id_does_not_show_it(aws: Any) -> None:
    assert secret.guest_id(" Ada@Example.org ") == secret.guest_id("ada@example.org")
    assert secret.guest_id("ada@example.org") != secret.guest_id("eve@example.org")
    assert "ada" not in secret.guest_id("ada@example.org")
    assert secret.guest_id(None) != secret.guest_id(None)


def test_each_purpose_signs_with_a_key_of_its_own(aws: Any) -> None:
    assert secret.sign("cursor", "x") != secret.sign("guest", "x")
