"""What comes into the bundle and what stays out; by folder, so that new files follow by themselves.

``decam.spec`` asks while it collects, ``problems`` looks at what came of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from bundle.facts import ROOT

# Never imported by the application, but found by following imports: compilers (the loops are
# compiled already), test suites, other window kits, training frameworks, servers.
EXCLUDED_MODULES = [
    *("numba", "llvmlite", "scipy", "onnx", "torch", "tensorflow", "jax", "pandas", "matplotlib"),
    *("sympy", "IPython", "jupyter", "dask", "distributed", "pytest", "_pytest", "hypothesis"),
    "pyarrow",
    *("setuptools", "pkg_resources", "pip", "wheel", "_distutils_hack", "distutils", "lib2to3"),
    *("tkinter", "_tkinter", "turtle", "idlelib", "pydoc_data", "ensurepip", "test"),
    *("PyQt5", "PyQt6", "PySide2", "numpy.f2py", "numpy.distutils", "numpy.testing.tests"),
    *("onnxruntime.tools", "onnxruntime.transformers", "onnxruntime.quantization"),
    *("psutil", "yaml", "readline", "importlib_metadata", "PySide6.QtNetwork"),
    *("onnxruntime.datasets", "onnxruntime.training", "mypy", "ruff", "cyclonedx"),
    *("PIL.ImageTk", "PIL._avif", "PIL._imagingtk"),
    *("PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtQuickWidgets", "PySide6.QtQuickControls2"),
    *("PySide6.QtQuickTest", "PySide6.QtDesigner", "PySide6.QtUiTools", "PySide6.QtHelp"),
    *("PySide6.QtSql", "PySide6.QtTest", "PySide6.QtXml", "PySide6.QtConcurrent"),
    *("PySide6.scripts", "PySide6.support"),
]

MODULES = (".py", ".so", ".pyd")
# Folders of resources/ that only the repository needs.
LEFT_RESOURCES = {"screenshots"}

# Paths in the bundle, with / between the parts, that are left out although something refers to
# them. Without a plug-in Qt does without what it would do.
LEFT_OUT = re.compile(
    r"""(?x)
    # Qt: the 3-D, QML and database worlds, and what they bring.
      (^|/)(lib)?Qt6?(Quick|Qml|Designer|Sql|Test|Help|UiTools|Labs|Pdf|VirtualKeyboard|EglF|EglFS
        |WebEngine|Multimedia|Lottie|WaylandCompositor|WaylandEglCompositor|Concurrent|Xml
        |Network)
    | ^PySide6/Qt/qml/
    | ^PySide6/(Qt/)?plugins/(qmltooling|sqldrivers|tls|networkinformation|egldeviceintegrations
        |generic|designer|webview|virtualkeyboard|scenegraph|platforminputcontexts/.*virtualkeyboard
        |renderers|sceneparsers|geometryloaders|assetimporters|position|sensors|canbus|multimedia)
    | ^PySide6/(Qt/)?plugins/imageformats/.*(q(tga|wbmp|pdf|icns|macheif|macjp2|tiff|webp|gif|jp2))
    | ^PySide6/(Qt/)?plugins/platforms/.*q(eglfs|linuxfb|vnc|vkkhrdisplay|minimal|direct2d)
    # The window has colours of its own; GTK would bring forty libraries.
    | ^PySide6/(Qt/)?plugins/platformthemes/libqgtk
    | ^PySide6/opengl32sw\.dll$
    # OpenCV: film decoders of its own and the cascades of face finders.
    | (^|/)opencv_videoio_ffmpeg | ^cv2/data/
    # Pillow reads a list of formats that AVIF is not on.
    | ^PIL/_avif
    | (^|/)libonnxruntime\.so | (^|/)libonnxruntime_providers_(cuda|tensorrt)
    # Programs, headers, sources, notes of how things are built, test suites.
    | (^|/)(tests?|test_files|testing/tests|__pycache__|__pyinstaller)/
    | (^|/)cmake/ | /include/ | ^_gdcm/gdcm[a-z0-9]*$ | ^share/
    | \.(pyi|pyx|pxd|c|cpp|h|hpp|a|lib|pdb|cmake|qmltypes|prl|typed)$
    """
)
# A second copy under another name: the loader asks for the name with one version number.
GDCM_COPY = re.compile(r"^_gdcm/(lib\w+)\.so(?P<version>(\.\d+)*)$")

# Nothing of a bundle may match these.
FORBIDDEN = {
    "a compiler": re.compile(r"llvmlite|(^|/)numba/|libLLVM", re.IGNORECASE),
    "a second BLAS": re.compile(r"(openblas|mkl_|libblas|libcblas|liblapack)", re.IGNORECASE),
    "QtWebEngine": re.compile(r"WebEngine", re.IGNORECASE),
    "QML": re.compile(r"(^|/)qml/|Qt6?(Qml|Quick)", re.IGNORECASE),
    "Qt's network": re.compile(r"Qt6?Network", re.IGNORECASE),
    "a test suite": re.compile(r"(^|/)(tests?|conftest\.py)(/|$)|pytest|hypothesis"),
    "a training framework": re.compile(r"(^|/)(torch|tensorflow|jax)(/|$)|libtorch"),
    "another window kit": re.compile(r"PyQt[56]|(^|/)_?tkinter|(^|/)libtcl|(^|/)libtk8"),
    "film codecs": re.compile(r"(^|/)libx26[45]|(^|/)libvpx"),
}
# Of these a small library of the same name stays, which has no code (bundle/stubs.py).
STUBBED = ("a second BLAS", "film codecs")
LARGEST_STUB = 100_000
# The one BLAS, numpy's.
THE_BLAS = re.compile(r"^numpy(\.libs|/\.dylibs)/")


def hidden_imports(stage: Path) -> list[str]:
    """Every module of the two packages: some are imported by name only."""
    found = []
    for path in sorted(stage.glob("decam_*/**/*.*")):
        if path.suffix not in MODULES:
            continue
        # What follows the first dot of an extension module says which Python it is for.
        parts = path.relative_to(stage).with_name(path.name.partition(".")[0]).parts
        found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def data_files(stage: Path) -> list[tuple[str, str]]:
    """``(source, folder in the bundle)`` of the resources and of other files of the packages."""
    found = []
    for path in sorted((ROOT / "resources").rglob("*")):
        inside = path.relative_to(ROOT)
        if path.is_file() and not LEFT_RESOURCES & set(inside.parts[1:2]):
            found.append((str(path), inside.parent.as_posix()))
    for path in sorted(stage.glob("decam_*/**/*")):
        if path.is_file() and path.suffix not in (*MODULES, ".pyc"):
            found.append((str(path), path.relative_to(stage).parent.as_posix()))
    return found


def languages() -> set[str]:
    """Codes of the languages that the window speaks, by its own translations."""
    files = (ROOT / "resources").rglob("*.qm")
    return {match[1] for f in files if (match := re.search(r"_([a-z]{2}(_[A-Z]{2})?)$", f.stem))}


def is_wanted(name: str) -> bool:
    """Whether a file of this path in the bundle is collected."""
    path = PurePosixPath(name.replace("\\", "/")).as_posix()
    if LEFT_OUT.search(path):
        return False
    copy = GDCM_COPY.match(path)
    if copy and copy["version"].count(".") not in (1, 2):
        return False
    if "/translations/" in path and path.startswith("PySide6"):
        # Qt's own words on buttons, in the languages of the window.
        match = re.search(r"qtbase_([a-z]{2}(_[A-Z]{2})?)\.qm$", path)
        return bool(match) and match[1] in languages()
    return True


def problems(files: Mapping[str, int]) -> list[str]:
    """What is heavy, unused and in the bundle all the same; ``files``: path -> bytes."""
    found = []
    for name, size in sorted(files.items()):
        inside = name.replace("\\", "/").removeprefix("_internal/")
        for what, pattern in FORBIDDEN.items():
            if not pattern.search(inside) or (what in STUBBED and size < LARGEST_STUB):
                continue
            if what == "a second BLAS" and THE_BLAS.match(inside):
                continue
            found.append(f"{what}: {name}")
    return found
