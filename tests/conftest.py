"""Make the tables of places from the installed packages, if they are missing: every tier reads them, and no checkout has them."""

import gc

from local import compiled

compiled.keep()  # before anything large is imported

from infra.geography import make_tables  # noqa: E402

make_tables()


def pytest_collection_finish() -> None:
    """Exclude modules and tests from garbage collection, because they stay until the end. This saves a sixteenth of the time."""
    gc.freeze()
