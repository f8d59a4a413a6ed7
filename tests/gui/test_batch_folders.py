"""The window opens what a batch wrote, and a batch goes on with the window's folders."""

from __future__ import annotations

from pathlib import Path

from decam_engine import explain, load_explanation, load_image, load_model
from decam_gui.core.folder import keep_result, read_session
from tests.batch_folders import command, run, tiny_model, write_photos


def test_the_window_opens_the_folder_of_a_batch(tmp_path: Path) -> None:
    model, photos, out = tiny_model(tmp_path), write_photos(tmp_path / "p", 2), tmp_path / "out"
    run(command(photos, model, out))
    record = read_session(out)
    assert [p.path for p in record.photos] == sorted(photos.iterdir())
    assert [m.path for m in record.models] == [model]
    assert [r.kept.label for r in record.results] == ["bright spot"] * 2
    assert load_explanation(record.results[0].kept.manifest).calls == 60


def test_a_batch_goes_on_with_the_folder_of_a_session(tmp_path: Path) -> None:
    model, photos, out = tiny_model(tmp_path), write_photos(tmp_path / "p", 2), tmp_path / "session"
    box = load_model(model, threads=1, batch_size=8)
    photo = load_image(photos / "0000.png")
    out.mkdir()
    keep_result(out, photos / "0000.png", str(model), explain(box, photo, calls=60), "job")
    before = sorted((out / "results").iterdir())
    document = run(command(photos, model, out))
    assert (document["there"], document["answered"], document["calls"]) == (1, 1, 60)
    assert all(file.exists() for file in before)
    again = run(command(photos, model, out))
    assert (again["there"], again["answered"]) == (2, 0)
