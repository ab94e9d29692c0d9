"""The PDF of an invoice, and of a credit note that takes goods back, shows the NF-e that the authority took, and its bars are read back."""

import json
from dataclasses import replace
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from comanda.aws.runtime import formats
from comanda.domain.documents.invoice_document import Letterhead, content
from comanda.domain.documents.nfe.access_key import AccessKey
from comanda.domain.documents.nfe.on_paper import PaperNfe
from functions.documents import press
from tests.domain.documents.nfe_sales import BUYER, ENTITY
from tests.domain.documents.sales import a_sale
from tests.functions.credit.test_nfe_returns import RETURNS, credited, key_in, made, tell_return
from tests.functions.credit.test_nfe_told import PROTOCOL, key_of_nfe, tell
from tests.functions.documents.brazil import CUSTOMER, SELLER, sells_in_brazil, sold
from tests.functions.documents.stored import key_of, pages
from tests.functions.documents.test_invoices import get_pdf
from tests.functions.intake.changes.test_tax_ids import gives
from tests.functions.world import Reply, World

KEY = AccessKey(state_code="35", month="2611", cnpj="11222333000181", series=1, number=17, code="48210937")


def text_of(reply: Reply) -> str:
    """Return the words of a PDF with single blanks. A long word may be broken at a mark that has no width."""
    assert reply.status == 303, reply.body
    return " ".join(" ".join(pages(key_of(reply))).replace("\u200b", "").split())


def grouped(key: str) -> str:
    return " ".join(key[at : at + 4] for at in range(0, 44, 4))


def test_an_invoice_shows_the_key_and_the_protocol_once_its_nfe_is_authorized(brazil: World):
    order_id = sold(brazil)
    before = text_of(get_pdf(brazil, order_id))
    key = key_of_nfe(brazil, order_id)
    assert "NF-e" not in before
    assert tell(brazil, order_id, key, result="REFUSED", code="778", protocol=None).status == 200
    assert text_of(get_pdf(brazil, order_id)) == before

    assert tell(brazil, order_id, key).status == 200
    after = text_of(get_pdf(brazil, order_id))

    assert (
        f"NF-e, nota fiscal eletrônica Tipo de operação 1 - saída Série 1 Número 1 Protocolo de autorização de uso {PROTOCOL}"
        in after
    )
    assert f"Inscrição estadual 110042490114 CHAVE DE ACESSO {grouped(key)}" in after
    assert "Este documento não substitui o DANFE" in after
    assert "21,9512 %" in after  # with all its digits
    assert "Avenida Paulista, 1000 Bela Vista" in after  # its street has a number, as the NF-e wants it

    assert tell(brazil, order_id, key, result="CANCELLED", protocol="135260000000018").status == 200
    cancelled = text_of(get_pdf(brazil, order_id))

    assert "NF-e, nota fiscal eletrônica: CANCELADA" in cancelled
    assert "Protocolo de cancelamento 135260000000018" in cancelled


def test_the_paper_has_the_buyer_and_the_seller_of_the_nfe(brazil: World):
    order_id = sold(brazil, customer={**CUSTOMER, "tax_id": None})
    assert CUSTOMER["tax_id"] not in text_of(get_pdf(brazil, order_id))
    assert gives(brazil, order_id, CUSTOMER["tax_id"]).status == 200
    brazil.settle()
    sells_in_brazil(brazil, name="Chá Ltda")

    assert tell(brazil, order_id, key_of_nfe(brazil, order_id)).status == 200
    sells_in_brazil(brazil, name="Nova Ltda")
    shown = text_of(get_pdf(brazil, order_id))

    assert CUSTOMER["tax_id"] in shown
    assert "Chá Ltda" in shown
    assert "Nova Ltda" not in shown


def test_a_credit_note_shows_the_nfe_of_its_return(brazil: World):
    sells_in_brazil(brazil, nfe=SELLER["nfe"] | {"return_series": RETURNS})
    order_id = sold(brazil)
    assert tell(brazil, order_id, key_of_nfe(brazil, order_id)).status == 200
    note = credited(brazil, order_id)
    key = key_in(made(brazil, note))
    assert tell_return(brazil, note, key).status == 200

    shown = text_of(brazil.call("GET", f"/v1/credit-notes/{note}/pdf", who="shop"))

    assert "Tipo de operação 0 - entrada Série 101 Número 1" in shown
    assert grouped(key) in shown


@pytest.mark.parametrize("cnpj", ["11222333000181", "A1B2C3D4E5F681", "ABCDEFGHIJKL80"])
@pytest.mark.parametrize("locale", ["pt-BR", "en-US", "es-ES"])
def test_the_bars_are_the_key(cnpj: str, locale: str):
    """They are drawn with 200 dots an inch, as the plainest printers do."""
    key = replace(KEY, cnpj=cnpj).text
    head = Letterhead(brand="Chá", locale=locale, nfe=PaperNfe(key=key, protocol=PROTOCOL, cancelled=False))
    shown = content(a_sale(), head, ENTITY, BUYER, formats.of_locale(locale), press.countries("pt"))
    link = "https://example.org/v1/s/x"

    data = json.dumps({**shown, "code": press.qr_code(link), "bars": press.code_128(key)})
    drawn = press._compiler("invoice").compile(format="png", ppi=200, sys_inputs={"data": data})

    read = {code.format: code.text for code in zxingcpp.read_barcodes(Image.open(BytesIO(drawn)))}
    assert read == {zxingcpp.BarcodeFormat.Code128: key, zxingcpp.BarcodeFormat.QRCode: link}
