"""
Compile Python sources beforehand: Lambda's file system is read-only, so nothing it compiles is ever kept.

Called by   infra/layer.py, infra/package.py
Raises      RuntimeError under another Python than Lambda's, whose bytecode Lambda would ignore
"""

import compileall
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

RUNTIME = (3, 13)


def compiled(folder: Path) -> None:
    """Unchecked hashes: the same source gives the same bytes, and the interpreter does not stat the source at import."""
    if sys.version_info[:2] != RUNTIME:
        raise RuntimeError(
            f"bytecode for Lambda is made by Python {RUNTIME[0]}.{RUNTIME[1]}, not {sys.version.split()[0]}"
        )
    prefix, sys.pycache_prefix = sys.pycache_prefix, None  # beside the sources, wherever this process keeps its own
    try:
        made = compileall.compile_dir(
            folder, quiet=2, stripdir=str(folder), invalidation_mode=PycInvalidationMode.UNCHECKED_HASH, force=True
        )
    finally:
        sys.pycache_prefix = prefix
    if not made:
        raise RuntimeError(f"a source under {folder.name} does not compile")
