"""
Make this checkout's environment: `.venv`, with Python 3.13 and exactly the pinned packages.

Called by   the Makefile, with any Python 3.8 or newer of the machine
Returns     nothing; `.venv` and its stamp are there afterwards, and nothing else has changed
Raises      SystemExit with one sentence that says what to install

The module uses the standard library only, and old syntax on purpose: no package is installed yet when it runs.
"""

import glob
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.path.join(HERE, ".tools")
VENV = os.path.join(HERE, ".venv")
PINS = os.path.join(HERE, "requirements", "dev.txt")
TOOL_PINS = os.path.join(HERE, "requirements", "tools.txt")
PYTHON = "3.13"


def runs(*command, **options):
    """Run a command. Returns whether it exists and succeeds, and its output."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options
        )
    except OSError as missing:
        return False, str(missing)
    return done.returncode == 0, done.stdout.decode(errors="replace").strip()


def pythons():
    """Return the interpreters that may have pip: the one that runs this, those on PATH, pyenv's."""
    seen = []
    names = ["python3"] + ["python3.%d" % minor for minor in range(14, 7, -1)]
    for candidate in [sys.executable] + [shutil.which(name) for name in names] + pyenv_pythons("3.*"):
        if candidate and candidate not in seen:
            seen.append(candidate)
    return seen


def pyenv_pythons(pattern):
    root = os.environ.get("PYENV_ROOT")
    if not root:
        found, text = runs("pyenv", "root")
        root = text if found else os.path.expanduser("~/.pyenv")
    return sorted(glob.glob(os.path.join(root, "versions", pattern, "bin", "python3")), reverse=True)


def find_uv():
    """Return uv from PATH or from the private folder, and install it there if need be. Only this checkout changes."""
    private = [os.path.join(TOOLS, *parts) for parts in (("uv", "bin", "uv"), ("site", "bin", "uv"))]
    for candidate in [shutil.which("uv"), *private]:
        if candidate and runs(candidate, "--version")[0]:
            return candidate
    print("uv is not here: installing it into .tools/", flush=True)
    complaints = []
    for python in pythons():
        for way in (by_venv, by_target):
            complaint = way(python)
            for candidate in private:
                if runs(candidate, "--version")[0]:
                    return candidate
            complaints.append("%s: %s" % (python, complaint.splitlines()[-1] if complaint else "no uv came of it"))
    raise SystemExit(
        "uv could not be installed. Install it (or pip and venv for any Python 3.8+), then run make again.\n  "
        + "\n  ".join(complaints)
    )


def by_venv(python):
    """Install uv into a virtual environment. Debian without python3-venv makes one without pip, and this fails."""
    folder = os.path.join(TOOLS, "uv")
    shutil.rmtree(folder, ignore_errors=True)
    made, complaint = runs(python, "-m", "venv", folder)
    if made:
        _, complaint = runs(
            os.path.join(folder, "bin", "python"), "-m", "pip", "install", "--require-hashes", "-r", TOOL_PINS
        )
    return complaint


def by_target(python):
    """Install uv into a plain folder, for machines that have pip, but not venv or ensurepip."""
    folder = os.path.join(TOOLS, "site")
    shutil.rmtree(folder, ignore_errors=True)
    return runs(python, "-m", "pip", "install", "--target", folder, "--require-hashes", "-r", TOOL_PINS)[1]


def find_python(uv):
    """Return Python 3.13: one that uv finds, one of pyenv's without a shim, or uv's own build, which is then installed."""
    plain = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "UV_PYTHON")}
    found, text = runs(uv, "python", "find", "--system", PYTHON, cwd=HERE, env=plain)
    candidates = ([text.splitlines()[-1]] if found and text else []) + pyenv_pythons(PYTHON + "*")
    for candidate in candidates:
        if is_right(candidate):
            return candidate
    print("Python %s is not here: uv is fetching it" % PYTHON, flush=True)
    installed, complaint = runs(uv, "python", "install", PYTHON, cwd=HERE)
    found, text = runs(uv, "python", "find", "--system", PYTHON, cwd=HERE, env=plain)
    if installed and found and is_right(text.splitlines()[-1]):
        return text.splitlines()[-1]
    raise SystemExit(
        "Python %s is needed and could not be fetched; install it, then run make again.\n  %s" % (PYTHON, complaint)
    )


def is_right(python):
    return runs(python, "-c", "import sys, venv; assert '%d.%d' % sys.version_info[:2] == '" + PYTHON + "'")[0]


def main():
    uv = find_uv()
    inside = os.path.join(VENV, "bin", "python")
    if not is_right(inside):
        shutil.rmtree(VENV, ignore_errors=True)
        subprocess.run([uv, "venv", "--quiet", "--no-project", "--python", find_python(uv), VENV], cwd=HERE, check=True)
    print("installing the pinned packages into .venv", flush=True)
    env = dict(os.environ, VIRTUAL_ENV=VENV)
    env.pop("UV_PYTHON", None)
    sync = [uv, "pip", "sync", "--quiet", "--require-hashes", PINS]
    project = [uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", HERE]
    for step in (sync, project):
        if subprocess.run(step, cwd=HERE, env=env, stdin=subprocess.DEVNULL).returncode:
            raise SystemExit("the environment could not be made: see above")
    with open(os.path.join(VENV, ".ready"), "w"):
        pass


if __name__ == "__main__":
    main()
