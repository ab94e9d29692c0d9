"""The links of pages are relative, whatever stands before `/console` in the browser's address."""

from urllib.parse import urljoin

import pytest

from functions.console.view import View

PATHS = ("", "find", "orders/ord_br_1", "queues/exceptions", "nodes/store-7/pick")


@pytest.mark.parametrize("before", ["https://x.test", "https://x.test/live", "http://127.0.0.1:4566/_aws/e/api1/live"])
@pytest.mark.parametrize("here", PATHS)
@pytest.mark.parametrize("there", PATHS)
def test_a_link_leads_to_its_page_from_every_page_under_every_prefix(before, here, there):
    page = f"{before}/console/{here}".rstrip("/")

    link = View(title="x", path=here).url(there)

    assert urljoin(page, link) == f"{before}/console/{there}".rstrip("/")


def test_the_query_of_a_link_is_kept_as_it_is():
    assert View(title="x", path="orders/a").url("find?q=a/../b") == "../find?q=a/../b"


def test_a_part_that_htmx_loaded_links_relative_to_the_page_in_the_browser():
    part = View(title="x", path="orders/a/lines", base="queues/sales-review", fragment=True)

    assert urljoin("https://x.test/live/console/queues/sales-review", part.url("orders/b")) == (
        "https://x.test/live/console/orders/b"
    )
