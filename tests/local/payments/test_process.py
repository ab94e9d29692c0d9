"""The server runs beside the embedded AWS of its instance: one for each, on a port of its own, stopped with it."""

import os
import socket
from pathlib import Path

import pytest
import stripe

from local import emulator
from local.instance import HOST, Instance
from local.side_servers import STRIPE, NotAnswering
from local.stripe.server import KEY
from tests.local.world import free_port


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("local.instance.ROOT", tmp_path)
    monkeypatch.setenv("COMANDA_PORT", str(free_port()))
    instance = Instance("payments")
    yield instance
    emulator.reset(instance)


def calls(instance: Instance):
    return stripe.StripeClient(KEY, base_addresses={"api": STRIPE.url(instance)}, max_network_retries=0).v1


def test_it_starts_once_keeps_its_account_and_ends_with_the_embedded_aws(instance: Instance) -> None:
    STRIPE.start(instance)
    address = STRIPE.wait(instance)
    first = (STRIPE.folder(instance) / "process.json").read_text()
    intent = calls(instance).payment_intents.create({"amount": 500, "currency": "usd"})
    STRIPE.start(instance)
    assert (STRIPE.folder(instance) / "process.json").read_text() == first

    emulator.stop(instance)

    with pytest.raises(stripe.APIConnectionError):
        calls(instance).payment_intents.retrieve(intent.id)
    STRIPE.start(instance)
    assert STRIPE.wait(instance) == address
    assert calls(instance).payment_intents.retrieve(intent.id).amount == 500
    emulator.reset(instance)
    assert not STRIPE.folder(instance).exists()


def test_it_takes_the_next_port_where_its_own_is_taken(instance: Instance) -> None:
    wanted = int(STRIPE.url(instance).rsplit(":", 1)[1])
    with socket.socket() as other:
        other.bind((HOST, wanted))
        other.listen()

        STRIPE.start(instance)

        assert int(STRIPE.wait(instance).rsplit(":", 1)[1]) > wanted


def test_a_port_that_looks_free_and_cannot_be_listened_at_costs_no_second_start(instance: Instance) -> None:
    """The end of a connection keeps its port for a minute and answers nobody. Another program may take one meanwhile, too."""
    wanted = int(STRIPE.url(instance).rsplit(":", 1)[1])
    with socket.socket() as other, socket.socket() as one_more:
        other.bind((HOST, wanted))
        one_more.bind((HOST, wanted + 1))
        STRIPE.start(instance)
        started = (STRIPE.folder(instance) / "process.json").read_text()

        assert int(STRIPE.wait(instance).rsplit(":", 1)[1]) > wanted + 1

    assert (STRIPE.folder(instance) / "process.json").read_text() == started


def test_it_never_stops_a_process_that_is_not_its_own(instance: Instance) -> None:
    STRIPE.folder(instance).mkdir(parents=True)
    (STRIPE.folder(instance) / "process.json").write_text(f'{{"pid": {os.getpid()}}}')

    STRIPE.stop(instance)

    assert not (STRIPE.folder(instance) / "process.json").exists()


def test_a_server_that_does_not_start_says_why(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    STRIPE.folder(instance).mkdir(parents=True)
    (STRIPE.folder(instance) / "stripe.sqlite").mkdir()
    STRIPE.start(instance)

    with pytest.raises(NotAnswering, match="unable to open database file"):
        STRIPE.wait(instance)
