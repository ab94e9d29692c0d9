"""
Give the words for the kinds of callers, the roles and desks of people, and the scopes of applications.

Called by   comanda.domain.labels.labels
Returns     tables: kind -> value -> the words in English, Portuguese and Spanish
"""

from collections.abc import Mapping

from comanda.domain.labels.status_words import Words

_CLIENTS: Mapping[str, Words] = {
    "channel": ("Channel", "Canal", "Canal"),
    "partner": ("Partner", "Parceiro", "Socio"),
    "node": ("System of a node", "Sistema de um local", "Sistema de un local"),
    "admin": ("Administrator", "Administrador", "Administrador"),
    "carrier": ("Carrier", "Transportadora", "Transportista"),
    "mailbox": ("Mailbox", "Caixa de e-mails", "Buzón"),
    "form": ("Order form", "Formulário de pedidos", "Formulario de pedidos"),
}

_PEOPLE: Mapping[str, Words] = {
    "staff": ("Office staff", "Equipe do escritório", "Personal de oficina"),
    "worker": ("Worker of a node", "Equipe de um local", "Personal de un local"),
}

LABELS: Mapping[str, Mapping[str, Words]] = {
    "ClientKind": _CLIENTS,
    "CallerKind": {**_CLIENTS, **_PEOPLE},
    "Role": {**_PEOPLE, "partner": _CLIENTS["partner"], "admin": _CLIENTS["admin"]},
    # The parts of this system that decide events; a person or an application is named by its id.
    "Actor": {
        "machine": ("Order process", "Processo do pedido", "Proceso del pedido"),
        "router": ("Router", "Roteador", "Enrutador"),
        "wave": ("Wave", "Onda", "Ola"),
        "supply": ("Supply", "Reposição", "Suministro"),
        "receipt": ("Receipt of stock", "Recebimento de estoque", "Recepción de existencias"),
        "sweep": ("Automatic check", "Verificação automática", "Revisión automática"),
        "outage": ("Closure of a node", "Fechamento de um local", "Cierre de un local"),
        "rules": ("Rules of holds", "Regras de bloqueios", "Reglas de retenciones"),
        "payments": ("Payments", "Pagamentos", "Pagos"),
        "customer": ("Customer", "Cliente", "Cliente"),
        "notify": ("Mails", "E-mails", "Correos"),
    },
    # Who made an event, for readers who do not see the names of people and applications.
    "ActorKind": {
        "channel": ("The shop", "A loja", "La tienda"),
        "form": ("The order form", "O formulário de pedidos", "El formulario de pedidos"),
        "partner": ("The partner", "O parceiro", "El socio"),
        "node": ("The node", "O local", "El local"),
        "worker": ("A person at the node", "Uma pessoa do local", "Una persona del local"),
        "carrier": ("The carrier", "A transportadora", "El transportista"),
        "mailbox": ("The mailbox", "A caixa de e-mails", "El buzón"),
        "staff": ("A person of the office", "Uma pessoa do escritório", "Una persona de la oficina"),
        "admin": ("The office", "O escritório", "La oficina"),
        "removed": ("Somebody who was removed", "Alguém que foi removido", "Alguien que fue eliminado"),
    },
    "Desk": {
        "sales": ("Sales", "Vendas", "Ventas"),
        "care": ("Customer care", "Atendimento ao cliente", "Atención al cliente"),
        "planner": ("Planning", "Planejamento", "Planificación"),
        "tower": ("Control tower", "Torre de controle", "Torre de control"),
        "finance": ("Finance", "Financeiro", "Finanzas"),
        "lead": ("Shift lead", "Líder de turno", "Líder de turno"),
        "counter": ("Counter", "Balcão", "Mostrador"),
    },
    "PersonStatus": {
        "INVITED": ("Invited", "Convidado", "Invitado"),
        "ACTIVE": ("Active", "Ativo", "Activo"),
    },
    "Scope": {
        "audit/read": ("Read the audit of people", "Ler a auditoria de pessoas", "Leer la auditoría de personas"),
        "cases/read": ("Read cases", "Ler atendimentos", "Leer casos"),
        "books/read": ("Read the books", "Ler a contabilidade", "Leer la contabilidad"),
        "cases/write": ("Open and work on cases", "Abrir e tratar atendimentos", "Abrir y atender casos"),
        "clients/admin": ("Manage applications", "Gerenciar aplicativos", "Administrar aplicaciones"),
        "customers/erase": ("Erase customers", "Apagar clientes", "Borrar clientes"),
        "customers/read": ("Read customers", "Ler clientes", "Leer clientes"),
        "customers/write": ("Merge customers", "Unir clientes", "Unir clientes"),
        "directory/read": ("Read master data", "Ler dados mestres", "Leer datos maestros"),
        "directory/write": ("Write master data", "Gravar dados mestres", "Escribir datos maestros"),
        "drafts/read": ("Read drafts", "Ler rascunhos", "Leer borradores"),
        "drafts/write": ("Build drafts", "Montar rascunhos", "Preparar borradores"),
        "fulfillments/read": ("Read a node's work", "Ler o trabalho de um local", "Leer el trabajo de un local"),
        "fulfillments/work": ("Do a node's work", "Fazer o trabalho de um local", "Hacer el trabajo de un local"),
        "credit-accounts/redeem": ("Pay on account", "Pagar a prazo", "Pagar a cuenta"),
        "credit-accounts/write": (
            "Set what customers may owe",
            "Definir quanto os clientes podem dever",
            "Fijar cuánto pueden deber los clientes",
        ),
        "gift-cards/issue": ("Issue gift cards", "Emitir cartões-presente", "Emitir tarjetas de regalo"),
        "gift-cards/redeem": ("Pay by gift card", "Pagar com cartão-presente", "Pagar con tarjeta de regalo"),
        "invoices/read": ("Read invoices", "Ler faturas", "Leer facturas"),
        "invoices/write": ("Report NF-e", "Informar NF-e", "Informar NF-e"),
        "nodes/write": ("Close nodes", "Fechar locais", "Cerrar locales"),
        "orders/confirm": ("Confirm orders", "Confirmar pedidos", "Confirmar pedidos"),
        "orders/hold": ("Hold orders", "Bloquear pedidos", "Retener pedidos"),
        "orders/read": ("Read orders", "Ler pedidos", "Leer pedidos"),
        "orders/write": ("Place and change orders", "Fazer e alterar pedidos", "Crear y cambiar pedidos"),
        "payments/write": ("Credit invoices", "Creditar faturas", "Abonar facturas"),
        "people/admin": ("Manage people", "Gerenciar pessoas", "Administrar personas"),
        "promises/read": ("Ask for delivery dates", "Consultar datas de entrega", "Consultar fechas de entrega"),
        "stock/read": ("Read stock", "Ler estoque", "Leer existencias"),
        "stock/reserve": ("Reserve stock", "Reservar estoque", "Reservar existencias"),
        "tracking/write": ("Report scans of parcels", "Informar rastreamento", "Informar seguimiento"),
        "stock/write": ("Correct stock", "Corrigir estoque", "Corregir existencias"),
    },
}
