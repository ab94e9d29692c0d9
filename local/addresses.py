"""
Name the addresses of a running Comanda, and where its credentials are.

Called by   local/cli.py
Returns     pairs of a short name and a text
"""

from collections.abc import Iterator

from local import side_servers
from local.deploy import Deployed
from local.instance import Instance
from local.retailer import business
from local.stripe import pix_page


def lines(instance: Instance, deployed: Deployed) -> Iterator[tuple[str, str]]:
    yield "API", deployed.base_url
    yield "console", deployed["console-url"]
    for channel in business.FORMS:
        yield "form", f"{deployed.base_url}/o/{channel}"
    yield "tokens", f"{deployed.token_url} (grant_type=client_credentials, HTTP basic)"
    yield "client", f"the entry admin of {instance.clients}"
    yield "people", _people(instance)
    yield "files", f"s3://{deployed['files-bucket']}/inbox/ at {instance.endpoint}"
    yield "stripe", f"{side_servers.STRIPE.url(instance)} (shaped as Stripe, docs/payments-local.md)"
    yield "pix", f"{side_servers.STRIPE.url(instance)}{pix_page.PATH} pays the text of a Pix code"
    yield "avalara", f"{side_servers.AVALARA.url(instance)} (shaped as AvaTax, docs/embedded.md)"
    yield "mails", f"comanda mails writes them to {instance.mails}"
    yield "stop", "make down (keeps everything), make reset (forgets everything)"


def _people(instance: Instance) -> str:
    """Name the people who can sign in: one for each desk and kind of work. Their passwords stay in the file."""
    people = instance.known_people()
    if not people:
        return "make seed invites some, one for each desk and kind of work"
    return f"{', '.join(person['email'] for _, person in sorted(people.items()))}: passwords in {instance.people}"
