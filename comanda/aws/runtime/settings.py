"""
Read a function's settings from its environment.

A setting that is missing is an error when it is first used; there are no defaults. Nothing is read at import.
"""

import os


class MissingSetting(RuntimeError):
    """Say that a function was deployed without an environment variable that it needs."""


def _setting(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise MissingSetting(name) from None


class Settings:
    """Hold one property for each variable, so that a search for its name finds all its uses."""

    __slots__ = ()

    orders_table = property(lambda _: _setting("ORDERS_TABLE"))
    stock_table = property(lambda _: _setting("STOCK_TABLE"))
    directory_table = property(lambda _: _setting("DIRECTORY_TABLE"))
    customers_table = property(lambda _: _setting("CUSTOMERS_TABLE"))
    cell = property(lambda _: _setting("CELL"))  # this region's name in every id
    bus_name = property(lambda _: _setting("BUS_NAME"))
    files_bucket = property(lambda _: _setting("FILES_BUCKET"))
    failures_bucket = property(lambda _: _setting("FAILURES_BUCKET"))
    documents_bucket = property(lambda _: _setting("DOCUMENTS_BUCKET"))
    order_machine_arn = property(lambda _: _setting("ORDER_MACHINE_ARN"))
    fulfillment_machine_arn = property(lambda _: _setting("FULFILLMENT_MACHINE_ARN"))
    gift_card_key_arn = property(lambda _: _setting("GIFT_CARD_KEY_ARN"))
    customers_secret_arn = property(lambda _: _setting("CUSTOMERS_SECRET_ARN"))
    secret_arn = property(lambda _: _setting("SECRET_ARN"))
    mail_replies = property(lambda _: _setting("MAIL_REPLIES"))  # the domain of the mailbox for answers, or "none"
    mail_sender = property(lambda _: _setting("MAIL_SENDER"))
    mail_configuration_set = property(lambda _: _setting("MAIL_CONFIGURATION_SET"))
    conduct_function = property(lambda _: _setting("CONDUCT_FUNCTION"))
    relay_function = property(lambda _: _setting("RELAY_FUNCTION"))
    replenish_function = property(lambda _: _setting("REPLENISH_FUNCTION"))
    notify_function = property(lambda _: _setting("NOTIFY_FUNCTION"))
    erase_function = property(lambda _: _setting("ERASE_FUNCTION"))
    intake_function = property(lambda _: _setting("INTAKE_FUNCTION"))
    reroute_function = property(lambda _: _setting("REROUTE_FUNCTION"))
    inbox_function = property(lambda _: _setting("INBOX_FUNCTION"))
    daily_function = property(lambda _: _setting("DAILY_FUNCTION"))
    form_secrets = property(lambda _: _setting("FORM_SECRETS"))  # the beginning of the names of the forms' secrets
    form_mails_an_hour = property(lambda _: int(_setting("FORM_MAILS_AN_HOUR")))
    forms_table = property(lambda _: _setting("FORMS_TABLE"))
    form_key_arn = property(lambda _: _setting("FORM_KEY_ARN"))
    link_key_arn = property(lambda _: _setting("LINK_KEY_ARN"))
    payments_secret_arn = property(lambda _: _setting("PAYMENTS_SECRET_ARN"))
    notices_secret_arn = property(lambda _: _setting("NOTICES_SECRET_ARN"))
    number_function = property(lambda _: _setting("NUMBER_FUNCTION"))
    pay_function = property(lambda _: _setting("PAY_FUNCTION"))
    taxes_secret_arn = property(lambda _: _setting("TAXES_SECRET_ARN"))
    taxes_function = property(lambda _: _setting("TAXES_FUNCTION"))
    parameters = property(lambda _: _setting("PARAMETERS"))  # the beginning of the names of the stage's SSM parameters
    sessions_table = property(lambda _: _setting("SESSIONS_TABLE"))
    firewall_secret_arn = property(lambda _: _setting("FIREWALL_SECRET_ARN"))
    user_pool_id = property(lambda _: _setting("USER_POOL_ID"))


settings = Settings()
