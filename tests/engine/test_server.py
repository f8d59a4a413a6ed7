"""Models on a server: a real process over loopback that speaks the protocol's published schema."""

from __future__ import annotations

import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from decam_engine import (
    BlackBox,
    ModelError,
    Photo,
    Preprocessing,
    ServerOptions,
    cli,
    close_servers,
    demo_model,
    demo_photos,
    explain,
    is_server_url,
    load_image,
    load_model,
)
from decam_engine.errors import ModelRunError
from tests.fakes import BRIGHT, SIZE, bright_photo, inside
from tests.inference_server import serving
from tests.model_zoo import ZOO
from tests.onnx_models import linear_model, rectangle_weights

UNIT = Preprocessing.unit()
QUICK = ServerOptions(timeout=1.5, attempts=2)


def open_server(url: str, **options: Any) -> BlackBox:
    return load_model(url, preprocessing=UNIT, **options)


def local(path: Path, **options: Any) -> BlackBox:
    return load_model(path, preprocessing=UNIT, threads=1, tune=False, **options)


# --- the same as the file ------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(), ("--json-only",), ("--chunked",)])
def test_predictions_are_those_of_the_file(arguments: tuple[str, ...]) -> None:
    file = load_model(demo_model(), threads=1, tune=False)
    with serving(demo_model(), *arguments, name="lite0") as server:
        served = load_model(server.url, preprocessing=file.preprocessing, labels=file.labels)
        for path in demo_photos()[:2]:
            photo = load_image(path)
            assert served.predict(photo) == file.predict(photo)
        stats = server.stats
    used, unused = ("json", "binary") if "--json-only" in arguments else ("binary", "json")
    assert stats[used] > 0
    assert stats[unused] == 0
    facts = served.describe()
    assert facts["name"] == "lite0"
    assert facts["encoding"] == used
    assert facts["activation"] == "softmax"
    assert served.calls == 2


@pytest.mark.parametrize("arguments", [(), ("--json-only",)])
def test_the_map_is_that_of_the_file(
    rectangle_onnx: Path, photo: Photo, arguments: tuple[str, ...]
) -> None:
    file = local(rectangle_onnx, batch_size=8)
    before = explain(file, photo, calls=420)
    with serving(rectangle_onnx, *arguments) as server:
        model = open_server(server.url, batch_size=8, labels=file.labels)
        result = explain(model, photo, calls=420)
        stats = server.stats
    assert np.array_equal(result.input_saliency, before.input_saliency)
    assert result.keep_region == before.keep_region
    assert inside(int(np.argmax(result.input_saliency)), BRIGHT)
    assert result.calls == 420
    # What the server scored: the explanation, and what opening took.
    assert stats["inputs"] == 420 + model.describe()["opened_with"]["inputs"]


def test_opening_takes_few_requests_and_says_how_many(rectangle_onnx: Path) -> None:
    with serving(rectangle_onnx) as server:
        facts = open_server(server.url).describe()
        stats = server.stats
    assert facts["opened_with"] == {"requests": stats["requests"], "inputs": stats["inputs"]}
    assert stats["requests"] == 4
    assert stats["inputs"] == 4


def test_what_the_manifest_says(rectangle_onnx: Path, photo: Photo) -> None:
    with serving(rectangle_onnx) as server:
        url = server.url.replace("http://", "http://someone:s3cret@")
        model = open_server(f"{url}/versions/1/")
        manifest = explain(model, photo, calls=60).manifest()
        stats = server.stats
    facts = manifest["model"]
    assert facts["kind"] == "server"
    assert facts["url"] == f"{server.url}/versions/1"
    assert facts["sha256"] is None
    assert "not hashable" in facts["identity"]
    assert facts["platform"] == "onnxruntime_onnx"
    assert facts["version"] == "1"
    assert facts["server"] == {
        "name": "test server",
        "version": "9.8",
        "extensions": ["binary_tensor_data"],
    }
    assert facts["configuration"]["concurrency"] == 2
    assert facts["configuration"]["batch_size"] == 8
    assert stats["authorization"] == "Basic c29tZW9uZTpzM2NyZXQ="
    assert "s3cret" not in json.dumps(manifest)
    assert "someone" not in json.dumps(manifest)


def test_pre_processing_is_assumed_unless_given(rectangle_onnx: Path) -> None:
    with serving(rectangle_onnx) as server:
        model = load_model(server.url)
        assert model.preprocessing_source == "assumed"
        assert "Pre-processing assumed" in model.assumptions[0].text
        assert model.input_size == SIZE
        with pytest.raises(ModelError, match=r"labels do not fit net.*2 classes.* 3"):
            load_model(server.url, labels=["a", "b", "c"])


def test_other_layouts_and_types(tmp_path: Path) -> None:
    from onnx import TensorProto

    path = tmp_path / "odd.onnx"
    weights = rectangle_weights((40, 56), [(2, 3, 20, 30)], layout="NHWC")
    linear_model(
        path, weights, batch=1, size=(40, 56), layout="NHWC", activation="Sigmoid",
        input_type=TensorProto.UINT8,
    )  # fmt: skip
    photo = bright_photo((5, 5, 60, 60))
    expected = load_model(path).scores(load_model(path).prepare(photo)[None])
    for arguments in ((), ("--json-only",)):
        with serving(path, *arguments) as server:
            model = load_model(server.url)
            assert model.input_size == (40, 56)
            assert model.preprocessing.layout == "NHWC"
            assert model.preprocessing.dtype == "uint8"
            # Its batch is fixed: one input goes at a time.
            assert model.batch_size == 1
            inputs = np.repeat(model.prepare(photo)[None], 3, axis=0)
            assert np.array_equal(model.scores(inputs), np.repeat(expected, 3, axis=0))


@pytest.mark.parametrize("arguments", [(), ("--json-only",)])
def test_an_output_can_be_named(tmp_path: Path, photo: Photo, arguments: tuple[str, ...]) -> None:
    path = ZOO["output_named_by_the_user"].build(tmp_path)
    with serving(path, *arguments) as server:
        first = open_server(server.url)
        second = open_server(server.url, output="second")
        assert first.predict(photo)[0].index == 0
        assert second.predict(photo)[0].index == 1
        with pytest.raises(ModelError, match=r"output 'third' of net cannot be used.*first FP32"):
            open_server(server.url, output="third")
    assert first.describe()["outputs"] == second.describe()["outputs"] == ["first", "second"]
    assert any("Output 'first' taken, of first, second" in a.text for a in first.assumptions)
    assert not second.assumptions


@pytest.mark.parametrize("arguments", [(), ("--json-only",)])
def test_scores_that_are_whole_numbers(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A server does not tell their scale: 0..255 is taken as 0..1, where that can be."""
    path = ZOO["bytes_out"].build(tmp_path)
    photo = bright_photo()
    with serving(path, *arguments) as server:
        model = load_model(server.url)
        inputs = model.prepare(photo)[None]
        found, expected = model.scores(inputs), load_model(path).scores(inputs)
    np.testing.assert_allclose(found, expected, atol=0.01)
    assert model.describe()["output_quantisation"]["source"] == "assumed"
    assert any("0..255 assumed to stand for 0..1" in a.text for a in model.assumptions)
    with (
        serving(ZOO["logits_as_bytes"].build(tmp_path), *arguments) as server,
        pytest.raises(ModelError, match="without a scale, and no probabilities"),
    ):
        load_model(server.url)


def test_a_fixed_batch_is_filled_up(tmp_path: Path, photo: Photo) -> None:
    path = linear_model(tmp_path / "four.onnx", rectangle_weights(SIZE), batch=4, size=SIZE)
    file = local(path)
    with serving(path) as server:
        model = open_server(server.url)
        assert model.batch_size == 4
        inputs = np.repeat(model.prepare(photo)[None], 6, axis=0)
        assert np.array_equal(model.scores(inputs), file.scores(inputs))


def test_a_server_that_takes_one_input_at_a_time(rectangle_onnx: Path, photo: Photo) -> None:
    with serving(rectangle_onnx, "--max-batch", "1") as server:
        model = open_server(server.url)
        assert model.batch_size == 1
        assert any("one input at a time" in a.text for a in model.assumptions)
        assert explain(model, photo, calls=60).calls == 60


# --- size, number and pace of requests -----------------------------------------------------


def test_requests_stay_under_the_limit(rectangle_onnx: Path, photo: Photo) -> None:
    # 3 x 64 x 64 float32 is 49 kB: three fit into 160 kB.
    options = ServerOptions(request_mb=0.16)
    for arguments in ((), ("--json-only",)):
        with serving(rectangle_onnx, *arguments) as server:
            model = open_server(server.url, batch_size=64, server=options)
            assert model.batch_size < 4
            assert any("must not be larger" in a.text for a in model.assumptions)
            model.scores(np.repeat(model.prepare(photo)[None], 9, axis=0))
            assert 0 < server.stats["largest"] < 160_000


def test_an_input_larger_than_a_request_is_refused_unless_allowed(rectangle_onnx: Path) -> None:
    with serving(rectangle_onnx) as server:
        with pytest.raises(ModelError, match=r"One input of net takes 0\.04\d+ MB.*--max-request"):
            open_server(server.url, server=ServerOptions(request_mb=0.04))
        assert server.stats["infer"] == 0


def test_several_requests_are_in_flight(rectangle_onnx: Path, photo: Photo) -> None:
    # The server answers at once when two requests are there; one alone waits.
    with serving(rectangle_onnx, "--meet", "0.2") as server:
        model = open_server(server.url, server=ServerOptions(in_flight=2))
        result = explain(model, photo, calls=100)
        stats = server.stats
    assert stats["most_at_once"] == 2
    assert np.array_equal(
        result.input_saliency,
        explain(local(rectangle_onnx, batch_size=8), photo, calls=100).input_saliency,
    )


@pytest.mark.parametrize("fault", ["busy", "hang-up"])
def test_what_passes_is_tried_again(rectangle_onnx: Path, photo: Photo, fault: str) -> None:
    with serving(rectangle_onnx, "--fault", fault, "--after", "1", "--times", "2") as server:
        model = open_server(server.url)
        expected = local(rectangle_onnx).predict(photo)
        assert [p.score for p in model.predict(photo)] == [p.score for p in expected]
        # The probe, two that failed, one that did not.
        assert server.stats["infer"] == 4


# --- servers that fail ---------------------------------------------------------------------

FAULTS = {
    "slow": r"gave no complete answer within 1\.5 s; tried 2 times",
    "drip": r"gave no complete answer within 1\.5 s; tried 2 times",
    "hang-up": r"could not be reached \(.+\); tried 2 times",
    "die": r"could not be reached \(.+\); tried 2 times",
    "busy": r"not available \(HTTP 503: .*try again.*\); tried 2 times",
    "error": r"with an error \(HTTP 500: out of memory \[31m very very .*\u2026\)",
    "redirect": r"sends us elsewhere \(HTTP 307, to http://elsewhere\.invalid/v2\)",
    "garbage": r"expected an inference answer as a JSON object, found '.*not a model.*'",
    "cut": r"could not be reached \(.+\); tried 2 times",
    "bad-chunk": r"could not be reached \(.+\); tried 2 times",
    "no-http": r"could not be reached \(.+\); tried 2 times",
    "zipped": r"expected an inference answer as a JSON object",
    "huge": r"too large: expected at most 80 MB",
    "wrong-shape": r"expected an output of shape \(1, classes\), found scores FP32 \(2, 1, 7\)",
    "wrong-rows": r"expected an output of shape \(1, classes\)",
    "wrong-type": r"expected scores of type FP32, FP16, FP64, UINT8, INT8, found INT64",
    "wrong-output": r"expected the output scores, found features",
    "wrong-length": r"expected 8 bytes behind its JSON, found 12",
    "version": r"answered with version 2 of net, before with 1",
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_becomes_a_sentence(rectangle_onnx: Path, photo: Photo, fault: str) -> None:
    with serving(rectangle_onnx, "--fault", fault, "--after", "1", "--seconds", "9") as server:
        model = open_server(server.url, server=QUICK)
        with pytest.raises(ModelRunError, match=FAULTS[fault]) as caught:
            model.predict(photo)
        text = str(caught.value)
    assert server.host in text
    assert text.isprintable()
    assert len(text) < 600


def test_answers_that_are_no_numbers(rectangle_onnx: Path, photo: Photo) -> None:
    with serving(rectangle_onnx, "--fault", "nan", "--after", "5", "--times", "2") as server:
        result = explain(open_server(server.url, batch_size=8), photo, calls=100)
    assert result.stop_reason == "budget"
    told = "masked inputs with values that are not numbers"
    (warning,) = (w for w in result.warnings if told in w)
    # Two batches of at most 8.
    (spoiled,) = re.findall(rf"(\d+) {told}", warning)
    assert 2 <= int(spoiled) <= 16


METADATA = {
    "nothing": ("{}", "expected the model's inputs in its metadata, found none"),
    "no list": ('{"inputs": 3}', "expected the model's inputs in its metadata, found none"),
    "no shape": ('{"inputs": [{"name": "x", "datatype": "FP32"}]}', "name, datatype and shape"),
    "odd shape": (
        '{"inputs": [{"name": "x", "datatype": "FP32", "shape": ["a", 1e99, 3, 4]}]}',
        "whole numbers as the shape of x",
    ),
    "text": (
        '{"inputs": [{"name": "x", "datatype": "BYTES", "shape": [-1]}], "outputs": []}',
        "net takes BYTES",
    ),
    "no images": (
        '{"inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 80]}]}',
        "takes no batch of images",
    ),
    "no scores": (
        '{"inputs": [{"name": "image", "datatype": "FP32", "shape": [-1, 3, 64, 64]}],'
        ' "outputs": [{"name": "y", "datatype": "INT64", "shape": [-1, 2]}]}',
        "is no image classifier",
    ),
    "other classes": (
        '{"inputs": [{"name": "image", "datatype": "FP32", "shape": [-1, 3, 64, 64]}],'
        ' "outputs": [{"name": "scores", "datatype": "FP32", "shape": [-1, 1000]}]}',
        "expected 1000 classes as its metadata says, found 2",
    ),
    "other size": (
        '{"inputs": [{"name": "image", "datatype": "FP32", "shape": [-1, 3, 32, 64]}],'
        ' "outputs": [{"name": "scores", "datatype": "FP32", "shape": [-1, 2]}]}',
        "with an error (HTTP 400: cannot infer: ",
    ),
}


@pytest.mark.parametrize("case", sorted(METADATA))
def test_metadata_that_cannot_be_used(rectangle_onnx: Path, case: str) -> None:
    record, text = METADATA[case]
    with (
        serving(rectangle_onnx, "--metadata", record) as server,
        pytest.raises(ModelError) as caught,
    ):
        open_server(server.url)
    assert text in str(caught.value)


def test_a_model_that_is_not_there_or_not_ready(rectangle_onnx: Path) -> None:
    with serving(rectangle_onnx, "--not-ready") as server:
        with pytest.raises(ModelError, match=r"is not ready \(HTTP 400\)"):
            open_server(server.url)
        with pytest.raises(ModelError, match=r"knows no model other at .*HTTP 404.*not found"):
            open_server(server.url.replace("net", "other"))
        with pytest.raises(ModelError, match=r"/versions/7.*Check name and version"):
            open_server(f"{server.url}/versions/7")


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ModelError, match=rf"server at {host} could not be reached \(.+2 times"):
            load_model(f"http://{host}/v2/models/net", server=QUICK)


def test_a_server_without_tls(rectangle_onnx: Path) -> None:
    with (
        serving(rectangle_onnx) as server,
        pytest.raises(ModelError, match=r"cannot be talked to: .*certificate"),
    ):
        load_model(server.url.replace("http:", "https:"))


def test_what_is_under_way_can_be_given_up(rectangle_onnx: Path, photo: Photo) -> None:
    arguments = ("--fault", "slow", "--after", "1", "--times", "1", "--seconds", "20")
    with serving(rectangle_onnx, *arguments) as server:
        model = open_server(server.url)
        with ThreadPoolExecutor(1) as pool:
            pending = pool.submit(model.predict, photo)
            while server.stats["infer"] < 2:
                time.sleep(0.01)
            started = time.perf_counter()
            close_servers()
            with pytest.raises(ModelRunError, match=f"{server.host} was given up"):
                pending.result(timeout=10)
        assert time.perf_counter() - started < 5.0
        with pytest.raises(ModelRunError, match="was given up"):
            model.predict(photo)
        # One that is opened afterwards works.
        assert open_server(server.url).predict(photo)


# --- addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http://host",
        "http://host/v2/models/",
        "http://host/v1/models/net",
        "http://host:99999/v2/models/net",
        "http://host:x/v2/models/net",
        "http://[::1/v2/models/net",
        "http:///v2/models/net",
        "http://host/v2/models/../x",
        "http://host/v2/models/%2e%2e",
        "http://host/v2/models/a%0ab",
        "https://host/v2/models/net/versions/",
        "http://host/v2/models/net?token=abc",
        "http://host/v2/models/net#part",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    for text in (url, url.replace("//", "//someone:s3cret@", 1)):
        with pytest.raises(ModelError, match="http://HOST:PORT/v2/models/NAME") as caught:
            load_model(text)
        assert "s3cret" not in str(caught.value)
        assert str(caught.value).isprintable()


def test_what_is_an_address() -> None:
    assert is_server_url("http://host/v2/models/net")
    assert is_server_url(" HTTPS://host/v2/models/net")
    assert not is_server_url("httpd.onnx")
    assert not is_server_url(Path("http://host"))


def test_options_that_are_not_for_a_server_or_only_for_one(rectangle_onnx: Path) -> None:
    url = "http://127.0.0.1:9/v2/models/net"
    with pytest.raises(ModelError, match="chooses its own threads"):
        load_model(url, threads=2)
    with pytest.raises(ModelError, match="chooses its own threads"):
        load_model(url, providers=["CPUExecutionProvider"])
    with pytest.raises(ModelError, match="no URL of a model server"):
        load_model(rectangle_onnx, server=ServerOptions())
    for options in ({"in_flight": 0}, {"timeout": float("nan")}, {"request_mb": -1.0}):
        with pytest.raises(ModelError, match=r"must lie in .*found"):
            ServerOptions(**options)  # type: ignore[arg-type]


def test_a_proxy_is_for_other_machines_only(
    rectangle_onnx: Path, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving(rectangle_onnx) as server:
        # This machine itself is spoken to directly, whatever the proxy.
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        assert open_server(server.url).predict(photo)
        # The server stands in for a proxy that was asked for another host.
        monkeypatch.setenv("http_proxy", f"http://{server.host}")
        far = open_server("http://models.invalid/v2/models/net", server=QUICK)
        assert far.predict(photo)
        assert far.describe()["url"] == "http://models.invalid/v2/models/net"
        monkeypatch.setenv("no_proxy", "models.invalid")
        with pytest.raises(ModelError, match=r"models\.invalid could not be reached"):
            open_server("http://models.invalid/v2/models/net", server=QUICK)


def test_a_password_that_travels_readable_is_pointed_out(
    rectangle_onnx: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(rectangle_onnx) as server:
        monkeypatch.setenv("http_proxy", f"http://{server.host}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        model = open_server("http://a:s3cret@models.invalid/v2/models/net", server=QUICK)
        assert server.stats["authorization"] == "Basic YTpzM2NyZXQ="
    notes = [a.text for a in model.assumptions]
    assert any("unencrypted" in n for n in notes)
    assert "s3cret" not in " ".join(notes)


# --- on the command line -------------------------------------------------------------------


@pytest.fixture
def photo_file(tmp_path: Path, photo: Photo) -> Path:
    from PIL import Image

    path = tmp_path / "photo.png"
    Image.fromarray(photo.pixels).save(path)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: Any) -> tuple[int, str, str]:
    code = cli.main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return code, out, " ".join(err.split())


def test_a_run_says_beforehand_what_it_sends(
    rectangle_onnx: Path, photo_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(rectangle_onnx) as server:
        code, out, err = run(
            capsys, "explain", photo_file, "--model", server.url, "--calls", 100,
            "--faithfulness", "--in-flight", 3, "--out", tmp_path / "out", "--json",
        )  # fmt: skip
        stats = server.stats
    assert code == 0
    # 100 calls and 342 for the check, 8 at a time, 49 kB each.
    assert (
        f"Up to 442 inputs, in about 56 requests of up to 0.4 MB, will be sent to {server.host}, "
        "3 at a time." in err
    )
    assert f"{server.host} was asked 4 times to open the model, and scored 4 made-up inputs" in err
    assert "Pre-processing assumed" in err
    assert stats["inputs"] == 442 + 4
    manifest = next(f for f in json.loads(out)["results"][0]["files"] if f.endswith(".json"))
    facts = json.loads(Path(manifest).read_text())["model"]
    assert facts["url"] == server.url
    assert facts["configuration"]["concurrency"] == 3


def test_a_failed_run_is_saved_and_resumed(
    rectangle_onnx: Path, photo_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ("explain", photo_file, "--calls", 100, "--seed", 5, "--out", out)
    with serving(rectangle_onnx) as server:
        assert run(capsys, *arguments, "--model", server.url)[0] == 0
    whole = json.loads((out / "photo.class_0.de.json").read_text())
    with serving(rectangle_onnx, "--fault", "error", "--after", "9") as server:
        code, printed, err = run(
            capsys, *arguments, "--model", server.url, "--faithfulness", "--json"
        )
    assert code == 2
    (document,) = json.loads(printed)["results"]
    manifest = next(f for f in document["files"] if f.endswith(".json"))
    assert document["stop_reason"] == "failed"
    assert "error: photo.png is not finished: The model failed after" in err
    assert f"Go on with: decam explain --resume {manifest}" in err
    # The server it names is gone; another one takes its place.
    code, _, err = run(capsys, "explain", "--resume", manifest, "--out", out)
    assert code == 2
    assert f"{server.host} could not be reached" in err
    with serving(rectangle_onnx) as server:
        code, printed, err = run(
            capsys, "explain", "--resume", manifest, "--model", server.url, "--out", out, "--json"
        )
    assert code == 0, err
    (document,) = json.loads(printed)["results"]
    assert document["stop_reason"] == "budget"
    resumed = json.loads(
        Path(next(f for f in document["files"] if f.endswith(".json"))).read_text()
    )
    assert resumed["map_sha256"] == whole["map_sha256"]
    assert resumed["calls"] == 100


def test_resuming_takes_the_settings_from_the_run(
    photo_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "explain", photo_file, "--resume", "x.json", "--seed", 2)
    assert code == 2
    assert "settings of the stopped run; leave out IMAGE, --seed" in err
    code, _, err = run(capsys, "explain", photo_file)
    assert code == 2
    assert "Expected IMAGE... and --model MODEL, or --resume MANIFEST" in err
    code, _, err = run(capsys, "explain", "--resume", tmp_path / "none.json")
    assert code == 2
    assert "could not be read as a saved result" in err


def test_a_file_resumes_in_the_batches_it_was_run_in(
    rectangle_onnx: Path, photo_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = load_model(rectangle_onnx, batch_size=5, threads=1)
    photo = load_image(photo_file)
    whole = explain(file, photo, calls=100)
    stopped = explain(file, photo, calls=100, on_progress=lambda p: p.calls > 40)
    manifest = next(p for p in stopped.save(tmp_path / "stopped") if p.suffix == ".json")
    report = tmp_path / "all.csv"
    options = ("--out", tmp_path / "out", "--together", report, "--json")
    code, printed, _ = run(capsys, "explain", "--resume", manifest, *options)
    assert code == 0
    assert json.loads(printed)["together"] == [str(report)]
    assert photo_file.name in report.read_text(encoding="utf-8")
    (document,) = json.loads(printed)["results"]
    saved = json.loads(Path(next(f for f in document["files"] if f.endswith(".json"))).read_text())
    assert saved["map_sha256"] == whole.manifest()["map_sha256"]
    assert saved["model"]["configuration"]["batch_size"] == 5


def test_a_run_of_a_named_output_goes_on_with_it(
    photo_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net = ZOO["output_named_by_the_user"].build(tmp_path)
    file = load_model(net, batch_size=5, threads=1, output="second")
    photo = load_image(photo_file)
    whole = explain(file, photo, calls=100)
    stopped = explain(file, photo, calls=100, on_progress=lambda p: p.calls > 40)
    manifest = next(p for p in stopped.save(tmp_path / "stopped") if p.suffix == ".json")
    code, printed, _ = run(
        capsys, "explain", "--resume", manifest, "--out", tmp_path / "out", "--json"
    )
    assert code == 0
    (document,) = json.loads(printed)["results"]
    path = next(f for f in document["files"] if f.endswith(".json"))
    saved = json.loads(Path(path).read_text())
    assert saved["model"]["output"] == "second"
    assert saved["map_sha256"] == whole.manifest()["map_sha256"]
    code, printed, _ = run(capsys, "verify", path, "--json")
    assert code == 0, printed


def test_other_commands_take_a_server(
    rectangle_onnx: Path, photo_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(rectangle_onnx) as server:
        code, out, _ = run(capsys, "inspect", server.url, "--json")
        assert code == 0
        assert json.loads(out)["kind"] == "server"
        code, out, _ = run(capsys, "predict", photo_file, "--model", server.url, "--json")
        assert code == 0
        assert json.loads(out)["results"][0]["predictions"][0]["index"] == 0
        code, _, err = run(capsys, "inspect", server.url, "--threads", 2)
        assert code == 2
        assert "chooses its own threads" in err
    code, _, err = run(capsys, "inspect", rectangle_onnx, "--in-flight", 2)
    assert code == 2
    assert "no URL of a model server" in err


def test_the_pre_processing_can_be_given_in_a_file(
    rectangle_onnx: Path, photo_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sidecar = rectangle_onnx.with_suffix(".decam.json")
    alone = tmp_path / "alone.json"
    alone.write_text(json.dumps(json.loads(sidecar.read_text())["preprocessing"]))
    expected = load_model(rectangle_onnx).predict(load_image(photo_file))
    with serving(rectangle_onnx) as server:
        arguments = ("predict", photo_file, "--model", server.url, "--json", "--preprocessing")
        for file in (sidecar, alone):
            code, out, err = run(capsys, *arguments, file)
            assert code == 0
            assert "assumed" not in err
            document = json.loads(out)
            assert document["model"]["preprocessing_source"] == "given"
            scores = [p["score"] for p in document["results"][0]["predictions"]]
            assert scores == [p.score for p in expected]
    for content, text in (
        ("{", "could not be read"),
        ('{"mean": "x"}', "cannot be used"),
        ("3", "cannot be used"),
    ):
        alone.write_text(content)
        code, _, err = run(capsys, *arguments, alone)
        assert code == 2
        assert text in err
