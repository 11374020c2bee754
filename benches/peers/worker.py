"""PyTorch and ONNX Runtime as compare.py runs them: a variant a line on standard input, the seconds that it took for all
pairs a line on standard output.

    python worker.py FOLDER     FOLDER as export.py filled it

Variants: `torch/document/32` (PyTorch in f32), `onnx/sorted/4` (f32, after the runtime's BERT optimizer), `onnx-int8/…`
(that, quantised dynamically with a scale for each channel): order, batch size. Batches are padded to their longest.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

ROOT = Path(__file__).parents[2]


def batches(encodings, order, size):
    if order == "sorted":
        encodings = sorted(encodings, key=len)
    for start in range(0, len(encodings), size):
        batch = encodings[start:start + size]
        width = max(map(len, batch))
        ids, types, mask = (np.zeros((len(batch), width), np.int64) for _ in range(3))
        for row, encoding in enumerate(batch):
            end = len(encoding)
            ids[row, :end], types[row, :end], mask[row, :end] = encoding.ids, encoding.type_ids, 1
        yield {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}


def torch_model(folder):
    import torch
    import transformers
    torch.set_num_threads(1)
    model = transformers.BertForSequenceClassification.from_pretrained(folder).eval()

    def run(feed):
        with torch.inference_mode():
            return model(**{name: torch.from_numpy(value) for name, value in feed.items()}).logits.numpy()
    return run


def onnx_model(file):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    types = {i.name: np.int32 if "int32" in i.type else np.int64 for i in session.get_inputs()}
    return lambda feed: session.run(None, {name: feed[name].astype(kind) for name, kind in types.items()})[0]


def load(folder, peer):
    files = {"onnx": "fused.onnx", "onnx-int8": "int8.onnx"}
    return torch_model(folder) if peer == "torch" else onnx_model(folder / files[peer])


def main():
    folder = Path(sys.argv[1])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    pairs = [json.loads(line) for line in open(ROOT / "benches/pairs.jsonl", encoding="utf-8")]
    encodings = [tokenizer.encode(pair["sentence"], pair["mention"]) for pair in pairs]
    models = {}
    for line in sys.stdin:
        peer, order, size = line.strip().split("/")
        if peer not in models:
            models[peer] = load(folder, peer)
        feeds = list(batches(encodings, order, int(size)))
        begun = time.perf_counter()
        for feed in feeds:
            models[peer](feed)
        print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
