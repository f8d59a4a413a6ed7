"""Linux: libraries that the application never calls, replaced by empty ones of the same name.

OpenCV's and libheif's wheels are linked against film codecs, TLS and a second BLAS. The loader
wants them all at the start, though nothing here films, and no matrix is solved with OpenCV:
80 MB, and codecs under the GPL. Each is replaced by a library that has just the functions asked
for; one that is called all the same ends the process with its name. The smoke test shows that
none is.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

# Library that stays -> names of those it can do without.
UNUSED = {
    "cv2/cv2*.so": re.compile(r"libopenblas|libav(codec|format|util)-|libswscale-"),
    "pillow_heif.libs/libheif*.so*": re.compile(r"libx265-"),
}
# threadpoolctl, which numpy's BLAS is held to one thread with, asks each BLAS it finds by name.
ANSWERS = {
    re.compile("libopenblas"): """
int openblas_get_num_threads(void) { return 1; }
void openblas_set_num_threads(int count) { (void)count; }
int openblas_get_parallel(void) { return 0; }
const char *openblas_get_config(void) { return "OpenBLAS 0.0.0 (left out)"; }
const char *openblas_get_corename(void) { return "none"; }
""",
}
REPORT = """
#include <stdlib.h>
#include <unistd.h>
static void missing(const char *name, unsigned long size) {
    static const char end[] = " was left out of this build of DE-CAM Studio\\n";
    if (write(2, name, size) < 0 || write(2, end, sizeof end - 1) < 0) abort();
    abort();
}
"""


def replace_unused(inside: Path) -> list[str]:
    """Replace them in the folder of a bundle; names of what was replaced. What only they needed is
    then removed by :mod:`bundle.reach`.

    Raises ``SystemExit`` without a C compiler.
    """
    done = []
    for users, pattern in UNUSED.items():
        for user in sorted(inside.glob(users)):
            for name in _needed(user):
                if not pattern.match(name):
                    continue
                for library in sorted(inside.rglob(name)):
                    if library.is_symlink():
                        continue
                    _replace(library, _asked_for(user))
                    done.append(library.relative_to(inside).as_posix())
    return done


def _needed(path: Path) -> list[str]:
    text = _run("readelf", "-d", str(path))
    return re.findall(r"\(NEEDED\).*\[([^\]]+)\]", text)


def _asked_for(path: Path) -> set[tuple[str, str]]:
    """``(name, version)`` of the functions that a library looks for in others."""
    text = _run("nm", "-D", "--undefined-only", "--with-symbol-versions", str(path))
    found = re.findall(r"^\s*[Uw] ([^@\s]+)(?:@{1,2}(\S+))?", text, flags=re.MULTILINE)
    return {(name, version) for name, version in found}


def _replace(library: Path, asked: set[tuple[str, str]]) -> None:
    """Write a library in its place that has those of the functions that it had itself."""
    text = _run("nm", "-D", "--defined-only", "--with-symbol-versions", str(library))
    kinds = {
        (name, version): kind
        for kind, name, version in re.findall(
            r"^\S+ (\w) ([^@\s]+)(?:@{1,2}(\S+))?", text, flags=re.MULTILINE
        )
    }
    wanted = sorted(asked & kinds.keys())
    data = [name for name, version in wanted if kinds[name, version] not in "TtWi"]
    if data:
        raise SystemExit(f"build.py: {library.name} is asked for data, not functions: {data}")
    source = REPORT + "".join(
        f'void {name}(void) {{ missing("{name}", {len(name)}); }}\n' for name, _ in wanted
    )
    source += "".join(code for name, code in ANSWERS.items() if name.match(library.name))
    versions: dict[str, list[str]] = {}
    for name, version in wanted:
        versions.setdefault(version, []).append(name)
    script = "".join(
        f"{version} {{ global: {'; '.join(names)}; local: *; }};\n"
        for version, names in versions.items()
        if version
    )
    with tempfile.TemporaryDirectory() as folder:
        code, mapping = Path(folder, "stub.c"), Path(folder, "versions.map")
        code.write_text(source, encoding="utf-8")
        mapping.write_text(script, encoding="utf-8")
        out = Path(folder, library.name)
        more = [f"-Wl,--version-script={mapping}"] if script else []
        _run(
            _compiler(),
            *("-shared", "-fPIC", "-Os", "-s", "-fno-builtin", "-Wl,--build-id=none"),
            *(f"-Wl,-soname={library.name}", *more, "-o", str(out), str(code)),
        )
        shutil.copyfile(out, library)


def _compiler() -> str:
    for name in ("cc", "gcc", "clang"):
        if shutil.which(name):
            return name
    raise SystemExit("build.py: expected a C compiler (cc, gcc or clang) on PATH, found none")


def _run(*command: str) -> str:
    try:
        done = subprocess.run(list(command), capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SystemExit(
            f"build.py: expected the program {command[0]} on PATH (package binutils), found none"
        ) from None
    if done.returncode:
        raise SystemExit(f"build.py: {' '.join(command[:2])} failed: {done.stderr.strip()}")
    return done.stdout
