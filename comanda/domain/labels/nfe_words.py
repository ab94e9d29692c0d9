"""
Say what an item about an NF-e tells beside its reason: why the tax authority refused it, or which fields it lacks.

The authority's own words come with data of people, so they are not taken: its code is, and the codes that sales to consumers
meet have words here. Any other code stands as it is.

Called by   functions/console/render.py
Returns     text in English, Brazilian Portuguese or Spanish
Raises      nothing

Source      Manual de Orientação do Contribuinte 7.0 and its technical notes: the codes of refusals
"""

from collections.abc import Mapping

from comanda.domain.labels import labels
from comanda.domain.labels.status_words import Words

REFUSALS: Mapping[str, Words] = {
    "203": (
        "the seller may not issue NF-e",
        "o emitente não está habilitado a emitir NF-e",
        "el emisor no está habilitado para emitir NF-e",
    ),
    "204": ("the number is taken already", "o número já foi usado", "el número ya fue usado"),
    "207": ("the seller's CNPJ is wrong", "o CNPJ do emitente é inválido", "el CNPJ del emisor no es válido"),
    "208": ("the buyer's CNPJ is wrong", "o CNPJ do destinatário é inválido", "el CNPJ del destinatario no es válido"),
    "209": (
        "the seller's state registration is wrong",
        "a inscrição estadual do emitente é inválida",
        "la inscripción estatal del emisor no es válida",
    ),
    "225": (
        "the XML does not pass the schema",
        "o XML não passa na validação do esquema",
        "el XML no pasa la validación del esquema",
    ),
    "237": ("the buyer's CPF is wrong", "o CPF do destinatário é inválido", "el CPF del destinatario no es válido"),
    "274": (
        "there is no city of the buyer's code",
        "o código do município do destinatário não existe",
        "el código del municipio del destinatario no existe",
    ),
    "301": (
        "the seller is irregular at the tax office",
        "o emitente está irregular no fisco",
        "el emisor está en situación irregular ante el fisco",
    ),
    "302": (
        "the buyer is irregular at the tax office",
        "o destinatário está irregular no fisco",
        "el destinatario está en situación irregular ante el fisco",
    ),
    "321": (
        "a return names no document of its sale",
        "a devolução não referencia o documento da venda",
        "la devolución no indica el documento de la venta",
    ),
    "327": (
        "the CFOP is not that of a return",
        "o CFOP não é de devolução",
        "el CFOP no es de devolución",
    ),
    "481": (
        "the seller's regime is another one at the tax office",
        "o regime do emitente diverge do cadastro do fisco",
        "el régimen del emisor difiere del registro del fisco",
    ),
    "539": (
        "the number is taken already, with another key",
        "o número já foi usado, com outra chave",
        "el número ya fue usado, con otra clave",
    ),
    "567": (
        "the return has more ICMS of the destination than its sale",
        "a devolução tem mais ICMS de destino do que a venda",
        "la devolución tiene más ICMS de destino que la venta",
    ),
    "610": (
        "the total is not the sum of its parts",
        "o total não é a soma das partes",
        "el total no es la suma de sus partes",
    ),
    "611": ("a GTIN is wrong", "um GTIN é inválido", "un GTIN no es válido"),
    "656": (
        "it was sent too often",
        "foi enviada vezes demais",
        "se envió demasiadas veces",
    ),
    "694": (
        "the ICMS of the destination is lacking",
        "falta o ICMS do destino",
        "falta el ICMS del destino",
    ),
    "778": (
        "there is no such class of goods (NCM)",
        "o NCM não existe",
        "el NCM no existe",
    ),
}


def of_item(data: Mapping[str, str], locale: str) -> str:
    """Return the code of a refusal with its words, or the fields that are lacking. Empty: the item tells neither."""
    if code := data.get("code"):
        words = REFUSALS.get(code)
        return f"{code}: {words[labels.column(locale)]}" if words else code
    return ", ".join(data.get("fields", "").split(",")).strip()
