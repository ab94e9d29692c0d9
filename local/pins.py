"""
Compile requirements/*.txt anew from pyproject.toml: every version with its hashes, for every platform, no index address.

Called by   `make pins`; `make pins ARGS=--upgrade` takes newer versions
Returns     nothing; the five files are rewritten
Raises      CalledProcessError where uv refuses
"""

import subprocess
import sys

from bootstrap import HERE, find_uv

COMMON = ("--quiet", "--generate-hashes", "--no-emit-index-url", "--universal", "--python-version", "3.13")


def compiled(uv, name, *sources):
    command = [uv, "pip", "compile", *COMMON, "--custom-compile-command", "make pins", *sources]
    subprocess.run([*command, *sys.argv[1:], "--output-file", "requirements/" + name], cwd=HERE, check=True)


def main():
    uv = find_uv()
    compiled(uv, "tools.txt", "--group", "tools")
    groups = [
        part
        for group in ("tools", "local", "data", "demo", "test", "browser", "bench", "solver", "press", "build")
        for part in ("--group", group)
    ]
    compiled(uv, "dev.txt", "pyproject.toml", *groups)
    # The layer's pins may not differ from those of the environment: Lambda runs the versions that were tested.
    compiled(uv, "runtime.txt", "pyproject.toml", "--constraint", "requirements/dev.txt")
    for layer in ("solver", "press"):
        compiled(uv, f"{layer}.txt", "--group", layer, "--constraint", "requirements/dev.txt")


if __name__ == "__main__":
    main()
