"""Make or mend a virtual environment that holds exactly what a lock names, whatever the day and the machine.

    python requirements/set_up.py FOLDER LOCK

One wheel (uv.txt) is fetched by the pip that this Python brought along, and installs all the others. Needs
nothing newer than Python 3.11.0. docs/decisions/0010-a-locked-installer.md says why.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

OLDEST = (3, 11)
UV_LOCK = Path(__file__).with_name("uv.txt")
PIP = ("install", "-qq", "--disable-pip-version-check", "--no-deps")
#: What a machine may tell pip: where packages come from, and whom to trust for it. uv is told the same.
#: Nothing else is heard: no constraint, no choice of versions, no other folder.
PIP_TOLD = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "",
    "cert": "SSL_CERT_FILE",
    "trusted-host": "UV_INSECURE_HOST",
    "proxy": "ALL_PROXY",
    "client-cert": "SSL_CLIENT_CERT",
    "timeout": "",
    "default-timeout": "",
    "retries": "",
    "cache-dir": "",
    "no-cache-dir": "",
    "keyring-provider": "",
}
#: What a machine may tell uv itself, and then pip's word for it does not count.
UV_TOLD = re.compile(
    r"UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|INDEX_\w+_(USERNAME|PASSWORD)|FIND_LINKS|OFFLINE|"
    r"CONFIG_FILE|INSECURE_HOST|SYSTEM_CERTS|NATIVE_TLS|KEYRING_PROVIDER|CACHE_DIR|NO_CACHE|LINK_MODE|HTTP_\w+)"
)
UV_PLACES = {"UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"}
_YES = {"1", "true", "yes", "on", "y", "t"}


class NotSetUpError(Exception):
    """Nothing was set up; the words say why and what to do."""


def main(folder: Path, lock: Path) -> int:
    """Set up ``folder``; return 0, or 1 after saying in words what stands in the way."""
    try:
        look_at_python()
        python = whole(folder)
        heard = environment(os.environ, pip_settings(python))
        run(sync(python, lock, heard), heard)
    except NotSetUpError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. The same command goes on.\n")
        return 130
    return 0


def look_at_python() -> None:
    """Refuse a Python that will not do, before anything is made."""
    if sys.version_info < OLDEST:
        raise NotSetUpError(
            f"Python 3.11 or newer is needed, not {sys.version.split()[0]}. Nothing was made."
        )
    missing = [name for name in ("venv", "ensurepip") if find_spec(name) is None]
    if missing:  # some systems ship Python without them
        raise NotSetUpError(
            f"This Python came without {missing[0]}. On Debian or Ubuntu: apt-get install python3-venv. "
            "Nothing was made."
        )


def whole(folder: Path) -> Path:
    """Return the folder's Python, made anew unless it was made whole, by this Python and with this uv."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / ".set-up"
    made_of = f"{sys.base_prefix} {sys.version_info[:2]}\n{UV_LOCK.read_text('ascii')}"
    if python.exists() and stamp.is_file() and stamp.read_text("utf-8") == made_of:
        return python
    if folder.exists() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists():
        raise NotSetUpError(
            f"{folder} is there and is no virtual environment. Move it away, or say VENV=another."
        )
    sys.stdout.write(f"Setting up {folder} with Python {sys.version.split()[0]} (once, some seconds) …\n")
    sys.stdout.flush()
    try:
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(folder)], os.environ)
        run(fetch_uv(python), environment(os.environ, pip_settings(python)))
        stamp.write_text(made_of, "utf-8")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)  # half of one would be taken for a whole one
        raise
    return python


def fetch_uv(python: Path) -> list[str]:
    """Return the command with which pip, however old, fetches the one wheel."""
    return [str(python), "-m", "pip", *PIP, "--require-hashes", "--only-binary=:all:", "-r", str(UV_LOCK)]


def sync(python: Path, lock: Path, heard: Mapping[str, str]) -> list[str]:
    """Return the command that makes a virtual environment hold what ``lock`` names, and nothing else.

    A machine may have several indexes; whichever has the locked version will do, because the hash decides.
    """
    how = ["--require-hashes", "--only-binary=:all:", "--index-strategy=unsafe-best-match"]
    how += ["--no-index"] if heard.get("PIP_NO_INDEX") in _YES else []
    uv = python.with_name("uv")
    return [str(uv), "pip", "sync", "--quiet", *how, "--python", str(python), str(lock)]


def run(command: list[str], environment: Mapping[str, str]) -> None:
    """Run a command, whose own words say what went wrong."""
    if subprocess.run(command, env=environment, check=False).returncode:
        raise NotSetUpError("Not set up, see above. The same command tries again.")


def pip_settings(python: Path) -> str:
    """Return what this machine's files and environment tell pip, as it lists it."""
    listing = [str(python), "-m", "pip", "--disable-pip-version-check", "config", "list"]
    return subprocess.run(listing, capture_output=True, text=True, check=False).stdout


def environment(environ: Mapping[str, str], listing: str) -> dict[str, str]:
    """Return the environment to install in: of what ``environ`` and pip's files say, only what is heard."""
    told: dict[str, str] = {}
    for section in ("global", "install", ":env:"):  # the later ones win
        told |= {
            key: " ".join(str(ast.literal_eval(value)).split())
            for key, value in re.findall(rf"^{section}\.([\w-]+)=(.*)$", listing, re.MULTILINE)
            if key in PIP_TOLD
        }
    heard = {name: value for name, value in environ.items() if not name.startswith(("PIP_", "UV_"))}
    heard.pop("PYTHONPATH", None)
    heard |= {f"PIP_{key.upper().replace('-', '_')}": value for key, value in told.items()}
    heard["PIP_CONFIG_FILE"] = os.devnull
    theirs = {name: value for name, value in environ.items() if UV_TOLD.fullmatch(name)}
    for key, name in PIP_TOLD.items():
        if (
            key in told
            and name
            and name not in heard
            and not (name in UV_PLACES and UV_PLACES & theirs.keys())
        ):
            heard[name] = for_uv(key, told[key])
    return heard | theirs


def for_uv(key: str, value: str) -> str:
    """Return pip's value in uv's spelling: folders that are not there are left out, and commas part them."""
    if key != "find-links":
        return value
    return ",".join(place for place in value.split() if "://" in place or Path(place).is_dir())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
