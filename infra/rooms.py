"""
List the rooms with the memory, the time and the settings that each gets.

`settings` must name the values that the room's code reads from `comanda.aws.runtime.settings`. Rights on tables are in infra/rights.py.

Called by   infra/shared.py, infra/room_function.py, infra/dashboard.py
"""

from dataclasses import dataclass

ORDERS_TABLE = "ORDERS_TABLE"
STOCK_TABLE = "STOCK_TABLE"
DIRECTORY_TABLE = "DIRECTORY_TABLE"
CUSTOMERS_TABLE = "CUSTOMERS_TABLE"
SESSIONS_TABLE = "SESSIONS_TABLE"
BUS_NAME = "BUS_NAME"
CELL = "CELL"
FILES_BUCKET = "FILES_BUCKET"
FAILURES_BUCKET = "FAILURES_BUCKET"
DOCUMENTS_BUCKET = "DOCUMENTS_BUCKET"
ORDER_MACHINE_ARN = "ORDER_MACHINE_ARN"
FULFILLMENT_MACHINE_ARN = "FULFILLMENT_MACHINE_ARN"
CUSTOMERS_SECRET_ARN = "CUSTOMERS_SECRET_ARN"  # noqa: S105  the name of a setting that holds an ARN
SECRET_ARN = "SECRET_ARN"  # noqa: S105  the name of a setting that holds an ARN
MAIL_SENDER = "MAIL_SENDER"
MAIL_REPLIES = "MAIL_REPLIES"
MAIL_CONFIGURATION_SET = "MAIL_CONFIGURATION_SET"
CONDUCT_FUNCTION = "CONDUCT_FUNCTION"
RELAY_FUNCTION = "RELAY_FUNCTION"
DAILY_FUNCTION = "DAILY_FUNCTION"
INBOX_FUNCTION = "INBOX_FUNCTION"
REPLENISH_FUNCTION = "REPLENISH_FUNCTION"
REROUTE_FUNCTION = "REROUTE_FUNCTION"
ERASE_FUNCTION = "ERASE_FUNCTION"
INTAKE_FUNCTION = "INTAKE_FUNCTION"
NOTIFY_FUNCTION = "NOTIFY_FUNCTION"
PAY_FUNCTION = "PAY_FUNCTION"
NUMBER_FUNCTION = "NUMBER_FUNCTION"
USER_POOL_ID = "USER_POOL_ID"
FORMS_TABLE = "FORMS_TABLE"
FORM_KEY_ARN = "FORM_KEY_ARN"
LINK_KEY_ARN = "LINK_KEY_ARN"
GIFT_CARD_KEY_ARN = "GIFT_CARD_KEY_ARN"
PAYMENTS_SECRET_ARN = "PAYMENTS_SECRET_ARN"  # noqa: S105  the name of a setting that holds an ARN
TAXES_SECRET_ARN = "TAXES_SECRET_ARN"  # noqa: S105  as above
TAXES_FUNCTION = "TAXES_FUNCTION"
PARAMETERS = "PARAMETERS"  # the beginning of the names of the stage's SSM parameters
NOTICES_SECRET_ARN = "NOTICES_SECRET_ARN"  # noqa: S105  as above
FIREWALL_SECRET_ARN = "FIREWALL_SECRET_ARN"  # noqa: S105  the name of a setting that holds an ARN
FORM_SECRETS = "FORM_SECRETS"  # the beginning of the names of the secrets
FORM_MAILS_AN_HOUR = "FORM_MAILS_AN_HOUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One Lambda. Memory also buys CPU: 1,769 MB is one full core."""

    name: str
    settings: tuple[str, ...]
    seconds: int
    memory: int = 1024
    layers: tuple[str, ...] = ()  # beside the shared one: names of requirements/<name>.txt


# A door answers within the gateway's 29 seconds or not at all.
_DOOR = 20
# The machines try a step again that takes longer.
_STEP = 60

ROOMS: dict[str, Room] = {
    room.name: room
    for room in (
        Room(
            name="intake",
            settings=(
                CELL,
                ORDERS_TABLE,
                STOCK_TABLE,
                DIRECTORY_TABLE,
                CUSTOMERS_TABLE,
                SECRET_ARN,
                CUSTOMERS_SECRET_ARN,
                GIFT_CARD_KEY_ARN,
                TAXES_FUNCTION,
            ),
            seconds=_DOOR,
        ),
        Room(
            name="customers",
            settings=(
                *(CELL, ORDERS_TABLE, DIRECTORY_TABLE, CUSTOMERS_TABLE, SECRET_ARN, CUSTOMERS_SECRET_ARN),
                *(LINK_KEY_ARN, PARAMETERS, NOTIFY_FUNCTION),
            ),
            seconds=_DOOR,
        ),
        Room(name="fulfill", settings=(CELL, ORDERS_TABLE, STOCK_TABLE, DIRECTORY_TABLE, SECRET_ARN), seconds=_DOOR),
        # A hundred scans are up to a hundred transactions.
        Room(name="tracking", settings=(CELL, ORDERS_TABLE, DIRECTORY_TABLE, SECRET_ARN), seconds=_DOOR),
        Room(
            name="cases",
            settings=(
                *(CELL, ORDERS_TABLE, DIRECTORY_TABLE, CUSTOMERS_TABLE, SECRET_ARN, CUSTOMERS_SECRET_ARN, LINK_KEY_ARN),
            ),
            seconds=_DOOR,
        ),
        # A hundred orders are a hundred transactions, and as many reads.
        Room(
            name="erase",
            settings=(
                ORDERS_TABLE,
                DIRECTORY_TABLE,
                CUSTOMERS_TABLE,
                SECRET_ARN,
                CUSTOMERS_SECRET_ARN,
                DOCUMENTS_BUCKET,
            ),
            seconds=_DOOR,
            memory=1769,
        ),
        Room(name="credit", settings=(CELL, ORDERS_TABLE, DIRECTORY_TABLE, CUSTOMERS_TABLE), seconds=_DOOR),
        Room(name="notices", settings=(ORDERS_TABLE, NOTICES_SECRET_ARN, PAY_FUNCTION), seconds=_DOOR),
        Room(
            name="gift_cards",
            settings=(ORDERS_TABLE, DIRECTORY_TABLE, SECRET_ARN, GIFT_CARD_KEY_ARN),
            seconds=_DOOR,
        ),
        Room(name="credit_accounts", settings=(ORDERS_TABLE, DIRECTORY_TABLE, SECRET_ARN), seconds=_DOOR),
        # A file of ten thousand documents takes some seconds of a whole core.
        Room(name="books", settings=(CELL, ORDERS_TABLE, DIRECTORY_TABLE, SECRET_ARN), seconds=_DOOR, memory=1769),
        # A slip of a thousand lines is a second of a whole core.
        Room(
            name="documents",
            settings=(
                *(CELL, ORDERS_TABLE, STOCK_TABLE, DIRECTORY_TABLE, CUSTOMERS_TABLE, DOCUMENTS_BUCKET),
                *(LINK_KEY_ARN, PARAMETERS),
            ),
            seconds=_DOOR,
            memory=1769,
            layers=("press",),
        ),
        Room(name="stock", settings=(STOCK_TABLE, DIRECTORY_TABLE, SECRET_ARN), seconds=_DOOR),
        # 1,000 lines are thirty-two transactions.
        Room(name="reserve", settings=(CELL, STOCK_TABLE, DIRECTORY_TABLE), seconds=_DOOR, memory=1769),
        # A reservation that a draft names is renewed with the claim.
        Room(
            name="drafts",
            settings=(
                *(CELL, ORDERS_TABLE, STOCK_TABLE, DIRECTORY_TABLE, CUSTOMERS_TABLE),
                *(SECRET_ARN, CUSTOMERS_SECRET_ARN, LINK_KEY_ARN, PARAMETERS, TAXES_FUNCTION),
            ),
            seconds=_DOOR,
        ),
        Room(name="promise", settings=(CELL, STOCK_TABLE, DIRECTORY_TABLE), seconds=_DOOR, memory=1769),
        Room(name="availability", settings=(STOCK_TABLE, DIRECTORY_TABLE, SECRET_ARN), seconds=_DOOR),
        Room(
            name="directory",
            settings=(DIRECTORY_TABLE, USER_POOL_ID, SECRET_ARN, FORM_SECRETS, TAXES_FUNCTION),
            seconds=_DOOR,
        ),
        # A PIN is hashed slowly on purpose.
        Room(
            name="people",
            settings=(DIRECTORY_TABLE, SESSIONS_TABLE, USER_POOL_ID, SECRET_ARN),
            seconds=_DOOR,
            memory=1769,
        ),
        # Fifty orders are routed twice in one answer.
        Room(
            name="planning",
            settings=(CELL, ORDERS_TABLE, STOCK_TABLE, DIRECTORY_TABLE, SECRET_ARN),
            seconds=_DOOR,
            memory=1769,
        ),
        Room(name="outages", settings=(DIRECTORY_TABLE,), seconds=_DOOR),
        # It calls the other doors, which take their own time.
        Room(
            name="order_form",
            settings=(
                FORMS_TABLE,
                FORM_KEY_ARN,
                FORM_SECRETS,
                FIREWALL_SECRET_ARN,
                PARAMETERS,
                MAIL_SENDER,
                MAIL_CONFIGURATION_SET,
                FORM_MAILS_AN_HOUR,
            ),
            seconds=28,
        ),
        Room(
            name="selfservice",
            settings=(ORDERS_TABLE, STOCK_TABLE, DIRECTORY_TABLE, CUSTOMERS_TABLE, LINK_KEY_ARN, GIFT_CARD_KEY_ARN),
            seconds=_DOOR,
        ),
        Room(
            name="console",
            settings=(CELL, SESSIONS_TABLE, USER_POOL_ID, PARAMETERS, FIREWALL_SECRET_ARN, DOCUMENTS_BUCKET),
            seconds=28,
        ),
        # A file of 100,000 lines is read as a stream and applied in steps.
        Room(
            name="inbox",
            settings=(
                CELL,
                ORDERS_TABLE,
                STOCK_TABLE,
                DIRECTORY_TABLE,
                FILES_BUCKET,
                FAILURES_BUCKET,
                INBOX_FUNCTION,
            ),
            seconds=900,
            memory=1769,
        ),
        Room(name="route", settings=(ORDERS_TABLE, STOCK_TABLE, DIRECTORY_TABLE), seconds=_STEP, memory=1769),
        Room(name="wait", settings=(ORDERS_TABLE,), seconds=_STEP),
        Room(name="release", settings=(ORDERS_TABLE,), seconds=_STEP),
        Room(name="invoice", settings=(ORDERS_TABLE, DIRECTORY_TABLE, CUSTOMERS_TABLE), seconds=_STEP),
        # Five hundred documents are a dozen transactions, and fifty calls of the bus.
        Room(name="number", settings=(CELL, ORDERS_TABLE, DIRECTORY_TABLE, BUS_NAME), seconds=_STEP),
        # A payment provider may take twenty seconds for an answer, and a batch is five orders.
        Room(
            name="pay",
            settings=(
                *(ORDERS_TABLE, STOCK_TABLE, DIRECTORY_TABLE),
                *(PAYMENTS_SECRET_ARN, GIFT_CARD_KEY_ARN, INTAKE_FUNCTION),
            ),
            seconds=300,
        ),
        # A tax service may take four seconds for an answer; that of a question comes in time for a caller at a door.
        Room(
            name="taxes",
            settings=(CELL, ORDERS_TABLE, DIRECTORY_TABLE, CUSTOMERS_TABLE, TAXES_SECRET_ARN, TAXES_FUNCTION),
            seconds=20,
        ),
        Room(
            name="notify",
            settings=(
                *(ORDERS_TABLE, CUSTOMERS_TABLE, DIRECTORY_TABLE, MAIL_REPLIES, MAIL_SENDER, MAIL_CONFIGURATION_SET),
                *(LINK_KEY_ARN, GIFT_CARD_KEY_ARN, PARAMETERS),
            ),
            seconds=_STEP,
        ),
        Room(name="conduct", settings=(ORDERS_TABLE, ORDER_MACHINE_ARN, FULFILLMENT_MACHINE_ARN), seconds=_STEP),
        Room(name="relay", settings=(CELL, ORDERS_TABLE, BUS_NAME), seconds=_STEP),
        # A batch may name a thousand skus of five hundred nodes each.
        Room(name="watch", settings=(CELL, STOCK_TABLE, DIRECTORY_TABLE, BUS_NAME), seconds=300, memory=1769),
        # Orders that wait for a sku are decided in turn, and each that is served is a save of its own.
        Room(
            name="replenish",
            settings=(ORDERS_TABLE, STOCK_TABLE, DIRECTORY_TABLE),
            seconds=300,
            memory=1769,
        ),
        # The work of a closed warehouse is many hundreds of orders, and each is a save of its own.
        Room(
            name="reroute",
            settings=(ORDERS_TABLE, STOCK_TABLE, DIRECTORY_TABLE, REROUTE_FUNCTION, REPLENISH_FUNCTION),
            seconds=300,
        ),
        Room(
            name="daily",
            settings=(STOCK_TABLE, DIRECTORY_TABLE, DAILY_FUNCTION, REPLENISH_FUNCTION),
            seconds=900,
            memory=1769,
        ),
        # Two thousand programs of a few milliseconds, or one of all skus that full nodes have.
        Room(
            name="price",
            settings=(ORDERS_TABLE, STOCK_TABLE, DIRECTORY_TABLE),
            seconds=900,
            memory=3008,
            layers=("solver",),
        ),
        # A day of a channel with a hundred thousand journals is read in a minute or two.
        Room(name="tally", settings=(ORDERS_TABLE, DIRECTORY_TABLE), seconds=900, memory=1769),
        # Two hundred orders at a time get plans, a few milliseconds each, a few times; each is then a save of its own.
        Room(
            name="wave",
            settings=(ORDERS_TABLE, STOCK_TABLE, DIRECTORY_TABLE),
            seconds=900,
            memory=3008,
            layers=("solver",),
        ),
        Room(
            name="sweep",
            settings=(
                CELL,  # in the ids of the parcels that it looks at
                ORDERS_TABLE,
                STOCK_TABLE,
                DIRECTORY_TABLE,
                FAILURES_BUCKET,
                CONDUCT_FUNCTION,
                RELAY_FUNCTION,
                REROUTE_FUNCTION,
                ERASE_FUNCTION,
                INTAKE_FUNCTION,
                REPLENISH_FUNCTION,
                INBOX_FUNCTION,
                PAY_FUNCTION,
                NUMBER_FUNCTION,
                TAXES_FUNCTION,
            ),
            seconds=300,
        ),
    )
}
