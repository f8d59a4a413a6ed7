"""What comes into the standalone application: the rules, and the loops compiled ahead."""

from __future__ import annotations

import ast
import runpy
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "build_scripts"


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/Qt/qml/QtQuick/Controls/Button.qml",
        "PySide6/Qt6Qml.dll",
        "PySide6/Qt/plugins/sqldrivers/libqsqlite.so",
        "PySide6/plugins/tls/qopensslbackend.dll",
        "PySide6/Qt/translations/qtbase_ja.qm",
        "PySide6/Qt/translations/qt_help_de.qm",
        "cv2/opencv_videoio_ffmpeg4140_64.dll",
        "numpy/_core/tests/data/astype_copy.pkl",
        "_gdcm/libgdcmMSFF.so",
        "_gdcm/libgdcmMSFF.so.3.2.6",
        "onnxruntime/capi/libonnxruntime.so.1.32.0",
    ],
)
def test_left_out(name: str) -> None:
    from bundle import rules

    assert not rules.is_wanted(name)


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Core.so.6",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/imageformats/libqjpeg.so",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6/plugins/platforms/qwindows.dll",
        "_gdcm/libgdcmMSFF.so.3.2",
        "cv2/cv2.abi3.so",
        "onnxruntime/capi/onnxruntime_pybind11_state.so",
        "resources/models/efficientnet-lite0.onnx",
        "resources/translations/decam_de.qm",
        # Qt's own words in the languages of the window.
        "PySide6/Qt/translations/qtbase_de.qm",
        "pypdfium2_raw/libpdfium.so",
    ],
)
def test_collected(name: str) -> None:
    from bundle import rules

    assert rules.is_wanted(name)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("opencv_python_headless.libs/libopenblasp-r0.so", "a second BLAS"),
        ("PySide6/Qt/lib/libQt6WebEngineCore.so.6", "QtWebEngine"),
        ("PySide6/Qt/qml/QtQml/qmldir", "QML"),
        ("llvmlite/binding/libllvmlite.so", "a compiler"),
        ("torch/lib/libtorch_cpu.so", "a training framework"),
        ("numpy/tests/test_lazyloading.py", "a test suite"),
        ("pillow_heif.libs/libx265-4883ecb5.so.217", "film codecs"),
        ("PySide6/Qt/lib/libQt6Network.so.6", "Qt's network"),
    ],
)
def test_a_bundle_with_something_heavy_is_refused(name: str, what: str) -> None:
    from bundle import rules

    files = {f"_internal/{name}": 900_000, "_internal/PIL/_imaging.so": 900_000}
    assert rules.problems(files) == [f"{what}: _internal/{name}"]


def test_numpys_own_blas_is_no_problem() -> None:
    from bundle import rules

    files = {"_internal/numpy.libs/libscipy_openblas64_-1234.so": 25_000_000}
    assert rules.problems(files) == []


def test_a_library_without_code_is_no_problem() -> None:
    from bundle import rules

    name = "_internal/opencv_python_headless.libs/libopenblasp-r0-59ff.so"
    assert rules.problems({name: 17_000}) == []
    assert rules.problems({name: 38_000_000}) == [f"a second BLAS: {name}"]


def test_new_modules_and_resources_come_in_by_their_folder(tmp_path: Path) -> None:
    from bundle import rules

    for name in (
        "decam_gui/views/new.py",
        "decam_gui/words/de.qm",
        "decam_engine/__init__.py",
        "decam_engine/_loops.cpython-311-x86_64-linux-gnu.so",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert rules.hidden_imports(tmp_path) == [
        *("decam_engine", "decam_engine._loops", "decam_gui.views.new"),
    ]
    places = {(Path(source).name, folder) for source, folder in rules.data_files(tmp_path)}
    assert ("de.qm", "decam_gui/words") in places
    assert ("efficientnet-lite0.onnx", "resources/models") in places
    assert not [folder for _, folder in places if "screenshots" in folder]


def test_what_the_engine_takes_from_its_loops_is_there_when_they_are_compiled_ahead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from bundle import ahead
    from decam_engine import kernels

    loops = {n for n, f in vars(kernels).items() if hasattr(f, "py_func")}
    made = ModuleType("decam_engine.kernel_types")
    vars(made).update(
        CONSTANTS=ahead.numbers_of(kernels), NEEDS={"kernels": ()}, TYPES={n: [] for n in loops}
    )
    monkeypatch.setitem(sys.modules, made.__name__, made)
    frozen = runpy.run_path(str(SCRIPTS / "bundle" / "frozen_kernels.py"))
    used = {
        node.attr
        for file in (ROOT / "decam_engine").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "kernels"
    }
    assert {"ROWS", "LEAST_VARIANCE", "blend"} <= used
    assert {*used, "warm_up"} <= set(frozen)
    for name in made.CONSTANTS:
        assert frozen[name] == getattr(kernels, name)
        assert type(frozen[name]) is type(getattr(kernels, name))


def test_every_distribution_has_a_licence() -> None:
    from bundle import inventory, licences

    for distribution in inventory.bundled():
        name = distribution.metadata["Name"]
        texts = inventory.licence_files(distribution)
        assert texts or licences.KNOWN.get(name), name
        assert inventory.licence_of(distribution)
    names = {d.metadata["Name"].lower() for d in inventory.bundled()}
    assert {"numpy", "onnxruntime", "pyside6_essentials", "pydicom", "pillow_heif"} <= names
    assert not {"numba", "llvmlite", "scipy", "onnx", "pytest"} & names


def test_the_bill_of_materials_is_held_against_its_schema() -> None:
    import json

    from bundle import sbom

    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
    assert sbom.problem_in(json.dumps(bill)) == ""
    assert "components" in sbom.problem_in(json.dumps(bill | {"components": [{"name": "x"}]}))


def test_licences_of_system_libraries_are_read_from_debians_form() -> None:
    from bundle import system_libraries

    form = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
    text = form + "\nFiles: *\nLicense: MIT\n text\n\nFiles: b\nLicense: BSD-3-clause or GPL-2+\n"
    assert system_libraries.stated(text) == "BSD-3-clause or GPL-2+; MIT"
    assert system_libraries.stated("License: MIT") == "see its copyright file"


def test_two_builds_are_compared(tmp_path: Path) -> None:
    from bundle import contents

    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / "same").write_bytes(b"12")
    assert contents.differences(one, other) == []
    (one / "same").write_bytes(b"123")
    (other / "more").touch()
    assert contents.differences(one, other) == [
        "only in one of two builds: more",
        "differs in size between two builds: same 3 2",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="libraries are replaced on Linux alone")
def test_a_stub_has_what_is_asked_for_and_ends_the_process_with_its_name(tmp_path: Path) -> None:
    """Real libraries: one that uses another, which is then replaced."""
    import shutil
    import subprocess

    from bundle import stubs

    if shutil.which("cc") is None or shutil.which("readelf") is None:
        pytest.skip("no C compiler")
    (tmp_path / "film.c").write_text("int film_open(void) { return 7; } int big[99999];")
    (tmp_path / "user.c").write_text(
        "int film_open(void); int works(void) { return 3; } int films(void) { return film_open(); }"
    )
    (tmp_path / "film.map").write_text("FILM_1 { global: film_open; local: *; };")
    library = tmp_path / "libfilm-1234.so"
    for command in (
        f"cc -shared -fPIC -Wl,--version-script=film.map -Wl,-soname={library.name} "
        f"-o {library.name} film.c",
        f"cc -shared -fPIC -o libuser.so user.c -L. -l:{library.name} -Wl,-rpath,$ORIGIN",
    ):
        subprocess.run(command.split(), cwd=tmp_path, check=True)
    stubs._replace(library, stubs._asked_for(tmp_path / "libuser.so"))
    call = (
        "import ctypes, sys; u = ctypes.CDLL('./libuser.so', 2); print(getattr(u, sys.argv[1])())"
    )
    works, films = (
        subprocess.run(
            [sys.executable, "-c", call, name],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        for name in ("works", "films")
    )
    assert works.stdout.strip() == "3", works.stderr
    assert films.returncode < 0
    assert films.stderr.startswith("film_open was left out of this build")


@pytest.mark.skipif(sys.platform != "linux", reason="programs are watched on Linux alone")
def test_a_word_to_a_network_is_seen_and_one_to_a_local_socket_is_none(tmp_path: Path) -> None:
    """A thread and a child that speak to this machine's own addresses, as to any other."""
    from smoke import connections

    if connections.why_not():
        pytest.skip(connections.why_not())
    code = (
        "import socket, subprocess, sys, threading\n"
        "def speak(): socket.socket().connect_ex(('127.0.0.1', 9))\n"
        "if sys.argv[1] == 'outward':\n"
        "    thread = threading.Thread(target=speak); thread.start(); thread.join()\n"
        "    child = 'import socket; s = socket.socket(type=socket.SOCK_DGRAM); '\n"
        "    child += \"s.sendto(b'x', ('127.0.0.1', 9))\"\n"
        "    subprocess.run([sys.executable, '-c', child], check=True)\n"
        "socket.socket(socket.AF_UNIX).connect_ex('nowhere')\n"
    )
    counts = {}
    for kind in ("outward", "local"):
        log = tmp_path / kind
        command = [*connections.watching(log), sys.executable, "-c", code, kind]
        subprocess.run(command, check=True, cwd=tmp_path)
        outward, seen = connections.found(log)
        counts[kind] = (len(outward), seen - len(outward))
    assert counts == {"outward": (2, 1), "local": (0, 1)}
