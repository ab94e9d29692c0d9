"""What every tier reads and no checkout brings: the tables of places, made of the installed packages where they are missing."""

import gc

from local import compiled

compiled.keep()  # before anything large is imported

from infra.geography import make_tables  # noqa: E402

make_tables()


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over modules and tests, which stay until the end: it would walk through them again
    and again, a sixteenth of a tier's seconds."""
    gc.freeze()
