"""Make the tables of places and the console's scripts of others if they are missing: tiers read them, and no checkout has them."""

import gc

from local import compiled

compiled.keep()  # before anything large is imported

from infra.console_assets import make_assets  # noqa: E402
from infra.geography import make_tables  # noqa: E402

make_tables()
make_assets()


def pytest_collection_finish() -> None:
    """Exclude modules and tests from garbage collection, because they stay until the end. This saves a sixteenth of the time."""
    gc.freeze()
