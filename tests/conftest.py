"""Set-up for all tests.

With ``DECAM_TEST_WITHOUT_QT=1`` every import of Qt fails, as on a machine without it, and the
tests of the window are left out.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from decam_engine import BlackBox, Photo, demo_model, load_model
from tests.fakes import SIZE, bright_photo
from tests.onnx_models import linear_model, rectangle_weights, write_sidecar

WITHOUT_QT = os.environ.get("DECAM_TEST_WITHOUT_QT") == "1"
QT_PACKAGES = ("PySide6", "shiboken6", "pytestqt")

collect_ignore = ["gui"] if WITHOUT_QT else []


class _NoQt(importlib.abc.MetaPathFinder):
    """Makes the packages of Qt look as if they were not installed."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in QT_PACKAGES:
            raise ModuleNotFoundError(f"No module named {fullname!r} (Qt is left out)")
        return None


if WITHOUT_QT:
    sys.meta_path.insert(0, _NoQt())


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Put the plug-in that would import Qt out of action before it is configured."""
    if WITHOUT_QT and pluginmanager.get_plugin("pytest-qt") is not None:
        pluginmanager.unregister(name="pytest-qt")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is remembered from, or for, the user's own runs; child processes inherit it."""
    with pytest.MonkeyPatch.context() as patch:
        for folder in ("CACHE", "DATA"):
            patch.setenv(f"DECAM_{folder}_DIR", str(tmp_path_factory.mktemp(folder.lower())))
        yield


@pytest.fixture(scope="session")
def demo() -> BlackBox:
    """The bundled model, opened once, with a fixed configuration."""
    return load_model(demo_model(), threads=2, batch_size=4)


@pytest.fixture
def photo() -> Photo:
    """A dark, noisy photograph with a bright rectangle (``fakes.BRIGHT``)."""
    return bright_photo()


@pytest.fixture(scope="session")
def rectangle_onnx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real ONNX file with a sidecar: classes "bright spot" and "other place"."""
    path = tmp_path_factory.mktemp("model") / "rectangle.onnx"
    linear_model(path, rectangle_weights(SIZE), batch="N", size=SIZE)
    write_sidecar(path, labels=["bright spot", "other place"], size=SIZE)
    return path


@pytest.fixture(autouse=True)
def _same_random_numbers() -> Iterator[None]:
    """Nothing in the product may depend on, or disturb, numpy's global random state."""
    before = np.random.get_state(legacy=False)  # noqa: NPY002
    yield
    after = np.random.get_state(legacy=False)  # noqa: NPY002
    assert np.array_equal(before["state"]["key"], after["state"]["key"])
    assert before["state"]["pos"] == after["state"]["pos"]
