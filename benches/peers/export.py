"""The shipped sentiment model in the forms that the peers run: f32 as transformers saves it, ONNX in f32 after ONNX
Runtime's BERT optimizer, and that quantised to int8. Does nothing when they are there.

    python export.py ../../model-fetch/models/sentiment FOLDER
"""
import json
import shutil
import sys
from pathlib import Path

import onnx
import torch
import transformers
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from safetensors.torch import load_file


class Logits(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits


def load(folder):
    """Its int8 weights, dequantised: all peers run the same numbers."""
    config = transformers.BertConfig.from_pretrained(folder)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    model = transformers.BertForSequenceClassification._from_config(config, attn_implementation="eager", dtype=torch.float32)
    stored = load_file(folder / "model.safetensors")
    state = {key: value.float() * stored[key + "_scale"] if value.dtype == torch.int8 else value.float()
             for key, value in stored.items() if not key.endswith("_scale")}
    model.load_state_dict(state)
    return model.eval()


def to_onnx(model, file):
    names = ["input_ids", "attention_mask", "token_type_ids"]
    ids = torch.ones(2, 16, dtype=torch.int64)
    axes = {name: {0: "batch", 1: "tokens"} for name in names} | {"logits": {0: "batch"}}
    torch.onnx.export(Logits(model), (ids, ids, torch.zeros_like(ids)), file, dynamo=False,
                      input_names=names, output_names=["logits"], dynamic_axes=axes, opset_version=17)


def main():
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    digest = (source / "SHA256SUMS").read_text()
    done = out / "exported"
    if done.exists() and done.read_text() == digest:
        return
    out.mkdir(parents=True, exist_ok=True)
    model = load(source)
    model.save_pretrained(out)
    shutil.copy(source / "tokenizer.json", out)
    to_onnx(model, out / "raw.onnx")
    config = json.loads((source / "config.json").read_text())
    fused = optimizer.optimize_model(str(out / "raw.onnx"), model_type="bert", opt_level=0,
                                     num_heads=config["num_attention_heads"], hidden_size=config["hidden_size"])
    fused.save_model_to_file(str(out / "fused.onnx"))
    quantize_dynamic(out / "fused.onnx", out / "int8.onnx", weight_type=QuantType.QInt8, per_channel=True,
                     op_types_to_quantize=["MatMul", "Attention"],
                     extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})
    done.write_text(digest)


if __name__ == "__main__":
    main()
