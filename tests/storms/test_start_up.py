"""Guard the start of a process: it loads nothing before its first event that `bench/imports.py` measured as slow."""

import json
import subprocess
import sys

LOOK = """
import gc, json, sys
import functions.intake.handler
print(json.dumps({"modules": sorted(sys.modules), "collects_after": gc.get_threshold()[0]}))
"""


def test_the_intake_room_loads_nothing_that_placing_an_order_does_not_need():
    looked = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    started = json.loads(looked.stdout)

    late = ("boto3", "botocore.session", "comanda.domain.stock")
    assert [name for name in started["modules"] if name.startswith(late)] == []
    assert started["collects_after"] >= 100_000
