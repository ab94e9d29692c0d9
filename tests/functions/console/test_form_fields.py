"""Each form of the console has the fields of the request that it becomes, and says why where it leaves one out."""

import re
from urllib.parse import quote

import pytest

from comanda.aws.dynamodb import keys
from functions.console import change_form, changed_lines, changed_sums, parcels
from functions.console.screens import SCREENS
from functions.fulfill import contract as fulfill
from functions.intake import contract as intake
from functions.intake.changes import change_contract
from functions.people import contract as people
from tests.functions.console.examples import EXAMPLES
from tests.functions.console.test_every_page import PEOPLE

HIDDEN = {"key", "version", "do"}
LIMITS = dict.fromkeys(("appeasement", "override_percent", "gift_cards", "customer_credit"), "limits")
LINES = {"line.N": "lines", "quantity.N": "lines"}
PACKAGES = {f"{name}.N": "packages" for name in (*parcels.TEXTS, "weight_g")}
# What a package has beside its fields on the page: contents are all lines of the form, label costs come from carriers, and sizes
# and pallets from the systems of nodes.
NOT_TYPED = {"contents", "label_cost", "dims_mm", "parent_id"}

OF_CHANGES = {
    re.sub(r"\.\d+$", ".N", name)
    for name in (*change_form.OF_ORDER, *(f"{name}.0" for name in changed_lines.OF_LINES))
    if name not in {"preview_id", "reason", "reason_code", *changed_sums.OF_PAYMENT}
}

# (screen, button) -> the request's contract, the field of the contract that each field of the form becomes where the names
# differ ("" for one that is part of the path or of the page itself), and the fields of the contract that the form leaves out.
REQUESTS = {
    ("orders/{order_id}", "hold"): (intake.HoldIn, {}, set()),
    ("orders/{order_id}", "resolve"): (intake.ResolutionIn, {"hold_id": ""}, set()),
    ("orders/{order_id}", "cancel"): (intake.CancelIn, {"quantity.N": "lines"}, set()),
    ("orders/{order_id}", "cancel-all"): (intake.CancelIn, {"quantity.N": ""}, {"lines"}),
    ("orders/{order_id}/review", "reject"): (intake.Reason, {"queue": ""}, set()),
    # Payments stand on the page of a preview that asks for one.
    ("orders/{order_id}/change", "preview"): (
        change_contract.ChangesIn,
        dict.fromkeys(OF_CHANGES, "changes"),
        {"preview", "payments", "pending"},
    ),
    ("me", ""): (people.OwnSettings, {}, set()),
    ("people/new", "invite"): (people.Invitation, LIMITS, set()),
    ("people/{person_id}", "save"): (people.Rights, LIMITS, set()),
    ("devices", "enrol"): (people.NewDevice, {}, set()),
    ("badge", "make"): (people.NewBadge, {"again": ""}, set()),
    ("nodes/{node}/offers", "decline"): (fulfill.DeclineIn, {}, {"lines"}),  # a page declines whole offers
    ("nodes/{node}/pack/{fulfillment}", "pack"): (fulfill.PackIn, LINES | PACKAGES, set()),
    ("nodes/{node}/ship/{fulfillment}", "ship"): (fulfill.ShipIn, LINES | PACKAGES, {"shipment_id", "shipped_at"}),
    ("nodes/{node}/counter/{fulfillment}", "hand-over"): (fulfill.StepIn, LINES, set()),
    ("nodes/{node}/counter/{fulfillment}", "collect"): (fulfill.CollectIn, {}, set()),
}


def forms_of(text):
    """Yield the fields and the buttons of each form of a page that changes something. Numbers in names become N."""
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
        names = {re.sub(r"\.\d+$", ".N", name) for name in re.findall(r'name="([^"]+)"', form)}
        buttons = re.findall(r'name="do" value="([^"]+)"', form) or [""]
        if 'method="post"' in form and names - HIDDEN:
            yield names - HIDDEN, buttons


@pytest.mark.parametrize("screen", sorted({screen for screen, _ in REQUESTS}))
def test_a_form_has_the_fields_of_its_request(world, new_browser, screen):
    path = EXAMPLES[screen](world) if screen in EXAMPLES else screen
    found = {}
    for who, row in PEOPLE.items():
        world.aws.put("Directory", **keys.user(who), name=who.title(), **row)
        page = new_browser().sign_in(who, quote(path))
        if page.status == 200:
            found |= {button: names for names, buttons in forms_of(page.text) for button in buttons}

    for (of, button), (model, renamed, left_out) in REQUESTS.items():
        if of == screen:
            becomes = {renamed.get(name, name) for name in found[button]} - {""}
            assert becomes == set(model.model_fields) - left_out, button


def test_a_package_on_a_page_has_the_fields_of_a_package():
    assert {name.removesuffix(".N") for name in PACKAGES} == set(fulfill.PackageIn.model_fields) - NOT_TYPED


def test_every_screen_of_the_table_exists():
    assert {screen for screen, _ in REQUESTS} <= {screen.path for screen in SCREENS}
