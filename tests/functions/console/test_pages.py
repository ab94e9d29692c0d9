"""Every screen renders for every role in every language over the real doors, and shows people what is theirs."""

from datetime import timedelta

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.people import user_pool
from comanda.domain.labels.labels import label
from functions.console import screens
from functions.console.view import Person

ROLES = {
    "sales": {"roles": ["staff"], "desks": ["sales"], "name": "Ana"},
    "planner": {"roles": ["staff"], "desks": ["planner"], "name": "\u0641\u0627\u0637\u0645\u0629"},
    "picker": {"roles": ["worker"], "nodes": ["dc-1", "store-1"], "name": "Bo <b>"},
    "vendor": {"roles": ["partner"], "partner": "acme", "name": "Vendor"},
    "boss": {"roles": ["admin"], "name": "Boss \U0001f375"},
}
LOCALES = {"en-US": "en-US", "pt-BR": "pt-BR", "es-MX": "es", "fr-FR": "en-US"}
PATHS = [screen.path for screen in screens.SCREENS if "{" not in screen.path]


def queue(name: str) -> str:
    """Return a cell of the home page's table with the queue's name in English."""
    return f"{label('QueueName', name, 'en-US')}<"


@pytest.fixture
def people(aws, world, monkeypatch) -> None:
    monkeypatch.setattr(user_pool, "list_page", lambda _token, _limit: ([], None))  # to make a pool takes long
    for name, row in ROLES.items():
        aws.put("Directory", **keys.user(name), **row)
    directory.forget()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("who", ROLES)
def test_every_screen_renders_for_every_role_in_every_language(browser, people, aws, who, locale):
    aws.put("Directory", **keys.user(who), **ROLES[who], locale=locale)
    browser.enter(who)

    for path in PATHS:
        page = browser.get(path)
        screen, _ = screens.find(path)
        person = Person(
            id=who, name="", roles=frozenset(ROLES[who]["roles"]), desks=frozenset(ROLES[who].get("desks", ()))
        )
        assert page.status == (200 if screen.is_for(person) else 403), (path, page.text)
        assert f'<html lang="{LOCALES[locale]}"' in page.text


def test_every_screen_has_a_module_and_people_who_see_it():
    from importlib import import_module

    for screen in screens.SCREENS:
        module = import_module(f"functions.console.pages.{screen.module}")
        assert callable(module.show), screen.path
        assert screen.roles, screen.path


def test_letters_of_screens_and_paths_are_used_once():
    letters = [screen.key for screen in screens.SCREENS if screen.key]

    assert len(letters) == len(set(letters))
    assert len({screen.path for screen in screens.SCREENS}) == len(screens.SCREENS)
    assert all(screen.key for screen in screens.SCREENS if screen.menu)


def test_home_shows_the_queues_of_the_persons_desks_and_the_overdue_first(browser, people, world):
    world.stocked(dc_1=5)
    world.hold_type()
    body_of = {"sku": "TEA-001", "quantity": 2, "unit_price": {"amount": 100_000, "currency": "USD"}}
    world.placed(body_of)
    world.now += timedelta(days=3)

    browser.enter("sales")
    home = browser.get().text
    browser.enter("planner")

    assert home.index(queue("sales-review")) < home.index(queue("holds"))
    assert 'data-tone="bad"' in home
    assert queue("routing") not in home
    assert queue("sales-review") not in browser.get().text


def test_home_shows_the_nodes_of_a_worker_and_asks_for_no_queue(browser, people, gateway):
    browser.enter("picker")
    gateway.calls.clear()

    home = browser.get().text

    assert ">DC-1<" in home
    assert ">STORE-1<" in home
    assert {path for _, path, _ in gateway.calls} == {"/v1/work", "/v1/nodes/dc-1", "/v1/nodes/store-1"}


def test_home_shows_the_id_of_a_node_whose_name_cannot_be_read(browser, people, gateway):
    gateway.broken.add("/v1/nodes/dc-1")
    home = browser.enter("picker").get().text

    assert ">dc-1<" in home
    assert ">STORE-1<" in home


def test_the_menu_marks_the_page_and_its_pages_below(monkeypatch):
    person = Person(id="x", name="", roles=frozenset({"staff"}))
    more = screens.Screen(path="queues", module="home", title="Queues", roles=screens.OFFICE, menu="Queues", key="q")
    monkeypatch.setattr(screens, "SCREENS", (*screens.SCREENS, more))

    current = {item.path for item in screens.menu(person, "queues/holds") if item.current}

    assert current == {"queues"}
    assert {item.path for item in screens.menu(person, "") if item.current} == {""}


@pytest.mark.parametrize(
    ("desks", "roles", "sees"),
    [((), ("staff",), False), (("sales",), ("staff",), True), (("sales",), ("worker",), False), ((), ("admin",), True)],
)
def test_a_screen_of_a_desk_is_for_people_of_the_desk_and_for_admins(desks, roles, sees):
    screen = screens.Screen(path="x", module="home", title="X", roles=screens.OFFICE, desks=frozenset({"sales"}))

    assert screen.is_for(Person(id="x", name="", roles=frozenset(roles), desks=frozenset(desks))) is sees


def test_rights_that_an_admin_changes_are_seen_with_the_next_token(browser, people, aws, world):
    browser.enter("sales")
    aws.put("Directory", **keys.user("sales"), **{**ROLES["sales"], "desks": ["planner"]})
    world.pass_time(15 * 60)
    directory.forget()

    assert queue("routing") in browser.get().text


@pytest.mark.parametrize("own", [{"theme": "DARK", "density": "COMPACT", "locale": "pt-BR", "keys": False}])
def test_the_persons_own_settings_shape_every_page(browser, people, world, own):
    assert world.call("PUT", "/v1/me/settings", own, who="sales").status == 200

    page = browser.sign_in("sales").text

    assert 'data-theme="dark"' in page
    assert 'data-density="dense"' in page
    assert 'lang="pt-BR"' in page
    assert "data-keys-off" in page


def test_the_page_that_was_asked_for_keeps_its_filters_through_the_sign_in(browser):
    page = browser.get("find?q=WEB-1")

    assert "sign-in?to=find%3Fq%3DWEB-1" in page.text
    assert browser.sign_in("sales", "find%3Fq%3DWEB-1").address.endswith("/console/find?q=WEB-1")


def test_a_part_that_htmx_asked_for_leads_back_to_its_page(browser):
    page = browser.get(
        "orders/x/lines", **{"HX-Request": "true", "HX-Current-URL": f"{browser.console}/queues/holds?x=1"}
    )

    assert page.status == 401
    assert "sign-in?to=queues%2Fholds" in page.text


def test_find_opens_the_one_order_that_a_number_names(sales, world):
    order = world.placed(external_id="WEB-77")

    for number in (order, "WEB-77", " WEB-77 "):
        assert sales.get(f"find?q={number}", follow=False).location == f"{sales.console}/orders/{order}"


def test_find_shows_all_that_one_number_names(sales, world):
    first = world.placed(external_id="WEB-78")
    second = world.placed(external_id="WEB-78", channel="outlet", who="other-shop")

    page = sales.get("find?q=WEB-78")

    assert page.status == 200
    assert first in page.text
    assert second in page.text


def test_find_says_what_it_could_not_find(sales):
    for wanted, says in (
        ("WEB-0", "Nothing was found for"),
        ("x" * 200, "Nothing was found for"),
        ("ord_br1_01ARZ3NDEKTSV4RRFFQ69G5FAV", "belongs to another region"),
        ("", "Type a number"),
    ):
        page = sales.get(f"find?q={wanted}")
        assert page.status == 200
        assert says in page.text, wanted


def test_a_worker_finds_a_fulfillment_of_their_node_and_no_order(browser, world):
    world.stocked(dc_1=5)
    order = world.placed()
    world.settle()
    browser.enter("picker")

    page = browser.get(f"find?q=ful_{order[4:]}-001")

    assert page.status == 200
    assert f"ful_{order[4:]}-001" in page.text
    assert f"orders/{order}" not in page.text


def test_the_log_names_screens_and_no_person(sales, caplog):
    sales.get("find?q=Ada+Byron")

    shown = [record for record in caplog.records if record.message == "shown"]
    assert [(record.screen, record.status) for record in shown] == [("find", 200)]
    assert "Ada" not in repr([vars(record) for record in shown])


@pytest.mark.parametrize("path", ["", "find", "orders/ord_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV"])
def test_an_address_with_a_slash_at_its_end_leads_to_the_page(sales, path):
    page = sales.ask("GET", f"{sales.console}/{path}".rstrip("/") + "/", None, {})

    assert page.status == 303
    assert page.location == f"{sales.console}/{path}".rstrip("/")
