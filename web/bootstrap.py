"""Set up `.venv` with everything pinned in web/constraints.txt. Standard library only.

`python3 web/bootstrap.py` does nothing when the environment already fits pyproject.toml and the
constraints, and the translations are compiled. Torch is installed first: from the package index when that yields the CPU build, and
from PyTorch's CPU index (or `TITIAN_TORCH_INDEX`) when it does not.
"""

import hashlib
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "titian-installed"
CONSTRAINTS = ROOT / "web" / "constraints.txt"
TRANSLATIONS = ROOT / "web" / "translations"
QUIET = ("Requirement already satisfied", "Looking in", "  ")  # lines of pip nobody needs
TORCH_INDEX = os.environ.get("TITIAN_TORCH_INDEX", "https://download.pytorch.org/whl/cpu")


def fingerprint() -> str:
    """A digest of what decides the environment: pyproject, constraints, Python version."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (ROOT / "pyproject.toml", CONSTRAINTS, Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def create_environment() -> None:
    """Create `.venv`; on a Debian without python3-venv, install that package or say how."""
    if (VENV / "bin" / "pip").exists():
        return
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        install_venv_package()
    print(f"Creating {VENV} …", flush=True)
    venv.create(VENV, with_pip=True, clear=VENV.exists())


def install_venv_package() -> None:
    name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or not Path("/usr/bin/apt-get").exists():
        sys.exit(
            f"Python cannot create environments here. Install it first: sudo apt install {name}"
        )
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "install", "-y", "-qq", name], check=True)
    # ensurepip has just arrived; a fresh interpreter finds it
    os.execv(sys.executable, [sys.executable, *sys.argv])


def pip(*arguments: str, may_fail: bool = False) -> bool:
    command = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    running = subprocess.Popen(
        [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    for line in running.stdout or ():
        if not line.startswith(QUIET):
            print(line, end="", flush=True)
    if running.wait() and not may_fail:
        sys.exit(f"Installing failed: pip {' '.join(arguments)}")
    return running.returncode == 0


def install_torch() -> None:
    """The CPU build of torch, from the first index that has it."""
    pin = next(line for line in CONSTRAINTS.read_text().splitlines() if line.startswith("torch=="))
    if not pip("install", "-c", str(CONSTRAINTS), pin, may_fail=True):
        print(f"No CPU build of {pin} there; taking it from {TORCH_INDEX}", flush=True)
        pip("install", "-c", str(CONSTRAINTS), pin, "--index-url", TORCH_INDEX)


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit("Titian needs Python 3.11 or newer; this is " + sys.version.split()[0])
    wanted = fingerprint()
    if not (STAMP.exists() and STAMP.read_text() == wanted):
        install(wanted)
    compile_translations()


def install(wanted: str) -> None:
    started = time.monotonic()
    create_environment()
    print("1/2 torch, CPU build (about 200 MB) …", flush=True)
    install_torch()
    print("2/2 everything else, versions pinned in web/constraints.txt …", flush=True)
    pip("install", "-c", str(CONSTRAINTS), "-e", ".[test]")
    STAMP.write_text(wanted)
    print(f"Installed in {time.monotonic() - started:.0f} s", flush=True)


def compile_translations() -> None:
    """Make the .mo files that are missing or older than their .po."""
    stale = [
        path
        for path in TRANSLATIONS.glob("*/LC_MESSAGES/*.po")
        if not path.with_suffix(".mo").exists()
        or path.with_suffix(".mo").stat().st_mtime < path.stat().st_mtime
    ]
    if stale:
        pybabel = str(VENV / "bin" / "pybabel")
        subprocess.run([pybabel, "-q", "compile", "-f", "-d", str(TRANSLATIONS)], check=True)


if __name__ == "__main__":
    main()
