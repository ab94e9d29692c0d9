"""Make the tables of places and the files of others that rooms ship if they are missing: tiers read them, and no checkout has them."""

import gc

from local import compiled

compiled.keep()  # before anything large is imported

from infra.geography import make_tables  # noqa: E402
from infra.npm_assets import make_all  # noqa: E402
from tests import hypothesis_profiles, powertools_settings  # noqa: E402

make_tables()
make_all()
hypothesis_profiles.load()
powertools_settings.load()


def pytest_collection_finish() -> None:
    """Exclude modules and tests from garbage collection, because they stay until the end. This saves a sixteenth of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)  # to look often for what tests leave took as much
