"""
Compile Python sources before they ship: Lambda's file system is read-only, so Lambda cannot keep bytecode.

Called by   infra/layer.py, infra/package.py
Raises      RuntimeError under another Python than Lambda's, whose bytecode Lambda would ignore
"""

import compileall
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

RUNTIME = (3, 13)


def compile_folder(folder: Path) -> None:
    """
    Compile every source below a folder, beside the source.

    The bytecode has unchecked hashes: the same source gives the same bytes, and an import does not look at the source.
    """
    if sys.version_info[:2] != RUNTIME:
        raise RuntimeError(
            f"bytecode for Lambda is made by Python {RUNTIME[0]}.{RUNTIME[1]}, not {sys.version.split()[0]}"
        )
    prefix, sys.pycache_prefix = sys.pycache_prefix, None  # this process may keep its own bytecode elsewhere
    try:
        made = compileall.compile_dir(
            folder, quiet=2, stripdir=str(folder), invalidation_mode=PycInvalidationMode.UNCHECKED_HASH, force=True
        )
    finally:
        sys.pycache_prefix = prefix
    if not made:
        raise RuntimeError(f"a source under {folder.name} does not compile")
