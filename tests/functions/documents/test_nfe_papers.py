"""The NF-e of an invoice is made once for one state of the sale, passes the published schema, and says what it lacks."""

from typing import Any

import pytest

from comanda.aws.runtime.clients import client
from functions.directory.nfe_contract import NfeOfEntity, NfeOfProduct
from tests.domain.documents.nfe_judges import schema_says, second_says
from tests.domain.documents.nfe_sales import NFE
from tests.domain.documents.xml_texts import texts
from tests.functions.documents.brazil import (
    CUSTOMER,
    HOME,
    SELLER,
    SERIES,
    copy_of_buyer,
    goods_are,
    sells_in_brazil,
    sold,
)
from tests.functions.documents.stored import BUCKET, key_of, objects
from tests.functions.documents.test_invoices import inv
from tests.functions.erase.test_erase import customer_of, erase
from tests.functions.world import Reply, World


def get_nfe(world: World, order_id: str, *, number: int = 1, who: str = "shop") -> Reply:
    return world.call("GET", f"/v1/invoices/{inv(order_id, number)}/nfe", who=who)


def made(world: World, order_id: str, number: int = 1) -> bytes:
    """Return the stored XML, once both judges have nothing to say."""
    reply = get_nfe(world, order_id, number=number)
    assert reply.status == 303, reply.body
    stored = client("s3").get_object(Bucket=BUCKET, Key=key_of(reply))
    xml: bytes = stored["Body"].read()
    assert (schema_says(xml), second_says(xml), stored["ContentType"]) == ([], [], "application/xml")
    return xml


def lacks(world: World, order_id: str) -> str:
    reply = get_nfe(world, order_id)
    assert (reply.status, reply.problem) == (409, "not-allowed"), reply.body
    return str(reply.body["detail"])


def test_an_invoice_has_an_nfe_of_its_number_and_its_total(brazil: World):
    xml = made(brazil, sold(brazil))

    assert (texts(xml, "serie"), texts(xml, "nNF"), texts(xml, "vNF")) == (["1"], ["1"], ["100.00"])
    assert (texts(xml, "vICMS"), texts(xml, "CPF"), texts(xml, "tPag")) == (["18.00", "18.00"], ["52998224725"], ["17"])
    # The code of the city of delivery is found by its name.
    assert texts(xml, "cMun") == ["3550308", "3509502"]
    assert texts(xml, "infCpl") == ["Pedido BR-1"]


def test_the_same_nfe_is_made_once(brazil: World):
    order_id = sold(brazil)

    assert key_of(get_nfe(brazil, order_id)) == key_of(get_nfe(brazil, order_id, who="office"))
    assert len(objects()) == 1


def test_a_present_goes_where_it_is_sent_and_is_of_the_customer(brazil: World):
    billed = HOME | {
        "name": "João da Silva",
        "city": "São Paulo",
        "postal_code": "01310-100",
        "line1": "Avenida Paulista, 9",
    }
    rio = HOME | {"city": "Rio de Janeiro", "region": "Rio de Janeiro", "postal_code": "20010-000"}

    xml = made(brazil, sold(brazil, bill_to=billed, ship_to=rio))

    assert (texts(xml, "xMun")[1], texts(xml, "UF")[1], texts(xml, "idDest")) == ("Rio de Janeiro", "RJ", ["2"])
    assert texts(xml, "xNome")[1] == "João da Silva"


def test_the_channel_says_district_and_code_of_a_city_by_attributes(brazil: World):
    said = {"district": "Cambuí", "city_code": "3509502"}
    address = HOME | {"line2": "Fundos", "city": "Campinas do Interior"}

    xml = made(brazil, sold(brazil, ship_to=address, attributes=said))

    assert (texts(xml, "xBairro")[1], texts(xml, "cMun")[1], texts(xml, "xCpl")) == ("Cambuí", "3509502", ["Fundos"])


def test_what_is_missing_is_named_until_somebody_says_it(brazil: World):
    sells_in_brazil(brazil, nfe=NFE | {"series": {"store-1": 3}, "city_code": None})
    goods_are(brazil, icms="40")
    order_id = sold(brazil, customer={**CUSTOMER, "tax_id": None})
    assert "/seller/nfe/series: the legal entity says no series of the NF-e for invoices of dc-1" in lacks(
        brazil, order_id
    )
    assert "/buyer/tax_id" in lacks(brazil, order_id)

    sells_in_brazil(brazil, nfe=NFE | {"series": SERIES, "city_code": None})
    goods_are(brazil)
    assert "/buyer/tax_id" in lacks(brazil, order_id)
    assert "/seller" not in lacks(brazil, order_id)


def test_a_company_elsewhere_has_no_nfe(world: World):
    sells_in_brazil(world, nfe=None)

    assert "/seller/nfe: the legal entity says nothing of NF-e" in lacks(world, sold(world))


def test_a_product_that_says_nothing_is_named(brazil: World):
    brazil.entry("PRODUCT", "TEA-001", {"title": "Tea", "weight_g": 100, "class": "tea"})

    assert "/lines/0/nfe: the product TEA-001 says nothing of NF-e" in lacks(brazil, sold(brazil))


def test_the_copy_that_the_law_keeps_has_where_the_goods_went(brazil: World):
    order_id = sold(brazil, attributes={"district": "Cambuí", "other": "x"})

    kept = copy_of_buyer(brazil, order_id)

    assert (kept["district"], kept["delivery"]["city"], kept["tax_id"]) == ("Cambuí", "Campinas", CUSTOMER["tax_id"])
    assert "name" not in kept["delivery"]
    assert "other" not in kept


def test_after_an_erasure_people_of_finance_alone_get_the_same(brazil: World):
    order_id = sold(brazil)
    before = made(brazil, order_id)
    told = {"result": "AUTHORIZED", "key": before.decode().partition('Id="NFe')[2][:44], "protocol": "135260000000017"}
    assert brazil.call("POST", f"/v1/invoices/{inv(order_id)}/nfe", told).status == 200
    brazil.steps(order_id, "deliver")
    brazil.settle()
    assert erase(brazil, customer_of(order_id)).status == 200
    brazil.settle()
    assert get_nfe(brazil, order_id).status == 403

    again = client("s3").get_object(Bucket=BUCKET, Key=key_of(get_nfe(brazil, order_id, who="finance")))

    assert again["Body"].read() == before


@pytest.mark.parametrize(("who", "status"), [("other-shop", 404), ("dc-1-system", 403), ("picker", 403), ("form", 403)])
def test_nobody_else_gets_it(brazil: World, who: str, status: int):
    assert get_nfe(brazil, sold(brazil), who=who).status == status


def test_a_person_who_opens_it_is_noted(brazil: World):
    order_id = sold(brazil)

    get_nfe(brazil, order_id, who="sales")

    (note,) = brazil.aws.items("Customers", f"AS#{order_id}")
    assert (note["act"], note["person"]) == ("invoice", "sales")


CHANGES: dict[str, Any] = {
    "state_registration": "110042490115",
    "regime": 1,
    "number": "1001",
    "district": "Centro",
    "city_code": "3509502",
    "test": True,
    "operation": "Venda pela Internet",
    "pis_rate": "0.0065",
    "cofins_rate": "0.03",
    "series": {**SERIES, "dc-1": 7},
    "payment_codes": {"PIX": "20"},
}
GOODS_CHANGES: dict[str, Any] = {
    "ncm": "09022000",
    "origin": 2,
    "unit": "CX",
    "pis_cofins": "06",
    "ibs_cbs_class": "410001",
    "made": True,
    "cest": "1701000",
    "icms": "40",
}


def seen(world: World, order_id: str) -> str:
    reply = get_nfe(world, order_id)
    return key_of(reply) if reply.status == 303 else str(reply.body["detail"])


def test_every_field_of_an_entity_and_of_a_product_changes_the_nfe_or_is_named(brazil: World):
    """The other rates of IBS and CBS come together. The series of returns are tried in
    tests/functions/credit/test_nfe_returns.py, the hours in test_packed_invoices.py beside it."""
    order_id = sold(brazil)
    before = seen(brazil, order_id)
    rates = {"ibs_state_rate": "0.001", "ibs_city_rate": "0", "cbs_rate": "0.009"}
    unused = []
    for field, value in CHANGES.items():
        sells_in_brazil(brazil, nfe=SELLER["nfe"] | {field: value})
        unused += [field] * (seen(brazil, order_id) == before)
    for field, value in (("ibs_state_rate", "0.002"), ("ibs_city_rate", "0.001"), ("cbs_rate", "0.088")):
        sells_in_brazil(brazil, nfe=SELLER["nfe"] | rates | {field: value})
        unused += [field] * (seen(brazil, order_id) == before)
    sells_in_brazil(brazil)
    for field, value in GOODS_CHANGES.items():
        goods_are(brazil, **{field: value})
        unused += [field] * (seen(brazil, order_id) == before)
    assert unused == []
    assert {*CHANGES, *rates, "return_series", "cancel_hours"} == set(NfeOfEntity.model_fields)
    assert set(GOODS_CHANGES) == set(NfeOfProduct.model_fields)
