"""Serve the kit page on this machine as the console's room does: the same address, headers and files. Forms are counted."""

from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from urllib.parse import parse_qsl, urlsplit

from comanda.aws.api import replies
from functions.console import assets, kit, kit_parts, render
from functions.console.forms import Form
from functions.console.view import MenuItem, Person, View

SENT = Form(
    key="01ARZ3NDEKTSV4RRFFQ69G5FAV", version=None, do="save", fields={"name": ("Ana",)}
)  # after the session ended
MENU = (
    MenuItem(path="", label_key="Home", key="h"),
    MenuItem(path="kit", label_key="Components", current=True, key="k"),
)


class KitServer(ThreadingHTTPServer):
    """`sent` has the forms that came. The query of the page chooses its person (id, name, locale, theme, density), its
    message `flash`, and whether it is `handheld`, `refused`, `live` or `away`: the page of a session that has ended."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sent: list[dict[str, str]] = []
        self.parts = 0  # pages of which htmx asked the main part
        self.seconds = 0.0  # that an answer to a form takes
        self.refuses = False  # a form leads to the sign-in page, because the session has ended

    def address(self, query: str = "") -> str:
        return f"http://127.0.0.1:{self.server_port}/live/console/kit{query and '?'}{query}"


class _Handler(BaseHTTPRequestHandler):
    server: KitServer

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if "/assets/" in asked.path:
            asset = assets.find(asked.path.partition("/assets/")[2].partition("/")[2])
            assert asset is not None
            self._answer(200, asset.text, asset.media_type)
        else:
            self.server.parts += "HX-Request" in self.headers
            page = _page(dict(parse_qsl(asked.query)), fragment="HX-Request" in self.headers)
            self._answer(200, page, "text/html; charset=utf-8")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.sent.append(dict(parse_qsl(body)))
        sleep(self.server.seconds)
        self.send_response(303)
        self.send_header("Location", "kit?away=yes" if self.server.refuses else "kit?flash=The+order+was+confirmed.")
        self.end_headers()

    def _answer(self, status: int, text: str, media_type: str) -> None:
        self.send_response(status)
        for name, value in {**replies.security(), "Content-Type": media_type}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_arguments: object) -> None:
        pass


def _page(asked: dict[str, str], *, fragment: bool) -> str:
    away = "away" in asked
    person = {name: asked[name] for name in ("id", "name", "locale", "theme", "density") if name in asked}
    view = View(
        title="Components",
        path="kit",
        person=None
        if away
        else Person(**{"id": "sub-1", "name": "Ana Beatriz", "roles": frozenset({"staff"}), **person}),
        menu=() if away else MENU,
        fragment=fragment,
        flash=asked.get("flash", ""),
    )
    if away:
        return render.page("message.html", view=view, kind="sign-in", sent=SENT, link="sign-in")
    if "parts" in asked:
        facts = {**kit_parts.facts(datetime.now(UTC)), "handheld": "handheld" in asked}
        return render.page("kit_parts.html", view=view, **facts)
    facts = {**kit.facts(datetime.now(UTC)), **{name: name in asked for name in ("refused", "handheld", "live")}}
    return render.page("kit.html", view=view, **facts)
