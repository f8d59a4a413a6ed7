"""The tree that is frozen: the two packages, with loops that are compiled already."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from bundle.facts import HERE, ROOT, version

PACKAGES = ("decam_engine", "decam_gui")
# A child that tries a file out needs little of the engine: its packages are registered without
# what they import.
CHILD = """\
if sys.argv[1:2] and sys.argv[1].startswith("--decam-"):
    import types

    for name in ("decam_engine", "decam_engine.models", "decam_engine.decoders"):
        package = types.ModuleType(name)
        package.__path__ = [os.path.join(sys._MEIPASS, *name.split("."))]
        sys.modules[name] = package
    from decam_engine.children import run_as_child

    code = run_as_child(sys.argv[1:])
    if code is not None:
        sys.exit(code)
"""
ENTRIES = {
    # The window has no console on Windows: whoever writes to it must not fail.
    "studio": """\
import multiprocessing
import os
import sys

for name in ("stdin", "stdout", "stderr"):
    if getattr(sys, name) is None:
        setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w", encoding="utf-8"))
CHILD
if __name__ == "__main__":
    multiprocessing.freeze_support()
    from decam_gui.__main__ import main

    sys.exit(main())
""",
    "command": """\
import multiprocessing
import os
import sys

CHILD
if __name__ == "__main__":
    multiprocessing.freeze_support()
    from decam_engine.cli import main

    sys.exit(main())
""",
}


def clean_environment(**more: str) -> dict[str, str]:
    """This environment without what could bring other sources in, and the same every time."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    return kept | {"PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1"} | more


def make_stage(work: Path) -> Path:
    """Copy the packages below ``work``, compile their loops; the folder to import from."""
    stage = work / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    leave = shutil.ignore_patterns("__pycache__", "*.py[cod]", "*.nb[ic]")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, stage / package, ignore=leave)
    for name, text in ENTRIES.items():
        (stage / f"decam_{name}.py").write_text(
            text.replace("CHILD\n", CHILD), encoding="utf-8", newline="\n"
        )
    engine = stage / "decam_engine"
    for file in sorted(compiled_kernels(work).iterdir()):
        shutil.copyfile(file, engine / file.name)
    shutil.copyfile(HERE / "frozen_kernels.py", engine / "kernels.py")
    # The project's own name and version, as the installed package has them.
    own = stage / f"decam_studio-{version()}.dist-info"
    own.mkdir()
    (own / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: decam-studio\nVersion: {version()}\n", encoding="utf-8"
    )
    return stage


def compiled_kernels(work: Path) -> Path:
    """The folder of the compiled loops, made anew when their source or a tool has changed."""
    sources = [ROOT / "decam_engine" / "kernels.py", HERE / "ahead.py"]
    key = hashlib.sha256(
        b"".join(p.read_bytes() for p in sources)
        + f"{sys.version}{platform.machine()}{metadata.version('numba')}".encode()
    ).hexdigest()[:16]
    folder = work / f"kernels-{key}"
    if (folder / "kernel_types.py").is_file():
        return folder
    part = work / "kernels.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    code = subprocess.run(
        [sys.executable, str(HERE / "ahead.py"), str(part)],
        env=clean_environment(PYTHONPATH=str(ROOT), NUMBA_CACHE_DIR=str(work / "numba")),
        cwd=work,
        check=False,
    ).returncode
    if code:
        raise SystemExit(
            f"build.py: the loops could not be compiled (exit code {code}, see above); a C "
            "compiler (gcc, clang or MSVC) and the headers of Python are needed"
        )
    part.replace(folder)
    return folder
