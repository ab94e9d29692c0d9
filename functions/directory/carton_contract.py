"""
Define the entry of a carton of the retailer's list, which nodes pack goods into.

Called by   functions/directory/handler.py; openapi
Returns     a pydantic model
"""

from typing import Annotated

from pydantic import Field

from comanda.aws.api.contracts import Contract, Dims, Title
from functions.directory.contract import Words


class ListedCarton(Contract):
    """A carton that nodes pack goods into. `tags` name goods that it is made for, such as hazmat or cold."""

    title: Title
    inside_mm: Dims
    max_g: Annotated[int, Field(ge=1, le=10_000_000)]  # of the goods in it
    fill_percent: Annotated[int, Field(ge=1, le=100)] = 80
    tags: Words | None = None
