"""
Spell every key of every table. No other package of the project spells a key, and a test holds that.

Each module has the keys of a table, or of a group of its items; callers import the package: `keys.order(order_id)`.
Text from outside is percent-encoded, so a `#` in it cannot break a key. Times are UTC `YYYYMMDDTHHMMSSmmmZ`.
"""

from comanda.aws.dynamodb.keys.books import *
from comanda.aws.dynamodb.keys.cases import *
from comanda.aws.dynamodb.keys.credit_accounts import *
from comanda.aws.dynamodb.keys.customers import *
from comanda.aws.dynamodb.keys.directory import *
from comanda.aws.dynamodb.keys.drafts import *
from comanda.aws.dynamodb.keys.forms import *
from comanda.aws.dynamodb.keys.gift_cards import *
from comanda.aws.dynamodb.keys.orders import *
from comanda.aws.dynamodb.keys.parcels import *
from comanda.aws.dynamodb.keys.people import *
from comanda.aws.dynamodb.keys.pick_waves import *
from comanda.aws.dynamodb.keys.queues import *
from comanda.aws.dynamodb.keys.requests import *
from comanda.aws.dynamodb.keys.reservations import *
from comanda.aws.dynamodb.keys.sessions import *
from comanda.aws.dynamodb.keys.settlements import *
from comanda.aws.dynamodb.keys.spelling import *
from comanda.aws.dynamodb.keys.stock import *
from comanda.aws.dynamodb.keys.supplies import *
from comanda.aws.dynamodb.keys.taxes import *
