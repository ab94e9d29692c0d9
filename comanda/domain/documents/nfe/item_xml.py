"""
Write an item of an NF-e: the goods, and their taxes. Pure.

Called by   comanda.domain.documents.nfe.layout
Returns     nothing: it adds to the document
Raises      nothing
"""

from decimal import Decimal
from xml.etree import ElementTree as ET

from comanda.domain.documents.nfe import item_taxes
from comanda.domain.documents.nfe.gather import Nfe
from comanda.domain.documents.nfe.item_taxes import Item
from comanda.domain.documents.nfe.xml_parts import add, cents, group, per_cent, text

_GOODS_OF_TEST = "NOTA FISCAL EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL"
_UNTAXED = frozenset({"04", "05", "06", "07", "08", "09"})  # CST of PIS and COFINS


def item(body: ET.Element, nfe: Nfe, number: int, one: Item) -> None:
    """Write an item. `number` counts from 1."""
    part = group(body, "det", nItem=str(number))
    _goods(group(part, "prod"), nfe, number, one)
    taxes = group(part, "imposto")
    _icms(group(taxes, "ICMS"), nfe, one)
    for tax, rate, amount in (("PIS", one.pis_rate, one.pis), ("COFINS", one.cofins_rate, one.cofins)):
        _contribution(group(taxes, tax), tax, one, rate, amount)
    if one.destination_rate:
        _difference(group(taxes, "ICMSUFDest"), one)
    if not nfe.issuer.simples:
        _new_taxes(group(taxes, "IBSCBS"), nfe, one)


def _goods(part: ET.Element, nfe: Nfe, number: int, one: Item) -> None:
    goods, line = one.goods, one.line
    test = nfe.issuer.test and number == 1
    price = f"{(Decimal(one.product) / 100 / line.quantity):.10f}"
    add(part, "cProd", text(line.sku, 60))
    add(part, "cEAN", goods.gtin)
    add(part, "xProd", _GOODS_OF_TEST if test else text(line.title, 120))
    add(part, "NCM", goods.ncm)
    if goods.cest:
        add(part, "CEST", goods.cest)
    code = cfop_of_return if nfe.takes_back else cfop
    add(part, "CFOP", code(one, between_states=nfe.between_states))
    for unit, quantity, of_unit in (("uCom", "qCom", "vUnCom"), ("uTrib", "qTrib", "vUnTrib")):
        if unit == "uTrib":
            add(part, "cEANTrib", goods.gtin)
        add(part, unit, text(goods.unit, 6))
        add(part, quantity, f"{line.quantity}.0000")
        add(part, of_unit, price)
        if unit == "uCom":
            add(part, "vProd", cents(one.product))
    for name, amount in (("vFrete", one.freight), ("vDesc", one.discount)):
        if amount:
            add(part, name, cents(amount))
    add(part, "indTot", "1")


def cfop(one: Item, *, between_states: bool) -> str:
    """Return the code of the sale: to a consumer, within a state or to another one, of goods that were made or bought."""
    if one.goods.tax_paid_before:
        return "5401" if one.goods.made else "5405"
    if between_states:
        return "6107" if one.goods.made else "6108"
    return "5101" if one.goods.made else "5102"


def cfop_of_return(one: Item, *, between_states: bool) -> str:
    """Return the code of goods that come back to the company that sold them."""
    if one.goods.tax_paid_before:
        return "1410" if one.goods.made else "1411"
    return ("2" if between_states else "1") + ("201" if one.goods.made else "202")


def _icms(part: ET.Element, nfe: Nfe, one: Item) -> None:
    code = one.goods.icms
    if nfe.issuer.simples:
        found = group(part, "ICMSSN500" if code == "500" else "ICMSSN102")  # 102 has 103, 300 and 400, too
        add(found, "orig", str(one.goods.origin))
        add(found, "CSOSN", code)
        return
    found = group(part, {"00": "ICMS00", "60": "ICMS60"}.get(code, "ICMS40"))  # 40 has 41 and 50, too
    add(found, "orig", str(one.goods.origin))
    add(found, "CST", code)
    if code == item_taxes.TAXED:
        add(found, "modBC", "3")  # the price of the sale
        add(found, "vBC", cents(one.icms_base))
        add(found, "pICMS", per_cent(one.icms_rate))
        add(found, "vICMS", cents(one.icms))


def _contribution(part: ET.Element, tax: str, one: Item, rate: int, amount: int) -> None:
    """Write PIS or COFINS."""
    code = one.goods.pis_cofins
    if code in _UNTAXED:
        add(group(part, f"{tax}NT"), "CST", code)
        return
    found = group(part, f"{tax}Aliq" if code in ("01", "02") else f"{tax}Outr")
    add(found, "CST", code)
    add(found, "vBC", cents(one.pis_base))
    add(found, f"p{tax}", per_cent(rate))
    add(found, f"v{tax}", cents(amount))


def _difference(part: ET.Element, one: Item) -> None:
    """Write the ICMS of the state of destination."""
    for name, value in (
        ("vBCUFDest", cents(one.icms_base)),
        ("vBCFCPUFDest", cents(one.icms_base)),
        ("pFCPUFDest", per_cent(0)),
        ("pICMSUFDest", per_cent(one.destination_rate)),
        ("pICMSInter", f"{one.icms_rate // 10_000}.00"),
        ("pICMSInterPart", per_cent(1_000_000)),
        ("vFCPUFDest", cents(0)),
        ("vICMSUFDest", cents(one.destination_icms)),
        ("vICMSUFRemet", cents(0)),
    ):
        add(part, name, value)


def _new_taxes(part: ET.Element, nfe: Nfe, one: Item) -> None:
    """Write IBS and CBS. What is not taxed by them has its class alone."""
    add(part, "CST", one.goods.ibs_cbs_class[:3])
    add(part, "cClassTrib", one.goods.ibs_cbs_class)
    if not item_taxes.has_ibs_cbs(one.goods, nfe.issuer):
        return
    found = group(part, "gIBSCBS")
    add(found, "vBC", cents(one.ibs_base))
    for place, rate, amount in (
        ("IBSUF", nfe.rates.state, one.ibs_state),
        ("IBSMun", nfe.rates.city, one.ibs_city),
    ):
        of_place = group(found, f"g{place}")
        add(of_place, f"p{place}", per_cent(rate))
        add(of_place, f"v{place}", cents(amount))
    add(found, "vIBS", cents(one.ibs_state + one.ibs_city))
    cbs = group(found, "gCBS")
    add(cbs, "pCBS", per_cent(nfe.rates.cbs))
    add(cbs, "vCBS", cents(one.cbs))
