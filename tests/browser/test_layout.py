"""Test that no word of a table is cut in two, and that a field which has the focus is under no bar and no button."""

import pytest

from comanda.aws.dynamodb import keys
from tests.browser.test_pages import WIDER_THAN_THE_WINDOW
from tests.functions.console.examples import EXAMPLES
from tests.functions.people.desk import call_as
from tests.functions.world import usd

PHONE = {"width": 360, "height": 640}
# The words that stand on two lines. An id may be cut: it has no words.
WORDS_CUT = r"""() => {
  const cut = [];
  for (const cell of document.querySelectorAll('td > div, tbody th > div')) {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      if (texts.currentNode.parentElement.closest('.id')) continue;
      for (const found of texts.currentNode.data.matchAll(/\p{L}+/gu)) {
        const range = document.createRange();
        range.setStart(texts.currentNode, found.index);
        range.setEnd(texts.currentNode, found.index + found[0].length);
        if (range.getClientRects().length > 1) cut.push(found[0]);
      }
    }
  }
  return cut;
}"""
# Whether the middle of the focused field is seen, or that of the label around it.
IS_SEEN = """() => {
  const field = document.activeElement, box = field.getBoundingClientRect();
  const seen = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return seen !== null && (seen.contains(field) || field.contains(seen) || !!seen.closest('label')?.contains(field));
}"""


@pytest.mark.parametrize("width", [320, 760])
@pytest.mark.parametrize(("path", "who"), [("cases", "sales"), ("people", "boss")])
def test_no_word_of_a_table_is_cut_in_two_and_the_page_is_no_wider(world, console, keep_shot, path, who, width):
    """A table that has no room scrolls in itself."""
    address = EXAMPLES[path](world)
    assert call_as(who, "PUT", "/v1/me/settings", {"locale": "pt-BR"}).status == 200

    with console(who, address, viewport={"width": width, "height": 800}) as page:
        keep_shot(page, f"words-{path}-{width}")
        assert page.evaluate(WORDS_CUT) == []
        assert page.evaluate(WIDER_THAN_THE_WINDOW) == 0


def test_a_field_that_gets_the_focus_is_under_no_bar_and_no_button(world, console):
    """The bar is high on a phone, and the buttons of a node's form stand at its bottom edge."""
    world.stocked("TEA-001", store_1=9)
    pickup = {"method": "PICKUP", "node_id": "store-1"}
    pays = [{"method": "PAY_IN_STORE", "authorized": usd(3000)}]
    order_id = world.placed({"sku": "TEA-001", "quantity": 3, "fulfillment": pickup}, payments=pays)
    world.settle()
    world.steps(order_id, "accept", "pick")
    world.aws.put("Directory", **keys.user("picker"), name="Bo", roles=["worker"], nodes=["store-1"])
    back = f"nodes/store-1/back/ful_{order_id.removeprefix('ord_')}-001"

    for who, path in (("picker", back), ("sales", f"orders/{order_id}")):
        with console(who, path, viewport=PHONE) as page:
            fields = page.locator("input:visible:not([type=hidden]), textarea:visible, select:visible").all()
            assert fields
            for field in fields:
                field.focus()
                assert page.evaluate(IS_SEEN), (who, field.get_attribute("id"))
