"""Note when the scripts of a page call the server, and lose what it posts."""

from playwright.sync_api import Page, Route

# Afterwards `calls` has the time of each call in milliseconds, by the page's own clock, which is right on a busy machine too.
NOTE_CALLS = """() => {
  const call = window.fetch;
  window.calls = [];
  window.fetch = (...given) => { window.calls.push(performance.now()); return call(...given); };
}"""


class Posts:
    """Watch what a page posts to some addresses. It is lost while `lost` is set.

    The page is opened anew: Chromium answers that it intercepts before a page that is open knows it.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.lost = False
        page.route(address, self._pass_on)
        page.goto(page.url)

    def _pass_on(self, route: Route) -> None:
        if self.lost and route.request.method == "POST":
            route.abort()
        else:
            route.fallback()
