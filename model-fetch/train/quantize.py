"""Quantises a fine-tuned BERT or MPNet directory to int8, W8A8 in the compressed-tensors form that transformers (with the
compressed-tensors package), vLLM and Baton load: encoder linears int8, symmetric, one scale a row; activations per
token, dynamic; everything else f16.

    python quantize.py SRC DST
    python quantize.py SRC DST --average OTHER...    the mean of the weights of SRC and the others
    python quantize.py SRC DST --bias positive=0.3   one that gives a label more often: so much is added to its logit
"""

import argparse
import json
import re
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

import loop
from average import mean

METHOD = {
    "quant_method": "compressed-tensors", "format": "int-quantized", "quantization_status": "compressed",
    "ignore": [],
    "config_groups": {"group_0": {
        "targets": ["Linear"],
        "weights": {"num_bits": 8, "type": "int", "symmetric": True, "strategy": "channel", "dynamic": False},
        "input_activations": {"num_bits": 8, "type": "int", "symmetric": True, "strategy": "token", "dynamic": True},
    }},
}


def quantised(state):
    """The weights as they are stored, and the names of the linears that stay floats."""
    out, floats = {}, []
    for name, weight in state.items():
        if weight.ndim == 2 and ".encoder.layer." in name:
            scale = (weight.abs().amax(1, keepdim=True) / 127).clamp_min(1e-8)
            out[name] = (weight / scale).round().clamp(-127, 127).to(torch.int8)
            out[name + "_scale"] = scale
        else:
            out[name] = weight.half()
            if weight.ndim == 2 and not re.search("embeddings|attention_bias", name):
                floats.append(name.removesuffix(".weight"))
    return out, floats


def bias(text):
    """A label, and what is added to its logit."""
    label, more = text.rsplit("=", 1)
    return label, float(more)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("src", type=Path)
    args.add_argument("dst", type=Path)
    args.add_argument("--average", type=Path, nargs="*", default=[])
    args.add_argument("--bias", metavar="LABEL=MORE", type=bias, nargs="*", default=[])
    args = args.parse_args()
    state = mean([args.src, *args.average])
    settings = loop.config(args.src)
    place = {label: int(i) for i, label in settings.get("id2label", {}).items()}
    for label, more in args.bias:
        if label not in place:
            sys.exit(f"quantize: --bias {label}: the labels of {args.src} are {', '.join(place)}")
        state["classifier.bias" if "classifier.bias" in state else "classifier.out_proj.bias"][place[label]] += more
    args.dst.mkdir(parents=True, exist_ok=True)
    state, floats = quantised(state)
    save_file(state, args.dst / "model.safetensors", metadata={"format": "pt"})
    config = {**settings, "quantization_config": {**METHOD, "ignore": floats}}
    (args.dst / "config.json").write_text(json.dumps(config, indent=1))
    loop.copy_tokenizer(args.src, args.dst)
    if (args.src / "baton.json").exists():
        shutil.copy(args.src / "baton.json", args.dst)


if __name__ == "__main__":
    main()
