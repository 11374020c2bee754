"""Tokens a second of ONNX Runtime on the pairs of benches/pairs.jsonl, one thread, each variant at its best batch size.

    python ort.py FOLDER [ROUNDS [VARIANT …]]     FOLDER as export.py filled it; needs onnxruntime, onnx and tokenizers

`fused` is the exported graph after the runtime's BERT optimizer, `int8` the
fused one with dynamic quantisation of weights per channel. Pairs are padded to the longest of their batch, `sorted` by
length first or in `document` order.
"""
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from tokenizers import Tokenizer

ROOT = Path(__file__).parents[2]
BATCHES = {"sorted": (1, 4, 16), "document": (1, 32)}


def prepare(folder):
    if not (folder / "int8.onnx").exists():
        fused = optimizer.optimize_model(str(folder / "raw.onnx"), model_type="bert", num_heads=12, hidden_size=384, opt_level=0)
        fused.save_model_to_file(str(folder / "fused.onnx"))
        quantize_dynamic(folder / "fused.onnx", folder / "int8.onnx", weight_type=QuantType.QInt8, per_channel=True,
                         op_types_to_quantize=["MatMul", "Attention"],
                         extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})


def session(file):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def batches(encodings, order, size):
    if order == "sorted":
        encodings = sorted(encodings, key=len)
    for start in range(0, len(encodings), size):
        batch = encodings[start:start + size]
        width = max(map(len, batch))
        ids, types, mask = (np.zeros((len(batch), width), np.int64) for _ in range(3))
        for row, encoding in enumerate(batch):
            ids[row, :len(encoding)], types[row, :len(encoding)], mask[row, :len(encoding)] = encoding.ids, encoding.type_ids, 1
        yield {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}


def main():
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    prepare(folder)
    tokenizer = Tokenizer.from_file(str(ROOT / "model-fetch/models/sentiment/tokenizer.json"))
    pairs = [json.loads(line) for line in open(ROOT / "benches/pairs.jsonl", encoding="utf-8")]
    encodings = [tokenizer.encode(pair["sentence"], pair["mention"]) for pair in pairs]
    tokens = sum(map(len, encodings))
    sessions = {name: session(folder / f"{name}.onnx") for name in sys.argv[3:] or ("fused", "int8")}
    seconds = {}
    for round_ in range(rounds + 1):
        for name, run in sessions.items():
            for order, sizes in BATCHES.items():
                for size in sizes:
                    feeds = list(batches(encodings, order, size))
                    start = time.perf_counter()
                    for feed in feeds:
                        run.run(None, {i.name: feed[i.name].astype(np.int32 if "int32" in i.type else np.int64) for i in run.get_inputs()})
                    if round_:
                        seconds.setdefault((name, order, size), []).append(time.perf_counter() - start)
    print(f"onnxruntime {onnxruntime.__version__}, {len(pairs)} pairs, {tokens} tokens")
    for name in sessions:
        for order, sizes in BATCHES.items():
            best = min(sizes, key=lambda size: statistics.median(seconds[name, order, size]))
            times = seconds[name, order, best]
            print(f"{name:6} {order:9} batch {best:3} {tokens / statistics.median(times):8.0f} median t/s {tokens / min(times):8.0f} best t/s")


if __name__ == "__main__":
    main()
