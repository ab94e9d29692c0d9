"""A Stripe-shaped server in this process, the official SDK that calls it, and a receiver of webhooks."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from local.stripe import clockwork
from local.stripe.server import HOST, KEY, StripeServer


@pytest.fixture(scope="session")
def running() -> Iterator[StripeServer]:
    server = StripeServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(running: StripeServer) -> Iterator[StripeServer]:
    running.doors.answer("POST", "/_reset", "")
    yield running
    running.doors.answer("POST", "/_reset", "")


@pytest.fixture
def sdk(server: StripeServer) -> Any:
    return stripe.StripeClient(KEY, base_addresses={"api": server.url}, max_network_retries=0).v1


@pytest.fixture
def door(server: StripeServer):
    """Call a door of the server: `door("POST", "/_pay", payment_intent="pi_1")`."""

    def call(method: str, path: str, /, **content: Any) -> Any:
        return server.doors.answer(method, path, json.dumps(content) if method == "POST" else "")

    return call


@dataclass
class Receiver:
    """A program that takes webhooks, and answers with `status`."""

    url: str
    status: int = 200
    got: list[tuple[bytes, str]] = field(default_factory=list)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.got]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events()]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taker.got.append((body, self.headers["Stripe-Signature"]))
            self.send_response(taker.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    listener = ThreadingHTTPServer((HOST, 0), Handler)
    taker = Receiver(f"http://{HOST}:{listener.server_address[1]}/hook")
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield taker
    listener.shutdown()
    thread.join()
    listener.server_close()


@pytest.fixture
def authorized(sdk):
    """Authorise an amount on a test card, and capture nothing yet."""

    def make(
        amount: int = 10_000, currency: str = "usd", card: str = "pm_card_visa", **more: Any
    ) -> stripe.PaymentIntent:
        params = {
            "amount": amount,
            "currency": currency,
            "payment_method": card,
            "allowed_payment_method_types": ["card"],
            "capture_method": "manual",
            "confirm": True,
            **more,
        }
        return sdk.payment_intents.create(params)

    return make


@pytest.fixture
def delivered(server: StripeServer, receiver: Receiver):
    """Return the types of the events that came to the receiver, once everything that is due was sent."""

    def types() -> list[str]:
        clockwork.run_due(server.account, server.faults)
        return receiver.types()

    return types
