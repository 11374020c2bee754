"""A larger sentiment model (MPNet) that reads the sentence with its mention marked, "… $ mention $ …": the small one's teacher.

    python teacher.py --data DATA --base MPNET --out RUN

RUN/epochN is a model that Baton runs like any other: its baton.json says how the mention is marked. DATA/sentiment holds
distill.jsonl, whose rows with a label it learns from (half from the label, half from the logits there), dev_rw.jsonl and
dev_mt.jsonl.
"""

import argparse
import json
import re
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import MPNetForSequenceClassification

import loop
from data import POLARITY, answers, generator, jsonl, macro_f1, pad, sentiment_tests

START, END, MARK, PADDING = 0, 2, "$", 1
LENGTH = 160
FORM = {"input": {"template": f"{{before}}{MARK} {{target}} {MARK}{{after}}"}, "max_tokens": LENGTH}


def encode(tok, sentence, begin, end):
    """Ids of the sentence with the mention between two marks; cut to what surrounds it."""
    parts = [tok.encode(text, add_special_tokens=False).ids for text in (sentence[:begin], MARK, sentence[begin:end], MARK, sentence[end:])]
    ids = [i for part in parts for i in part]
    room = LENGTH - 2
    start = max(0, min(len(parts[0]) + len(parts[2]) // 2 - room // 2, len(ids) - room))
    return [START, *ids[start:start + room], END]


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--data", type=Path, required=True)
    args.add_argument("--base", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--epochs", type=int, default=2)
    args.add_argument("--batch", type=int, default=32)
    args.add_argument("--frozen", type=int, default=2, help="lower layers that stay as they are, besides the embeddings")
    args.add_argument("--rate", type=float, default=3e-5)
    args.add_argument("--head-rate", type=float, default=5e-4)
    args.add_argument("--warmup", type=float, default=0.08)
    args.add_argument("--average", type=float, default=0.99)
    args.add_argument("--gold", type=float, default=0.5, help="weight of the label where there is one; the rest is the logits'")
    args.add_argument("--minutes", type=float, default=1e9)
    args.add_argument("--threads", type=int, default=2)
    args.add_argument("--seed", type=int, default=3)
    args = args.parse_args()
    torch.set_num_threads(args.threads)
    rng = generator(args.seed)
    tok = loop.tokenizer(args.base)
    settings = loop.config(args.base, architectures=["MPNetForSequenceClassification"], id2label={str(i): p for i, p in enumerate(POLARITY)},
                           label2id={p: i for i, p in enumerate(POLARITY)}, problem_type="single_label_classification")
    model, missing = loop.load(MPNetForSequenceClassification, args.base, settings)
    print(json.dumps(vars(args), default=str), f"new weights: {missing}", flush=True)
    for name, parameter in model.named_parameters():
        layer = re.search(r"encoder\.layer\.(\d+)\.", name)
        if layer and int(layer[1]) < args.frozen:
            parameter.requires_grad = False

    def coded(row):
        ids = encode(tok, row["sentence"], row["begin"], row.get("end") or row["begin"] + len(row["mention"]))
        return len(ids), ids

    def logits(rows):
        mask = pad([[1] * row[0] for row in rows])
        return model(input_ids=pad([row[1] for row in rows], PADDING), attention_mask=mask).logits.float()

    def aim(row):
        """The chances that the model should give a row."""
        there = F.softmax(torch.tensor(row["logits"]), -1)
        if not row["label"]:
            return there
        return args.gold * F.one_hot(torch.tensor(POLARITY.index(row["label"])), len(POLARITY)) + (1 - args.gold) * there

    learnt = [(*coded(row), aim(row)) for row in jsonl(args.data / "sentiment/distill.jsonl")]
    sets = sentiment_tests(args.data)
    tests = {name: [coded(row) for row in rows] for name, rows in sets.items()}

    @torch.no_grad()
    def evaluate(_):
        model.eval()
        with loop.fast():
            return json.dumps({name: macro_f1([r["label"] for r in sets[name]], answers(logits, rows)) for name, rows in tests.items()})

    def loss(rows):
        return F.cross_entropy(logits(rows), torch.stack([row[2] for row in rows]))

    def store(name, state):
        loop.save(args.out / name, state, settings, args.base)
        (args.out / name / "baton.json").write_text(json.dumps(FORM))

    print("before", evaluate(model), flush=True)
    loop.train(model, lambda _: learnt, loss, evaluate, args=args, rng=rng, store=store)


if __name__ == "__main__":
    main()
