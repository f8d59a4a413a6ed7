"""A batch on a real scheduler with real worker processes, one of them killed in the middle."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batch_folders import check_index, check_whole, command, contents, run, tiny_model
from tests.batch_folders import write_photos as make_photos
from tests.dask_cluster import Cluster

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="the extra cluster is not installed"
)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    # The workers import this very package.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (tmp_path / "cluster").mkdir()
    found = Cluster(tmp_path / "cluster")
    yield found
    found.close()


def test_a_killed_worker_loses_nothing(cluster: Cluster, tmp_path: Path) -> None:
    model, photos = tiny_model(tmp_path), make_photos(tmp_path / "photos", 12, bad=1)
    workers = [cluster.add_worker(), cluster.add_worker()]
    out, alone = tmp_path / "cluster-out", tmp_path / "alone-out"
    asked = command(photos, model, out, "--dask", cluster.address, "--shard", "3")
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        # In the middle: some answers are there, and more are to come.
        while len(list((out / "results").glob("??/*"))) < 2:
            assert child.poll() is None, child.communicate()[1]
            time.sleep(0.01)
        workers[0].send_signal(signal.SIGKILL)
        _, errors = child.communicate(timeout=600)
    assert child.returncode == 2, errors.decode()[-3000:]
    assert sorted(check_index(out).values()) == ["done"] * 12 + ["failed"]
    check_whole(out)
    run(command(photos, model, alone), expected=2)
    assert contents(out) == contents(alone)


def test_answers_and_photographs_travel_to_machines_that_share_nothing(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, photos = tiny_model(tmp_path), make_photos(tmp_path / "photos", 3, bad=1)
    cluster.add_worker()
    out, alone = tmp_path / "cluster-out", tmp_path / "alone-out"
    more = ("--dask", cluster.address, "--transfer", "returned")
    document = run(command(photos, model, out, *more), expected=2)
    assert document["answered"] == 3 and document["written"] > 0
    check_whole(out)
    run(command(photos, model, alone), expected=2)
    assert contents(out) == contents(alone)
    # Again: known by its fingerprint, nothing is sent.
    again = run(command(photos, model, out, *more), expected=2)
    assert (again["answered"], again["there"], again["calls"]) == (0, 3, 0)


def test_a_model_that_a_worker_lacks_is_sent_by_its_hash(tmp_path: Path) -> None:
    from decam_engine import load_model
    from decam_engine.batch.cluster import has_model, model_files, store_model
    from decam_engine.batch.opening import ModelSpec, find_file, opened, sent_folder

    path = tiny_model(tmp_path)
    spec = ModelSpec.of(path, load_model(path, threads=1, batch_size=8), {"threads": 1})
    files = model_files(spec)
    assert has_model(spec)
    # On another machine, neither the model nor its sidecar is there.
    path.unlink()
    path.with_suffix(".decam.json").unlink()
    assert not has_model(spec)
    store_model(spec, files)
    assert has_model(spec) and Path(find_file(spec)).parent == sent_folder(spec)
    from decam_engine.batch import opening

    opening._opened.clear()
    box = opened(spec)
    assert box.labels == ("bright spot", "other place")
    assert box.preprocessing == spec.preprocessing and box.preprocessing_source == "sidecar"


def test_nobody_at_the_address_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, photos = tiny_model(tmp_path), make_photos(tmp_path / "photos", 1)
    asked = command(photos, model, tmp_path / "out", "--dask", "tcp://127.0.0.1:9")
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
