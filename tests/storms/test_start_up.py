"""What a process of a room does not do before its first event: each thing here was measured in `bench/imports.py`."""

import json
import subprocess
import sys

LOOK = """
import gc, json, sys
import functions.intake.handler
print(json.dumps({"modules": sorted(sys.modules), "collects_after": gc.get_threshold()[0]}))
"""


def test_the_door_that_takes_orders_waits_for_nothing_that_an_order_placed_does_not_need():
    looked = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    started = json.loads(looked.stdout)

    late = ("boto3", "botocore.session", "comanda.domain.stock")
    assert [name for name in started["modules"] if name.startswith(late)] == []
    assert started["collects_after"] >= 100_000
