"""
Name the network that an open request comes from: requests are counted by it, and no single address is.

Called by   functions/order_form, functions/customers
Returns     the address itself for IPv4, its /64 for IPv6, which one house has
Raises      nothing: what is no address is `unknown`
"""

import ipaddress
from collections.abc import Mapping
from typing import Any


def network_of(address: str) -> str:
    """Return the network of an address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def network(event: Mapping[str, Any]) -> str:
    """Return the network that a request of the gateway comes from."""
    identity = (event.get("requestContext") or {}).get("identity") or {}
    return network_of(str(identity.get("sourceIp", "")))
