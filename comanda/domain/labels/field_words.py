"""
Give the words for what is wrong with a field, by the stable code of the API's problem.

This file is long because it has the words of every code.

Called by   comanda.domain.labels.labels
Returns     tables: code -> the words in English, Portuguese and Spanish; codes that mean the same have the same words

The API's own sentence is English, and often says more than the words: a limit, a day, a name. So readers of English get that
sentence. `WITH_NUMBER` has the words for codes whose sentence names a limit, which the words repeat.
This module is long because it is one table: each code has its row.
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

_LONG: Words = ("Is too long", "É longo demais", "Es demasiado largo")
_SHAPE: Words = ("Does not have the right form", "Não tem o formato certo", "No tiene el formato correcto")
_EMPTY: Words = ("Must not be empty", "Não pode ficar vazio", "No puede quedar vacío")
_KIND: Words = ("Is of the wrong kind", "É do tipo errado", "Es del tipo equivocado")
_NUMBER: Words = ("Takes a whole number", "Aceita um número inteiro", "Acepta un número entero")
_RANGE: Words = ("Lies outside the limits", "Está fora dos limites", "Está fuera de los límites")
_TWICE: Words = ("Stands twice", "Aparece duas vezes", "Aparece dos veces")
_DAY: Words = ("Is no day of the calendar", "Não é um dia do calendário", "No es un día del calendario")
_TIME: Words = ("Is no time of a day", "Não é um horário", "No es un horario")
_NODE: Words = ("There is no such node", "Não existe este local", "No existe este local")
_CURRENCIES: Words = ("Mixes currencies", "Mistura moedas", "Mezcla monedas")
_SUM: Words = ("Does not add up", "A soma não confere", "La suma no cuadra")
_TOGETHER: Words = ("These do not go together", "Não combinam entre si", "No van juntos")
_OTHER_BASKET: Words = ("Was made for other units", "Foi feito para outros itens", "Se hizo para otros artículos")
_CHOICE: Words = ("Is none of the choices", "Não é uma das opções", "No es una de las opciones")

# What is wrong with a text, a number or a list of any request.
_OF_FORM: Mapping[str, Words] = {
    "missing": _EMPTY,
    "value-error": ("Does not fit", "Não serve", "No encaja"),
    "string-too-short": _EMPTY,
    "empty-parameter": _EMPTY,
    "string-too-long": _LONG,
    "string-pattern-mismatch": _SHAPE,
    "malformed": _SHAPE,
    "not-an-email": (
        "Is no e-mail address",
        "Não é um endereço de e-mail",
        "No es una dirección de correo",
    ),
    "not-mailable": (
        "Nobody can mail to this address",
        "Não é possível enviar e-mail a este endereço",
        "No se puede escribir a esta dirección",
    ),
    "not-text": (
        "Holds something that is no text",
        "Contém algo que não é texto",
        "Contiene algo que no es texto",
    ),
    "unseen-character": (
        "Holds a character that nobody sees",
        "Contém um caractere invisível",
        "Contiene un carácter invisible",
    ),
    "string-unicode": (
        "Holds something that is no text",
        "Contém algo que não é texto",
        "Contiene algo que no es texto",
    ),
    "card-number": (
        "Looks like a card number, which is never stored",
        "Parece um número de cartão, que nunca é guardado",
        "Parece un número de tarjeta, que nunca se guarda",
    ),
    "guessable": (
        "Is one of the first that anyone would try: choose four other digits",
        "É um dos primeiros que alguém tentaria: escolha outros quatro dígitos",
        "Es uno de los primeros que alguien probaría: elija otros cuatro dígitos",
    ),
    "string-type": ("Takes text", "Aceita texto", "Acepta texto"),
    "int-type": _NUMBER,
    "int-from-float": _NUMBER,
    "int-parsing-size": ("The number is too large", "O número é grande demais", "El número es demasiado grande"),
    "float-type": ("Takes a number", "Aceita um número", "Acepta un número"),
    "finite-number": ("Takes a number", "Aceita um número", "Acepta un número"),
    "bool-type": ("Takes yes or no", "Aceita sim ou não", "Acepta sí o no"),
    "model-type": _KIND,
    "model-attributes-type": _KIND,
    "dict-type": _KIND,
    "list-type": _KIND,
    "literal-error": _CHOICE,
    "not-a-choice": _CHOICE,
    "greater-than-equal": ("Is too small", "É pequeno demais", "Es demasiado pequeño"),
    "less-than-equal": ("Is too large", "É grande demais", "Es demasiado grande"),
    "too-short": ("Has too few entries", "Tem entradas de menos", "Tiene muy pocas entradas"),
    "too-long": ("Has too many entries", "Tem entradas demais", "Tiene demasiadas entradas"),
    "too-small": ("Is too small", "É pequeno demais", "Es demasiado pequeño"),
    "too-large": ("Is too large", "É grande demais", "Es demasiado grande"),
    "too-many": ("Is more than there is", "É mais do que existe", "Es más de lo que hay"),
    "out-of-range": _RANGE,
    "document-too-large": _LONG,
    "named-twice": ("Names something twice", "Cita algo duas vezes", "Nombra algo dos veces"),
    "duplicate": _TWICE,
    "overlapping": ("Overlaps another row", "Sobrepõe-se a outra linha", "Se superpone a otra fila"),
    "the-same": ("Is the same as before", "É igual ao de antes", "Es igual al de antes"),
    "never-used": ("Is never used", "Nunca é usado", "Nunca se usa"),
    "not-with-preview": ("Does not go with a preview", "Não combina com uma prévia", "No va con una vista previa"),
    "group-of-other-lines": (
        "Other lines have this group",
        "Outras linhas têm este grupo",
        "Otras líneas tienen este grupo",
    ),
    "not-a-day": _DAY,
    "not-a-month": ("Is no month", "Não é um mês", "No es un mes"),
    "not-a-time": _TIME,
    "no-time-zone": ("Names no time zone", "Não diz o fuso horário", "No dice la zona horaria"),
    "in-the-past": ("Lies in the past", "Está no passado", "Está en el pasado"),
    "in-the-future": ("Lies in the future", "Está no futuro", "Está en el futuro"),
    "too-long-ago": ("Lies too long ago", "Está longe demais no passado", "Está demasiado lejos en el pasado"),
    "too-far": ("Lies too far ahead", "Está longe demais no futuro", "Está demasiado lejos en el futuro"),
    "after-deliver-by": (
        "Lies after the day by which it is wanted",
        "Está depois do dia em que é desejado",
        "Está después del día en que se desea",
    ),
    "before-the-order": ("Lies before the order", "Está antes do pedido", "Está antes del pedido"),
    "extra-forbidden": ("Is not expected here", "Não é esperado aqui", "No se espera aquí"),
    "unknown-parameter": ("Is not expected here", "Não é esperado aqui", "No se espera aquí"),
    "too-few-signs": ("Type more of it", "Digite mais", "Escriba más"),
    "one-filter": (
        "Search by one of e-mail, phone and name",
        "Busque por um só: e-mail, telefone ou nome",
        "Busque por uno solo: correo, teléfono o nombre",
    ),
    "unknown-filter": (
        "Choose a customer, or a channel and a day",
        "Escolha um cliente, ou um canal e um dia",
        "Elija un cliente, o un canal y un día",
    ),
}

# What is wrong with a name, a place, or with what fields say together.
_OF_CONTENT: Mapping[str, Words] = {
    "contact-too-large": (
        "The names, addresses and notes are too long together",
        "Nomes, endereços e observações são longos demais juntos",
        "Nombres, direcciones y notas son demasiado largos juntos",
    ),
    "changes-too-large": (
        "The words of the changes are too long together",
        "Os textos das alterações são longos demais juntos",
        "Los textos de los cambios son demasiado largos juntos",
    ),
    "unknown-node": _NODE,
    "unknown-picker": (
        "Nobody of this node has this id",
        "Ninguém deste local tem este código",
        "Nadie de este centro tiene este código",
    ),
    "unknown-channel": ("There is no such channel", "Não existe este canal", "No existe este canal"),
    "unknown-partner": ("There is no such partner", "Não existe este parceiro", "No existe este socio"),
    "not-of-the-invoice": (
        "This is the key of another NF-e",
        "Esta chave é de outra NF-e",
        "Esta clave es de otra NF-e",
    ),
    "not-of-the-channel": (
        "No channel sells in this currency",
        "Nenhum canal vende nesta moeda",
        "Ningún canal vende en esta moneda",
    ),
    "overlapping": ("Overlaps with another row", "Sobrepõe-se a outra linha", "Se solapa con otra fila"),
    "unknown-seller": ("There is no such seller", "Não existe este vendedor", "No existe este vendedor"),
    "unknown-sku": ("There is no such product", "Não existe este produto", "No existe este producto"),
    "not-in-skus": (
        "Is not among the skus of the question",
        "Não está entre os skus da pergunta",
        "No está entre los skus de la pregunta",
    ),
    "unknown-package": (
        "The shipment has no such package",
        "A remessa não tem este pacote",
        "El envío no tiene este paquete",
    ),
    "too-few": ("Is less than there is", "É menos do que existe", "Es menos de lo que hay"),
    "too-heavy": (
        "Is more than the carton or the carrier takes",
        "É mais do que a caixa ou a transportadora aceita",
        "Es más de lo que admite la caja o el transportista",
    ),
    "unknown-carton": ("There is no such carton", "Não existe esta caixa", "No existe esta caja"),
    "wrong-carton": (
        "The goods need another carton",
        "A mercadoria precisa de outra caixa",
        "La mercancía necesita otra caja",
    ),
    "check-digit": (
        "The check digit is wrong",
        "O dígito verificador está errado",
        "El dígito de control es incorrecto",
    ),
    "sscc-taken": (
        "Another package has this number",
        "Outro pacote tem este número",
        "Otro paquete tiene este número",
    ),
    "nested-package": (
        "This package stands on another one itself",
        "Este pacote já está sobre outro",
        "Este paquete ya está sobre otro",
    ),
    "not-a-pallet": (
        "This package holds goods of its own",
        "Este pacote contém mercadoria própria",
        "Este paquete contiene mercancía propia",
    ),
    "unknown-fulfillment": ("There is no such work", "Não existe este trabalho", "No existe este trabajo"),
    "unknown-invoice": ("There is no such invoice", "Não existe esta fatura", "No existe esta factura"),
    "not-used": ("Does not belong to this choice", "Não faz parte desta opção", "No corresponde a esta opción"),
    "wrong-currency": ("Is another currency", "É outra moeda", "Es otra moneda"),
    "not-possible": ("Cannot be so", "Não pode ser assim", "No puede ser así"),
    "unknown-line": ("There is no such line", "Não existe esta linha", "No existe esta línea"),
    "no-rule": ("It has no rule", "Não tem regra", "No tiene regla"),
    "unknown-cancel-reason": (
        "There is no such reason in use",
        "Não existe este motivo em uso",
        "No existe este motivo en uso",
    ),
    "unknown-decline-reason": (
        "There is no such reason in use",
        "Não existe este motivo em uso",
        "No existe este motivo en uso",
    ),
    "one-proof": (
        "Give either the e-mail or the postal code",
        "Informe o e-mail ou o código postal",
        "Indique el correo o el código postal",
    ),
    "unknown-customer": ("There is no such customer", "Não existe este cliente", "No existe este cliente"),
    "same-customer": (
        "It is the same customer",
        "É o mesmo cliente",
        "Es el mismo cliente",
    ),
    "unknown-hold-type": (
        "There is no such kind of hold",
        "Não existe este tipo de bloqueio",
        "No existe este tipo de retención",
    ),
    "unknown-answer": _CHOICE,
    "unknown-status": _CHOICE,
    "unknown-role": ("There is no such role", "Não existe esta função", "No existe este rol"),
    "unknown-currency": (
        "There is no such currency, or it was replaced",
        "Não existe esta moeda, ou foi substituída",
        "No existe esta moneda, o fue reemplazada",
    ),
    "unknown-country": ("There is no such country", "Não existe este país", "No existe este país"),
    "unknown-scheme": (
        "The network of electronic invoices has no such scheme",
        "A rede de faturas eletrônicas não tem este esquema",
        "La red de facturas electrónicas no tiene este esquema",
    ),
    "unknown-region": (
        "The country has no such region",
        "O país não tem esta região",
        "El país no tiene esta región",
    ),
    "unknown-place": (
        "The address was not found",
        "O endereço não foi encontrado",
        "No se encontró la dirección",
    ),
    "unknown-promise": (
        "The promise has ended, or there is none",
        "A promessa terminou ou não existe",
        "La promesa terminó o no existe",
    ),
    "unknown-option": (
        "The promise has no such option",
        "A promessa não tem esta opção",
        "La promesa no tiene esta opción",
    ),
    "unknown-reservation": ("There is no such reservation", "Não existe esta reserva", "No existe esta reserva"),
    "reservation-expired": ("The reservation has expired", "A reserva expirou", "La reserva venció"),
    "reservation-ended": ("The reservation has ended", "A reserva terminou", "La reserva terminó"),
    "reservation-pending": (
        "The reservation is still being made",
        "A reserva ainda está em criação",
        "La reserva aún se está creando",
    ),
    "without-promise": (
        "An option needs its promise",
        "Uma opção precisa da sua promessa",
        "Una opción necesita su promesa",
    ),
    "above-limit": ("Is above your limit", "Está acima do seu limite", "Supera su límite"),
    "nothing-left": (
        "No unit is left that carries it",
        "Não resta unidade à qual se aplique",
        "No queda unidad a la que se aplique",
    ),
    "another-change": ("Is of other changes", "É de outras alterações", "Es de otros cambios"),
    "not-for-kind": ("Does not belong here", "Não pertence a este tipo", "No corresponde aquí"),
    "not-for-role": (
        "Does not go with these roles",
        "Não combina com estas funções",
        "No va con estos roles",
    ),
    "not-yours-to-give": (
        "Is more than you may give",
        "É mais do que você pode dar",
        "Es más de lo que usted puede dar",
    ),
    "not-together": _TOGETHER,
    "mixed-group": _TOGETHER,
    "mixed-bundle": (
        "Differs from its bundle",
        "É diferente do seu conjunto",
        "Es distinto de su conjunto",
    ),
    "grouped-by-its-bundle": (
        "A bundle is a group by itself",
        "Um conjunto já é um grupo",
        "Un conjunto ya es un grupo",
    ),
    "not-a-bundle": (
        "Only a bundle has parts",
        "Só um conjunto tem partes",
        "Solo un conjunto tiene partes",
    ),
    "not-a-component": (
        "Only a part of a bundle has this",
        "Só uma parte de um conjunto tem isto",
        "Solo una parte de un conjunto tiene esto",
    ),
    "no-components": ("The bundle has no parts", "O conjunto não tem partes", "El conjunto no tiene partes"),
    "does-not-fit-its-bundle": (
        "Does not make whole sets of its bundle",
        "Não forma conjuntos inteiros",
        "No forma conjuntos enteros",
    ),
    "priced-by-its-bundle": (
        "The bundle has the price: takes 0",
        "O preço é do conjunto: aceita 0",
        "El precio es del conjunto: acepta 0",
    ),
    "shares-do-not-add-up": (
        "The price shares of its parts do not add up",
        "A soma das partes do preço não confere",
        "La suma de las partes del precio no cuadra",
    ),
    "not-taken": ("Is not taken here", "Não é aceito aqui", "No se acepta aquí"),
    "not-supported": ("Is not taken yet", "Ainda não é aceito", "Todavía no se acepta"),
    "picked-up": (
        "Is picked up, and goes to no address",
        "É retirado no balcão e não vai a um endereço",
        "Se recoge en mostrador y no va a una dirección",
    ),
    "too-many-destinations": (
        "Has too many addresses",
        "Tem endereços demais",
        "Tiene demasiadas direcciones",
    ),
    "gift-of-its-bundle": (
        "The bundle is the gift",
        "O conjunto é o presente",
        "El conjunto es el regalo",
    ),
    "one-destination": (
        "Is about one address",
        "Vale para um só endereço",
        "Vale para una sola dirección",
    ),
    "not-for-this-kind": (
        "Is not for digital items and services",
        "Não se aplica a itens digitais e serviços",
        "No se aplica a artículos digitales y servicios",
    ),
    "not-provided": (
        "These units are shipped or picked up",
        "Estas unidades são enviadas ou retiradas",
        "Estas unidades se envían o se recogen",
    ),
    "id-of-a-draft": ("Is the id of a draft", "É o id de um rascunho", "Es el id de un borrador"),
    "not-yours-to-choose": (
        "The system chooses where it ships from",
        "O sistema escolhe de onde é enviado",
        "El sistema elige desde dónde se envía",
    ),
    "not-sold-in": (
        "The channel does not sell in this currency",
        "O canal não vende nesta moeda",
        "El canal no vende en esta moneda",
    ),
    "frozen": ("It is frozen: ask the shop", "Está bloqueado: fale com a loja", "Está bloqueado: pregunte a la tienda"),
    "unknown-code": (
        "It is the code of no gift card",
        "Não é o código de nenhum cartão-presente",
        "No es el código de ninguna tarjeta de regalo",
    ),
    "not-usable": (
        "Pays nothing here: wrong, used up, expired, or of another currency",
        "Não paga nada aqui: errado, sem saldo, vencido ou em outra moeda",
        "No paga nada aquí: incorrecto, sin saldo, vencido o en otra moneda",
    ),
    "more-than-credit": (
        "Is more than the customer has on the account",
        "É mais do que o cliente tem na conta",
        "Es más de lo que el cliente tiene en la cuenta",
    ),
    "more-than-owed": ("More than is owed", "Mais do que é devido", "Más de lo que se debe"),
    "not-shipped-to": (
        "The channel does not ship there",
        "O canal não envia para lá",
        "El canal no envía allí",
    ),
    "cannot-send": (
        "This node cannot send it now",
        "Este local não pode enviar agora",
        "Este local no puede enviarlo ahora",
    ),
    "office-only": ("For the office alone", "Somente para o escritório", "Solo para la oficina"),
    "group-of-other-lines": (
        "Other lines are of this group already",
        "Outras linhas já são deste grupo",
        "Otras líneas ya son de este grupo",
    ),
    "the-same": ("It is this one already", "Já é este", "Ya es este"),
    "closed": ("Closed now", "Fechado agora", "Cerrado ahora"),
    "not-picked-up": ("Not collected at a counter", "Não é retirado no balcão", "No se recoge en un mostrador"),
    "no-pickup": ("This node has no counter", "Este local não tem balcão", "Este local no tiene mostrador"),
    "too-many-pickup-nodes": (
        "Too many counters in one order",
        "Balcões demais em um pedido",
        "Demasiados mostradores en un pedido",
    ),
    "other-country": ("Is in another country", "Fica em outro país", "Está en otro país"),
    "wrong-country": (
        "Does not fit the country",
        "Não combina com o país",
        "No corresponde al país",
    ),
    "contradicts-postal-code": (
        "Contradicts the postal code",
        "Contradiz o código postal",
        "Contradice el código postal",
    ),
    "not-military": (
        "Is no address of the armed forces",
        "Não é um endereço das forças armadas",
        "No es una dirección de las fuerzas armadas",
    ),
    "half-a-coordinate": (
        "Latitude and longitude come together",
        "Latitude e longitude vêm juntas",
        "La latitud y la longitud van juntas",
    ),
    "mixed-currencies": _CURRENCIES,
    "another-currency": _CURRENCIES,
    "no-provider": (
        "The channel has no payment provider for it",
        "O canal não tem provedor de pagamento para isso",
        "El canal no tiene proveedor de pago para eso",
    ),
    "mixed-tax": (
        "One includes tax and another does not",
        "Um inclui imposto e outro não",
        "Uno incluye impuesto y otro no",
    ),
    "same-day": ("Another begins on the same day", "Outra começa no mesmo dia", "Otra empieza el mismo día"),
    "no-tax-rate": (
        "The tax table has no rate for it",
        "A tabela de impostos não tem alíquota para isso",
        "La tabla de impuestos no tiene una tasa para ello",
    ),
    "no-price": ("No price list has it", "Nenhuma lista de preços tem", "Ninguna lista de precios lo tiene"),
    "price-changed": (
        "The price is another one now",
        "O preço agora é outro",
        "El precio ahora es otro",
    ),
    "too-many-lines": ("Has too many lines", "Tem linhas demais", "Tiene demasiadas líneas"),
    "draft-too-large": ("The draft is too large", "O rascunho é grande demais", "El borrador es demasiado grande"),
    "beside-lines": (
        "Does not go with all lines",
        "Não combina com todas as linhas",
        "No va con todas las líneas",
    ),
    "hard-reservation": ("Has no end", "Não tem fim", "No tiene fin"),
    "more-than-authorized": (
        "Is more than was authorised",
        "É mais do que foi autorizado",
        "Es más de lo autorizado",
    ),
    "does-not-cover": (
        "Does not cover the total",
        "Não cobre o total",
        "No cubre el total",
    ),
    "does-not-add-up": _SUM,
    "another-channel": ("Is of another channel", "É de outro canal", "Es de otro canal"),
    "another-basket": _OTHER_BASKET,
    "out-of-stock": ("There are not so many", "Não há tantas unidades", "No hay tantas unidades"),
    "not-allowed": ("Is not possible now", "Não é possível agora", "No es posible ahora"),
    "held": ("A hold forbids it", "Um bloqueio impede", "Una retención lo impide"),
    "buys-no-gift-cards": (
        "Gift cards are not bought this way",
        "Cartões-presente não são comprados assim",
        "Las tarjetas de regalo no se compran así",
    ),
    "not-for-gift-cards": (
        "Does not fit gift cards",
        "Não serve para cartões-presente",
        "No sirve para tarjetas de regalo",
    ),
    "not-taxed": ("Is sold without tax", "É vendido sem imposto", "Se vende sin impuesto"),
}

BY_CODE: Mapping[str, Words] = {**_OF_FORM, **_OF_CONTENT}

# The same with the limit that the API's sentence names; the first whole number of the sentence is the limit.
WITH_NUMBER: Mapping[str, Words] = {
    "string-too-long": (
        "Takes at most {n} characters",
        "Aceita no máximo {n} caracteres",
        "Acepta {n} caracteres como máximo",
    ),
    "too-long": ("Takes at most {n} entries", "Aceita no máximo {n} entradas", "Acepta {n} entradas como máximo"),
    "too-short": ("Takes {n} or more entries", "Aceita {n} ou mais entradas", "Acepta {n} o más entradas"),
    "greater-than-equal": ("Takes {n} or more", "Aceita {n} ou mais", "Acepta {n} o más"),
    "less-than-equal": ("Takes {n} or less", "Aceita {n} ou menos", "Acepta {n} o menos"),
}
