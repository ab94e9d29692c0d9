"""
Decide whether two customers are merged, and whether a merge is undone.

A merged customer becomes a pointer to another one. Both keep their orders, which are read under either id. Customers that are
merged make a tree: its root is the one that is shown, and it alone may be merged further, so that no cycle can arise.

Called by   functions/customers/customer_merges.py, comanda.aws.customers.customer_merges
Returns     nothing, or the pointer that is undone
Raises      Invalid, NotAllowed
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from comanda.domain.errors import Invalid, NotAllowed, Problem

UNDO = timedelta(days=30)
MOST = 20  # customers that are one person: each of them is asked for its orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A customer among those that are one person. `hidden` is its last order that is being erased, empty without an erasure."""

    customer_id: str
    hidden: str = ""
    into: str | None = None
    merged_at: datetime | None = None
    erased_at: str | None = None
    erased_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """All customers that are one person, the root first. `mark` changes with each merge, undo and erasure of the person.

    `links` are (customer, merged customer) of merges that hold; `undone` are those of merges that were undone.
    """

    members: tuple[Member, ...]
    mark: str | None
    links: tuple[tuple[str, str], ...] = ()
    undone: tuple[tuple[str, str], ...] = ()

    @property
    def root(self) -> Member:
        return self.members[0]

    @property
    def erasing(self) -> bool:
        """Return True while the person is being erased."""
        return bool(self.root.hidden)

    def member(self, customer_id: str) -> Member:
        return next(one for one in self.members if one.customer_id == customer_id)

    def hidden(self) -> dict[str, str]:
        """Return the last hidden order of each customer."""
        return {one.customer_id: one.hidden for one in self.members}


def require_different(customer_id: str, into: str) -> None:
    if customer_id == into:
        raise Invalid(Problem(pointer="/into", code="same-customer", message="a customer is not merged into itself"))


def require_merge(customer_id: str, person: Person, into: str, other: Person) -> bool:
    """Return True if the customer is to be merged, False if it is merged into this one already. Raises NotAllowed."""
    member = person.member(customer_id)
    if member.into == into:
        return False
    if other.root.customer_id != into:
        raise NotAllowed(f"{into} was merged into {other.root.customer_id}: merge into that one", pointer="/into")
    if member.into is not None:
        raise NotAllowed(f"{customer_id} was merged into {member.into}: undo that first")
    if len(person.members) + len(other.members) > MOST:
        raise NotAllowed(f"at most {MOST} customers are merged into one", pointer="/into")
    return True


def pointer_to_undo(customer_id: str, person: Person, now: datetime) -> str:
    """Return the customer into which this one was merged. Raises NotAllowed for none, and after 30 days."""
    member = person.member(customer_id)
    if member.into is None or member.merged_at is None:
        raise NotAllowed(f"{customer_id} is not merged into another customer")
    if now > member.merged_at + UNDO:
        raise NotAllowed(f"{customer_id} was merged more than {UNDO.days} days ago: that is not undone any more")
    return member.into
