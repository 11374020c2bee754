"""The shipped sentiment model as ONNX in f32, its int8 weights dequantised. Needs torch, transformers and onnx.

    python export.py ../../model-fetch/models/sentiment FOLDER
"""
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file


class Logits(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits


def load(folder):
    config = transformers.BertConfig.from_pretrained(folder)
    del config.quantization_config
    model = transformers.BertForSequenceClassification._from_config(config, attn_implementation="eager", dtype=torch.float32)
    stored = load_file(folder / "model.safetensors")
    state = {key: value.float() * stored[key + "_scale"] if value.dtype == torch.int8 else value.float()
             for key, value in stored.items() if not key.endswith("_scale")}
    model.load_state_dict(state)
    return model.eval()


def main():
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    ids = torch.ones(2, 16, dtype=torch.int64)
    axes = {name: {0: "batch", 1: "tokens"} for name in names} | {"logits": {0: "batch"}}
    torch.onnx.export(Logits(load(folder)), (ids, ids, torch.zeros_like(ids)), out / "raw.onnx", dynamo=False,
                      input_names=names, output_names=["logits"], dynamic_axes=axes, opset_version=17)


if __name__ == "__main__":
    main()
