"""
Write an NF-e as XML of the layout 4.00, without its signature. Pure.

Whoever authorises it signs it: the certificate of the company is its own, and no part of this system.

Called by   functions/documents, after comanda.domain.documents.nfe.gather found nothing missing
Returns     bytes: the same NF-e is the same bytes
Raises      nothing

Source      Manual de Orientação do Contribuinte 7.0, and NT 2025.002 for IBS and CBS
"""

from xml.etree import ElementTree as ET

from comanda.domain.documents.nfe import access_key, item_xml
from comanda.domain.documents.nfe.gather import Nfe
from comanda.domain.documents.nfe.item_taxes import total
from comanda.domain.documents.nfe.master_data import Issuer
from comanda.domain.documents.nfe.parties import Recipient
from comanda.domain.documents.nfe.payments import Payment
from comanda.domain.documents.nfe.xml_parts import add, cents, group, text

FORM = b"nfe-1"  # another text once the same NF-e would be written otherwise: what is kept is then made anew
NAMESPACE = "http://www.portalfiscal.inf.br/nfe"
VERSION = "4.00"
_PROGRAM = "Comanda"
_OF_RETURN = "Devolução de venda"
_BUYER_OF_TEST = "NF-E EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL"


def write(nfe: Nfe) -> bytes:
    """Return the XML of an NF-e."""
    root = ET.Element("NFe", {"xmlns": NAMESPACE})
    body = ET.SubElement(root, "infNFe", {"versao": VERSION, "Id": f"NFe{nfe.key.text}"})
    _identification(body, nfe)
    _issuer(body, nfe.issuer)
    _recipient(body, nfe)
    for number, item in enumerate(nfe.items, 1):
        item_xml.item(body, nfe, number, item)
    _totals(body, nfe)
    add(group(body, "transp"), "modFrete", "9" if nfe.picked_up else "0")
    paid = group(body, "pag")
    for one in nfe.payments:
        _payment(paid, one)
    of_sale = f". Devolução da NF-e {nfe.takes_back}" if nfe.takes_back else ""
    add(group(body, "infAdic"), "infCpl", text(f"Pedido {nfe.document.order_number}{of_sale}", 5000))
    written: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>' + written


def _identification(body: ET.Element, nfe: Nfe) -> None:
    part, key = group(body, "ide"), nfe.key
    for name, value in (
        ("cUF", key.state_code),
        ("cNF", key.code),
        ("natOp", _OF_RETURN if nfe.takes_back else text(nfe.issuer.operation, 60)),
        ("mod", access_key.MODEL),
        ("serie", str(key.series)),
        ("nNF", str(key.number)),
        ("dhEmi", nfe.issued_at.isoformat()),
        ("tpNF", "0" if nfe.takes_back else "1"),  # goods come in, or leave
        ("idDest", "2" if nfe.between_states else "1"),
        ("cMunFG", nfe.issuer.city_code),
        ("tpImp", "1"),
        ("tpEmis", access_key.NORMAL),
        ("cDV", key.text[-1]),
        ("tpAmb", "2" if nfe.issuer.test else "1"),
        ("finNFe", "4" if nfe.takes_back else "1"),  # a return, or a sale
        ("indFinal", "1"),  # buyers are consumers
        ("indPres", "1" if nfe.picked_up else "2"),
    ):
        add(part, name, value)
    if not nfe.picked_up:
        add(part, "indIntermed", "0")  # the seller's own shop
    add(part, "procEmi", "0")
    add(part, "verProc", _PROGRAM)
    if nfe.takes_back:
        add(group(part, "NFref"), "refNFe", nfe.takes_back)


def _issuer(body: ET.Element, issuer: Issuer) -> None:
    part = group(body, "emit")
    add(part, "CNPJ", issuer.cnpj)
    add(part, "xNome", text(issuer.name, 60))
    place = group(part, "enderEmit")
    _address(place, issuer)
    add(place, "CEP", issuer.postal_code)
    _country(place)
    add(part, "IE", issuer.state_registration)
    add(part, "CRT", str(issuer.regime))


def _recipient(body: ET.Element, nfe: Nfe) -> None:
    part, found = group(body, "dest"), nfe.recipient
    add(part, "CPF" if len(found.tax_id) == 11 else "CNPJ", found.tax_id)
    add(part, "xNome", _BUYER_OF_TEST if nfe.issuer.test else text(found.name, 60))
    place = group(part, "enderDest")
    _address(place, found)
    add(place, "CEP", found.postal_code)
    _country(place)
    add(part, "indIEDest", "9")  # no taxpayer of ICMS


def _address(place: ET.Element, of: Issuer | Recipient) -> None:
    add(place, "xLgr", text(of.street, 60))
    add(place, "nro", text(of.number, 60))
    if complement := text(of.complement, 60):
        add(place, "xCpl", complement)
    add(place, "xBairro", text(of.district, 60))
    add(place, "cMun", of.city_code)
    add(place, "xMun", text(of.city, 60))
    add(place, "UF", of.state)


def _country(place: ET.Element) -> None:
    add(place, "cPais", "1058")
    add(place, "xPais", "Brasil")


def _totals(body: ET.Element, nfe: Nfe) -> None:
    part = group(body, "total")
    sums = group(part, "ICMSTot")
    has_destination = any(one.destination_rate for one in nfe.items)
    for name, amount in (
        ("vBC", total(nfe.items, "icms_base")),
        ("vICMS", total(nfe.items, "icms")),
        ("vICMSDeson", 0),
        *((("vFCPUFDest", 0), ("vICMSUFDest", total(nfe.items, "destination_icms"))) if has_destination else ()),
        *((("vICMSUFRemet", 0),) if has_destination else ()),
        *((name, 0) for name in ("vFCP", "vBCST", "vST", "vFCPST", "vFCPSTRet")),
        ("vProd", total(nfe.items, "product")),
        ("vFrete", total(nfe.items, "freight")),
        ("vSeg", 0),
        ("vDesc", total(nfe.items, "discount")),
        *((name, 0) for name in ("vII", "vIPI", "vIPIDevol")),
        ("vPIS", total(nfe.items, "pis")),
        ("vCOFINS", total(nfe.items, "cofins")),
        ("vOutro", 0),
        ("vNF", total(nfe.items, "price")),
    ):
        add(sums, name, cents(amount))
    if not nfe.issuer.simples:
        _new_taxes(part, nfe)


def _new_taxes(part: ET.Element, nfe: Nfe) -> None:
    """Write the sums of IBS and CBS. They are no part of the total of the NF-e in the year of their test."""
    sums = group(part, "IBSCBSTot")
    add(sums, "vBCIBSCBS", cents(total(nfe.items, "ibs_base")))
    of_state, of_city = total(nfe.items, "ibs_state"), total(nfe.items, "ibs_city")
    ibs = group(sums, "gIBS")
    for name, tag, amount in (("gIBSUF", "vIBSUF", of_state), ("gIBSMun", "vIBSMun", of_city)):
        place = group(ibs, name)
        for zero in ("vDif", "vDevTrib"):
            add(place, zero, cents(0))
        add(place, tag, cents(amount))
    add(ibs, "vIBS", cents(of_state + of_city))
    cbs = group(sums, "gCBS")
    for zero in ("vDif", "vDevTrib"):
        add(cbs, zero, cents(0))
    add(cbs, "vCBS", cents(total(nfe.items, "cbs")))
    for place in (ibs, cbs):
        for zero in ("vCredPres", "vCredPresCondSus"):
            add(place, zero, cents(0))


def _payment(paid: ET.Element, one: Payment) -> None:
    part = group(paid, "detPag")
    if one.later:
        add(part, "indPag", "1")
    add(part, "tPag", one.code)
    if one.words:
        add(part, "xPag", text(one.words, 60))
    add(part, "vPag", cents(one.amount))
    if one.code in ("03", "04", "17"):
        add(group(part, "card"), "tpIntegra", "2")  # paid in another program than this one
