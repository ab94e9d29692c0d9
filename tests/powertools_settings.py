"""
Set what Powertools reads when a room is imported, before any fixture runs.

Called by   tests/conftest.py, so that each test file passes alone; tests/moto_aws.py for the measures of bench
"""

import os


def load() -> None:
    os.environ.update(
        POWERTOOLS_SERVICE_NAME="test", POWERTOOLS_METRICS_NAMESPACE="Comanda", POWERTOOLS_LOG_LEVEL="INFO"
    )
