"""Every odd model is read as it should be, and every broken one refused with a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from decam_engine import ModelError, load_model
from decam_engine.models import probing
from decam_engine.models.graph import GraphReader
from tests.fakes import bright_photo
from tests.model_zoo import ZOO

SOUND = [name for name, animal in ZOO.items() if animal.error is None]
BROKEN = [name for name, animal in ZOO.items() if animal.error is not None]


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(probing.SECONDS_VARIABLE, "6")


def test_the_zoo_is_large() -> None:
    assert len(ZOO) >= 80
    assert len(BROKEN) >= 30


@pytest.mark.parametrize("name", SOUND)
def test_sound(tmp_path: Path, name: str) -> None:
    animal = ZOO[name]
    path = animal.build(tmp_path)
    model = load_model(path, threads=1, **animal.options)
    p = model.preprocessing
    assert (p.size, p.layout, p.channels, p.dtype) == (
        animal.size,
        animal.layout,
        animal.channels,
        animal.dtype,
    )
    assert model.activation == animal.activation
    assert model.preprocessing_source == animal.source
    assert model.calls == 0
    topics = {a.topic for a in model.assumptions} - {"pre-processing"}
    assert topics == set(animal.assumed)
    if animal.activation_source is not None:
        assert model.activation_source == animal.activation_source
    if animal.labels is not None:
        assert model.labels == animal.labels
    if animal.labels_source is not None:
        assert model.labels_source == animal.labels_source
    photo = bright_photo()
    scores = model.scores(np.stack([model.prepare(photo)] * 3))
    assert scores.shape == (3, animal.classes)
    assert np.all((scores >= 0) & (scores <= 1))
    if not name.startswith("many_labels") and animal.classes > 1:
        # Bytes have steps of 1/256 or 1/255.
        rough = "bytes_out" in name or "in_and_out" in name or "_as_" in name
        np.testing.assert_allclose(scores.sum(axis=1), 1.0, atol=8e-3 if rough else 2e-3)
    assert model.predict(photo)[0].index == animal.top
    assert model.predict(photo)[0].score > 0.5


@pytest.mark.parametrize("name", BROKEN)
def test_broken(tmp_path: Path, name: str) -> None:
    animal = ZOO[name]
    path = animal.build(tmp_path)
    with pytest.raises(ModelError, match=animal.error or "") as caught:
        load_model(path, threads=1, **animal.options)
    message = str(caught.value)
    assert path.name in message
    assert message.isprintable(), "one line, and nothing that a terminal acts on"
    assert len(message) < 700
    assert not (tmp_path / "unpickled").exists()


@pytest.mark.parametrize("name", SOUND)
def test_our_reading_of_the_graph_is_that_of_onnx(tmp_path: Path, name: str) -> None:
    path = ZOO[name].build(tmp_path)
    model = onnx.load(path, load_external_data=False)
    reader = GraphReader(path)
    found = reader.graph
    reader.close()
    initializers = {t.name for t in model.graph.initializer}
    assert [(n.op, n.domain, n.inputs, n.outputs) for n in found.nodes] == [
        (n.op_type, n.domain, tuple(n.input), tuple(n.output)) for n in model.graph.node
    ]
    assert found.initializers == initializers
    assert found.inputs == [i.name for i in model.graph.input if i.name not in initializers]
    assert found.outputs == [o.name for o in model.graph.output]
    assert found.opsets == {o.domain: o.version for o in model.opset_import}
    assert found.metadata == {m.key: m.value for m in model.metadata_props}
    assert found.functions == {(f.domain, f.name) for f in model.functions}
    assert found.ir_version == model.ir_version


# --- damage at random --------------------------------------------------------------------


def test_fifty_damaged_models_leave_us_alive(tmp_path: Path) -> None:
    """In a process of its own, so that a crash is a failure of this test and not of all."""
    script = Path(__file__).parents[2] / "build_scripts" / "fuzz_models.py"
    found = subprocess.run(
        [sys.executable, script, "--count", "50"], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr[-2000:]
    counts = json.loads(found.stdout)["total"]
    assert sum(counts.values()) == 50
    assert counts["refused"] >= 10
    assert counts["opened"] >= 5, "a flipped bit among the weights harms nobody"
