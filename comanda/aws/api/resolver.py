"""
Load the REST resolver of Powertools without the resolvers of its other kinds of events.

The package's own start loads those of AppSync, Bedrock and VPC Lattice too, and asyncio with them: a twentieth of the start of
each room with a door. So the package is entered here without its start, and every module takes the resolver from here.

Called by   comanda.aws.api.http and .problems, and each room with a door
Returns     the classes of the resolver
Raises      ImportError where another module imports them from the package after this one
"""

import sys
from importlib.util import find_spec, module_from_spec

_PACKAGE = "aws_lambda_powertools.event_handler"

if _PACKAGE not in sys.modules and (spec := find_spec(_PACKAGE)) is not None:
    sys.modules[_PACKAGE] = module_from_spec(spec)

from aws_lambda_powertools.event_handler.api_gateway import APIGatewayRestResolver, Response  # noqa: E402  as said above
from aws_lambda_powertools.event_handler.exceptions import NotFoundError  # noqa: E402

__all__ = ["APIGatewayRestResolver", "NotFoundError", "Response"]
