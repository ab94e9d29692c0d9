"""
Keep compiled modules where the environment says that Python shall write none (PYTHONDONTWRITEBYTECODE, as in many images).
Every process would compile what it imports again: a second or two, ten where the CDK is read.

Called by   local/cli.py, tests/conftest.py
Returns     nothing: this process and those that it starts write under build/pycache
"""

import os
import sys
from pathlib import Path


def keep() -> None:
    """Let this process and those that it starts keep bytecode under build/pycache."""
    if not sys.dont_write_bytecode or sys.pycache_prefix is not None:
        return
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parent.parent / "build" / "pycache")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
