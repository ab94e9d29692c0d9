"""
End the sessions of a person in the console.

Called by   functions/people
"""

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime.settings import settings


def end_all(sub: str) -> int:
    """Delete every session of a person, and return their number. A repetition ends those that a crash left."""
    table, ended = settings.sessions_table, 0
    pages = keys.sessions_of(sub)
    for row in reads.query(table, "pk = :pk", consistent=True, pk=pages):
        digest = keys.session_digest_of(row)
        # The row by which a session is found goes last.
        ended += single_writes.delete(table, keys.session(digest), condition="attribute_exists(pk)")
        single_writes.delete(table, keys.session_of(sub, digest), condition="attribute_exists(pk)")
    return ended
