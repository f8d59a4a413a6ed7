"""The command line: answers, exit codes, one-line errors, and nothing left behind."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from decam_engine import __version__, cli, demo_photos
from tests.fakes import BRIGHT, SIZE, bright_photo
from tests.onnx_models import linear_model, rectangle_weights, two_input_model, write_sidecar

ROOT = Path(cli.__file__).resolve().parent.parent


@dataclasses.dataclass
class Desk:
    """A folder to work in, with a photograph and a model."""

    folder: Path
    photo: Path
    model: Path

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def files(self) -> list[str]:
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*"))


@pytest.fixture
def desk(tmp_path: Path, rectangle_onnx: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    photo = folder / "photo.png"
    Image.fromarray(bright_photo().pixels).save(photo)
    for name in ("rectangle.onnx", "rectangle.decam.json"):
        shutil.copy(rectangle_onnx.parent / name, folder)
    return Desk(folder, photo, folder / "rectangle.onnx")


def fails(capsys: pytest.CaptureFixture[str], desk: Desk, arguments: list[Any], text: str) -> str:
    """Runs a command that must be refused: exit code 2, one line, nothing left behind."""
    before = desk.files()
    code = cli.main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    assert code == 2, err
    assert out == ""
    lines = [line for line in err.splitlines() if line.strip()]
    assert len(lines) == 1, err
    assert lines[0].startswith("decam: error: ")
    assert "Traceback" not in err
    assert text in err
    assert desk.files() == before
    return err


def run_process(*arguments: Any, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "decam_engine.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


# --- what works --------------------------------------------------------------------------


def test_explain(capsys: pytest.CaptureFixture[str], desk: Desk) -> None:
    arguments = ["explain", "photo.png", "--model", "rectangle.onnx", "--calls", "60"]
    assert cli.main([*arguments, "--out", "out", "--seed", "3", "--no-tune"]) == 0
    out, err = capsys.readouterr()
    assert "bright spot (0)" in out
    assert "60 calls" in out
    assert "photo.png" in err, "progress goes to standard error"
    saved = [p for p in desk.files() if p.startswith("out/")]
    stem = "out/photo.bright_spot.de"
    assert saved == [f"{stem}{s}" for s in (".json", ".map.png", ".npy", ".overlay.png")]
    for name in saved:
        assert name in out
    saliency = np.load(f"{stem}.npy")
    y, x = np.unravel_index(int(np.argmax(saliency)), SIZE)
    assert BRIGHT[0] <= y < BRIGHT[2]
    assert BRIGHT[1] <= x < BRIGHT[3]
    assert json.loads(Path(f"{stem}.json").read_text(encoding="utf-8"))["seed"] == 3


@pytest.mark.parametrize("method", ["de", "rise", "occlusion"])
def test_explain_json(capsys: pytest.CaptureFixture[str], desk: Desk, method: str) -> None:
    command = ["explain", "photo.png", "--model", "rectangle.onnx", "--calls", "50", "--json"]
    command += ["--format", "npy", "--out", "out", "--no-tune", "--faithfulness"]
    code = cli.main([*command, "--method", method, "--target", "other place"])
    out, _ = capsys.readouterr()
    assert code == 0
    (result,) = json.loads(out)["results"]
    assert result["target"]["index"] == 1
    assert result["calls"] <= 50
    assert 0 <= result["insertion"] <= 1
    assert [Path(f).suffix for f in result["files"]] == [".npy"]
    assert all(Path(f).is_file() for f in result["files"])
    assert len([p for p in desk.files() if p.startswith("out/")]) == 1


def test_explain_a_folder_with_one_bad_image(
    capsys: pytest.CaptureFixture[str], desk: Desk
) -> None:
    folder = desk.folder / "many"
    (folder / "sub").mkdir(parents=True)
    shutil.copy(desk.photo, folder / "a.png")
    shutil.copy(desk.photo, folder / "sub" / "c.png")
    (folder / "b.png").write_bytes(b"no image")
    command = ["explain", "many", "--model", "rectangle.onnx", "--calls", "41", "--out", "out"]
    code = cli.main([*command, "--json", "--no-tune"])
    out, err = capsys.readouterr()
    assert code == 2
    results = json.loads(out)["results"]
    assert [("error" in r) for r in results] == [False, True, False]
    assert "b.png is not an image" in results[1]["error"]
    assert err.count("decam: error:") == 1
    assert len([p for p in desk.files() if p.startswith("out/")]) == 8


def test_predict(capsys: pytest.CaptureFixture[str], desk: Desk) -> None:
    assert cli.main(["predict", "photo.png", "--model", "rectangle.onnx"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "photo.png"
    assert "bright spot (0)" in out.splitlines()[1]
    assert err == ""
    command = ["predict", "photo.png", "photo.png", "--model", "rectangle.onnx", "--json"]
    assert cli.main([*command, "--top", "1"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["results"]) == 2
    (top,) = document["results"][0]["predictions"]
    assert top["label"] == "bright spot"
    assert 0.9 < top["score"] <= 1.0
    assert desk.files() == ["photo.png", "rectangle.decam.json", "rectangle.onnx"]


def test_predict_goes_on_after_a_bad_photograph(
    capsys: pytest.CaptureFixture[str], desk: Desk
) -> None:
    command = ["predict", "missing.png", "photo.png", "--model", "rectangle.onnx", "--json"]
    assert cli.main(command) == 2
    out, err = capsys.readouterr()
    bad, good = json.loads(out)["results"]
    assert "does not exist" in bad["error"] and "does not exist" in err
    assert good["predictions"][0]["label"] == "bright spot"


def test_predict_with_the_bundled_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["predict", str(demo_photos()[1]), "--model", "demo", "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert result["predictions"][0]["label"] == "espresso"


def test_inspect(capsys: pytest.CaptureFixture[str], desk: Desk) -> None:
    assert cli.main(["inspect", "rectangle.onnx"]) == 0
    assert "sidecar" in capsys.readouterr().out
    assert cli.main(["inspect", "rectangle.onnx", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["classes"] == 2
    assert facts["input_size"] == [64, 64]
    assert len(facts["sha256"]) == 64


def test_assumptions_are_said(capsys: pytest.CaptureFixture[str], desk: Desk) -> None:
    bare = linear_model(desk.folder / "bare.onnx", rectangle_weights(SIZE))
    assert cli.main(["inspect", str(bare)]) == 0
    out, err = capsys.readouterr()
    assert "decam: note: Pre-processing assumed" in err
    assert "assumed" in out


def test_bench(capsys: pytest.CaptureFixture[str], desk: Desk) -> None:
    command = ["bench", "--model", "rectangle.onnx", "--photos", ".", "--seeds", "0,1"]
    targets = desk.folder / "targets.json"
    box = [BRIGHT[1], BRIGHT[0], BRIGHT[3], BRIGHT[2]]
    targets.write_text(json.dumps({"photo.png": {"class": 0, "boxes_xyxy": [box]}}))
    command += ["--run", "de@50,rise@50", "--targets", str(targets)]
    assert cli.main([*command, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    de, rise = document["summary"]
    assert (de["method"], rise["method"]) == ("de", "rise")
    assert de["calls"] <= 50
    for row in (de, rise):
        assert row["difference"] == pytest.approx(row["insertion"] - row["deletion"])
        assert 0 <= row["energy_in_box"] <= 1
    assert cli.main(command) == 0
    out = capsys.readouterr().out
    assert "insertion" in out
    assert "rise" in out


def test_bench_adds_what_was_measured_before(
    capsys: pytest.CaptureFixture[str], desk: Desk
) -> None:
    command = ["bench", "--model", "rectangle.onnx", "--photos", ".", "--seeds", "0,1"]
    targets = desk.folder / "targets.json"
    targets.write_text(json.dumps({"photo.png": {"class": 0}}))
    command += ["--targets", str(targets)]
    assert cli.main([*command, "--run", "rise@50", "--save", "rise.json"]) == 0
    saved = json.loads((desk.folder / "rise.json").read_text())["summary"]
    capsys.readouterr()
    assert cli.main([*command, "--run", "de@50", "--add", "rise.json"]) == 0
    assert "As measured before, from rise.json: rise@50." in capsys.readouterr().out
    assert cli.main([*command, "--run", "de@50", "--add", "rise.json", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)["summary"]
    assert summary[:1] == saved
    assert summary[1]["paired_to"] == "rise@50"
    command[command.index("0,1")] = "0,2"
    fails(capsys, desk, [*command, "--run", "de@50", "--add", "rise.json"], "its seeds are not")
    fails(capsys, desk, [*command, "--run", "de@50", "--add", "targets.json"], "holds no figures")


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--version"], ["--help"], ["explain", "--help"]):
        with pytest.raises(SystemExit) as end:
            cli.main(arguments)
        assert end.value.code == 0
    assert __version__ in capsys.readouterr().out


# --- what is refused ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--calls", "0"], "at least 41 model calls, found 0"),
        (["--calls", "5"], "at least 41 model calls, found 5"),
        (["--calls", "-3"], "found -3"),
        (["--calls", "2.5"], "invalid int value"),
        (["--seed", "-1"], "seed must be an integer, 0 or more"),
        (["--seed", "x"], "invalid int value"),
        (["--preset", "slow"], "preset must be one of"),
        (["--method", "magic"], "method must be one of"),
        (["--fill", "pink"], "fill must be one of"),
        (["--format", "png,gif"], "format must be one of"),
        (["--format", ""], "format must be one of"),
        (["--target", "bright spit"], "Did you mean 'bright spot'"),
        (["--target", "7"], "must lie in 0..1"),
        (["--target", "-1"], ""),
        (["--threads", "0"], "expected 1 or more"),
        (["--labels", "gone.txt"], "label file"),
        (["--surprise"], "unrecognized arguments"),
    ],
    ids=str,
)
def test_bad_settings(
    capsys: pytest.CaptureFixture[str], desk: Desk, arguments: list[str], text: str
) -> None:
    command = ["explain", "photo.png", "--model", "rectangle.onnx", "--out", "out", *arguments]
    fails(capsys, desk, command, text)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is empty"),
        (b"no image", "is not an image"),
        ("truncated", "damaged or cut off"),
        ("bomb", "too large"),
        ("folder", "holds no image"),
        (None, "does not exist"),
    ],
)
def test_bad_images(
    capsys: pytest.CaptureFixture[str], desk: Desk, content: bytes | str | None, text: str
) -> None:
    from tests.engine.test_images import png_bomb

    bad = desk.folder / "bad.png"
    if content == "truncated":
        bad.write_bytes(desk.photo.read_bytes()[:3000])
    elif content == "bomb":
        bad.write_bytes(png_bomb(20_000, 20_000))
    elif content == "folder":
        bad.mkdir()
    elif isinstance(content, bytes):
        bad.write_bytes(content)
    for command in ("explain", "predict"):
        extra = ["--out", "out", "--calls", "41"] if command == "explain" else []
        fails(capsys, desk, [command, bad, "--model", "rectangle.onnx", *extra], text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("missing", "does not exist"),
        ("empty", "is empty"),
        ("text", "could not be opened"),
        ("truncated", "could not be opened"),
        ("folder", "is a folder"),
        ("two inputs", "exactly one input"),
        ("changed", "not the file that its sidecar describes"),
    ],
)
def test_bad_models(capsys: pytest.CaptureFixture[str], desk: Desk, kind: str, text: str) -> None:
    model = desk.folder / "bad.onnx"
    if kind == "empty":
        model.touch()
    elif kind == "text":
        model.write_text("hello")
    elif kind == "truncated":
        model.write_bytes(desk.model.read_bytes()[:5000])
    elif kind == "folder":
        model.mkdir()
    elif kind == "two inputs":
        two_input_model(model)
    elif kind == "changed":
        linear_model(model, rectangle_weights(SIZE, gain=0.5))
        shutil.copy(desk.folder / "rectangle.decam.json", desk.folder / "bad.decam.json")
    for command in (
        ["explain", "photo.png", "--model", model, "--out", "out"],
        ["predict", "photo.png", "--model", model],
        ["inspect", model],
    ):
        fails(capsys, desk, command, text)


def test_an_output_folder_that_cannot_be(capsys: pytest.CaptureFixture[str], desk: Desk) -> None:
    command = ["explain", "photo.png", "--model", "rectangle.onnx", "--out"]
    for place in ("photo.png", "photo.png/below", "x" * 300):
        fails(capsys, desk, [*command, place], "cannot be written to")


def test_a_target_that_is_unknown_until_the_model_has_answered(
    capsys: pytest.CaptureFixture[str], desk: Desk
) -> None:
    write_sidecar(desk.model, size=SIZE)
    before = desk.files()
    code = cli.main(
        ["explain", "photo.png", "--model", "rectangle.onnx", "--out", "out", "--target", "9"]
    )
    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1, "no progress bar of a run that never began"
    assert "must lie in 0..1" in err
    assert desk.files() == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["explode"],
        ["explain"],
        ["explain", "photo.png"],
        ["predict", "photo.png", "--model", "rectangle.onnx", "--top", "0"],
        ["bench", "--run", "de"],
        ["bench", "--run", "de@5"],
        ["bench", "--run", "magic@100"],
        ["bench", "--seeds", "x"],
        ["bench", "--photos", "gone"],
        ["bench", "--targets", "gone.json"],
    ],
    ids=str,
)
def test_bad_usage(capsys: pytest.CaptureFixture[str], desk: Desk, arguments: list[str]) -> None:
    fails(capsys, desk, arguments, "")


def test_names_that_would_break_the_terminal(
    capsys: pytest.CaptureFixture[str], desk: Desk
) -> None:
    fails(capsys, desk, ["predict", "two\nlines\x1b[31m.png", "--model", desk.model], "two lines")


# --- real processes ----------------------------------------------------------------------


def test_demo_without_a_window(tmp_path: Path) -> None:
    done = run_process("demo", "--no-window", "--calls", "41", "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert result["target"]["label"] == "tiger cat"
    assert result["calls"] <= 41
    assert 0 < result["insertion"] < 1
    assert len(list((tmp_path / "out").iterdir())) == 4
    with Image.open(next(f for f in result["files"] if f.endswith("overlay.png"))) as picture:
        assert len(picture.getcolors(1 << 24)) > 1000


def test_exit_codes_of_a_process(tmp_path: Path) -> None:
    done = run_process("explain", "gone.png", "--model", "gone.onnx", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="such names are refused by the system")
def test_a_file_name_that_is_no_text(desk: Desk) -> None:
    odd = os.fsencode(desk.folder) + b"/caf\xe9.png"
    shutil.copy(os.fsencode(desk.photo), odd)
    command = ["explain", odd, "--model", desk.model, "--calls", "41", "--method", "occlusion"]
    arguments = [sys.executable, "-m", "decam_engine.cli", *command, "--out", desk.out, "--json"]
    done = subprocess.run(
        arguments,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert result["photo"] == "caf\udce9.png"
    assert len(result["files"]) == 4


# A shell starts its background jobs with the signal ignored, and children inherit that.
HEEDING = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from decam_engine.cli import main; sys.exit(main())"
)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_interrupted(desk: Desk) -> None:
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", HEEDING, "explain", demo_photos()[0]),
            *("--model", "demo", "--calls", "200000", "--out", desk.out, "--no-tune"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "FORCE_COLOR": "1"},
    )
    try:
        assert process.stderr is not None
        # The bar shows the class as soon as the search is under way.
        shown = ""
        while "tiger cat" not in shown:
            character = process.stderr.read(1)
            assert character, shown
            shown += character
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert "decam: interrupted" in err
    assert "Traceback" not in err
    assert out == ""
    assert not desk.out.exists()
    assert not list(desk.folder.rglob("*.part"))


# --- how photographs are read ------------------------------------------------------------


def pages(desk: Desk) -> Path:
    """Three 16-bit pages; the bright spot is on the second."""
    values = [np.full(SIZE, 900, dtype=np.uint16) for _ in range(3)]
    top, left, bottom, right = BRIGHT
    values[1][top:bottom, left:right] = 2900
    frames = [Image.fromarray(v) for v in values]
    path = desk.folder / "pages.tif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    return path


def test_page_window_and_background_are_used_and_recorded(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["explain", pages(desk), "--model", desk.model, "--no-tune", "--calls", "50"]
    line += ["--out", desk.out, "--page", "2", "--window=-100:3000", "--background", "#102030"]
    assert cli.main([str(a) for a in [*line, "--json"]]) == 0
    out, err = capsys.readouterr()
    assert "pages.tif: Page 2 of 3 used." in err
    assert "-100 to 3000 became 0 to 255 (as asked for)" in err
    files = [Path(f) for f in json.loads(out)["results"][0]["files"]]
    reading = json.loads(files[-1].read_text(encoding="utf-8"))["photo"]["reading"]
    assert reading["options"] == {
        "page": 2,
        "window": [-100.0, 3000.0],
        "background": [16, 32, 48],
    }
    assert (reading["page"], reading["pages"]) == (2, 3)


def test_the_page_decides_what_the_model_sees(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    found = []
    for page in (1, 2):
        line = ["predict", pages(desk), "--model", desk.model, "--window", "full"]
        assert cli.main([str(a) for a in [*line, "--page", page, "--json"]]) == 0
        result = json.loads(capsys.readouterr().out)["results"][0]
        assert f"Page {page} of 3 used." in result["notes"]
        assert cli.main([str(a) for a in [*line, "--page", page]]) == 0
        assert f"pages.tif: Page {page} of 3 used." in capsys.readouterr().err
        scores = {p["label"]: p["score"] for p in result["predictions"]}
        found.append(scores["bright spot"])
    assert found[1] > found[0]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--page", "0"], "expected 1 or more, found 0"),
        (["--page", "4"], "pages.tif holds 3 pages: expected a page from 1 to 3, found 4"),
        (["--window", "wide"], "percentile, full, or two numbers"),
        (["--window", "9:1"], "the first is the smaller"),
        (["--window", "1:2:3"], "percentile, full, or two numbers"),
        (["--background", "whitish"], "background must be a colour"),
    ],
)
def test_unusable_readings(
    desk: Desk, capsys: pytest.CaptureFixture[str], arguments: list[str], text: str
) -> None:
    path = pages(desk)
    for command in (["explain", path, "--out", desk.out], ["predict", path]):
        fails(capsys, desk, [*command, "--model", desk.model, "--no-tune", *arguments], text)


@pytest.mark.parametrize("command", ["explain", "predict"])
def test_names_do_not_steer_the_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    odd = "a\x1b[31mb\u202ec"
    model, photo = tmp_path / f"{odd}.onnx", tmp_path / f"{odd}.png"
    linear_model(model, rectangle_weights(SIZE), batch="N", size=SIZE)
    write_sidecar(model, labels=[odd, "other place"], size=SIZE)
    Image.fromarray(bright_photo().pixels).save(photo)
    more = ["--calls", "60", "--out", str(tmp_path)] if command == "explain" else []
    assert cli.main([command, str(photo), "--model", str(model), *more]) == 0
    shown = "".join(capsys.readouterr())
    assert "a<U+001B>[31mb<U+202E>c" in shown
    assert all(c.isprintable() for c in shown.replace("\n", ""))
