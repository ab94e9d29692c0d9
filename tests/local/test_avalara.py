"""A server that answers as AvaTax does runs beside the embedded AWS: with what it keeps, its faults, and the stage's account."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from comanda.aws.api_client.server import server_at
from comanda.aws.taxes import avalara
from comanda.aws.taxes.avalara import Avalara
from comanda.domain.taxes.failures import TaxFailed
from comanda.domain.taxes.records import TaxedDocument, difference
from comanda.domain.taxes.services import Address, Asked, Question
from infra import names
from local import deploy, emulator
from local.avalara.documents import Documents
from local.avalara.server import ACCOUNT, KEY
from local.instance import Instance
from local.side_servers import AVALARA, STRIPE
from tests.local.world import free_port

CHICAGO = Address(country="US", region="IL", postal_code="60601", city="Chicago", line1="12 Main St")


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("local.instance.ROOT", tmp_path)
    monkeypatch.setenv("COMANDA_PORT", str(free_port()))
    instance = Instance("taxes")
    yield instance
    idle = server_at(AVALARA.url(instance), avalara.SECONDS).idle
    while idle:
        idle.pop().close()
    emulator.reset(instance)


def a_document(code: str = "inv_1") -> TaxedDocument:
    question = Question(
        company="TEACO",
        customer="guest",
        day="2026-11-30",
        currency="USD",
        included=False,
        origin=None,
        rows=[Asked(amount=1_999, to=CHICAGO)],
    )
    return TaxedDocument(question=question, taxes=[205], code=code, credits=False, taxed_on="2026-11-30")


def test_it_keeps_its_documents_over_a_stop_and_forgets_them_at_a_reset(instance: Instance) -> None:
    AVALARA.start(instance)
    address = AVALARA.wait(instance)
    assert address != STRIPE.url(instance)
    first = Avalara(ACCOUNT, KEY, address=address).record(a_document())
    emulator.stop(instance)
    AVALARA.start(instance)
    assert AVALARA.wait(instance) == address

    again = Avalara(ACCOUNT, KEY, address=address).record(a_document())

    assert (again, difference(a_document(), again)) == (first, None)
    (listed,) = httpx.get(f"{address}/_documents").json()
    assert (listed["code"], listed["totalTax"]) == ("inv_1", 2.05)
    emulator.reset(instance)
    assert not AVALARA.folder(instance).exists()


def test_faults_are_set_by_a_door(instance: Instance) -> None:
    AVALARA.start(instance)
    address = AVALARA.wait(instance)
    service = Avalara(ACCOUNT, KEY, address=address)
    fault = {"kind": "rate_limit", "count": 1}

    assert httpx.post(f"{address}/_faults", json={"faults": [fault]}).json()[0]["kind"] == "rate_limit"
    with pytest.raises(TaxFailed):
        service.record(a_document())
    service.record(a_document())

    assert httpx.get(f"{address}/_faults").json()[0]["count"] == 0
    assert httpx.delete(f"{address}/_faults").json() == []
    assert httpx.post(f"{address}/_faults", json={"kind": "flood"}).status_code == 400
    assert httpx.post(f"{address}/_faults", content=b"no").status_code == 400
    assert httpx.get(f"{address}/_flood").status_code == 404


def test_the_stage_gets_its_account(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, Any] = {}
    secrets = SimpleNamespace(put_secret_value=lambda **values: kept.update(values))
    monkeypatch.setattr(Instance, "client", lambda *_: secrets)
    deployed = deploy.Deployed(base_url="", token_url="", settings={names.TAXES_SECRET: "arn:taxes"})

    deploy.connect_taxes(instance, deployed)

    account = {"account": ACCOUNT, "license_key": KEY, "address": AVALARA.url(instance)}
    assert (kept["SecretId"], json.loads(kept["SecretString"])) == ("arn:taxes", {"avalara": account})


def test_a_line_that_an_end_has_cut_off_is_a_document_that_was_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "documents.jsonl"
    sent = {"companyCode": "TEACO", "customerCode": "c", "type": "SalesInvoice", "date": "2026-11-30"}
    sent |= {"currencyCode": "EUR", "addresses": {"singleLocation": {"country": "DE"}}}
    sent |= {"lines": [{"number": "1", "amount": 10.0}]}
    Documents(file).create({**sent, "code": "inv_1"})
    with file.open("a") as more:
        more.write('[["TEACO", "SalesInvo')

    Documents(file).create({**sent, "code": "inv_2"})

    assert [code for _, _, code in Documents(file).kept] == ["inv_1", "inv_2"]
