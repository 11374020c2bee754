"""Trains the sentiment model: a pair (sentence, mention) -> negative, neutral, positive.

    python sentiment.py --data DATA --base BASE --out RUN

BASE is the bare encoder or a sentiment model to go on with. DATA/sentiment holds distill.jsonl (gold labels, and a
teacher's logits for them and for further mentions), dev_rw.jsonl and dev_mt.jsonl.
"""

import argparse
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import BertForSequenceClassification

import loop
from data import POLARITY, answers, generator, jsonl, macro_f1, pad, sentiment_tests

SETTINGS = dict(
    architectures=["BertForSequenceClassification"],
    id2label={str(i): p for i, p in enumerate(POLARITY)},
    label2id={p: i for i, p in enumerate(POLARITY)},
    problem_type="single_label_classification",
    target_sentiment=dict(input="pair", pool="pooler", marker=None, max_length=160),
)
LENGTH = SETTINGS["target_sentiment"]["max_length"]


def encode(tok, sentence, mention, begin, mark):
    """[CLS] sentence [SEP] mention [SEP]; a long sentence is cut to what surrounds the mention.

    Token types are 0 and 1 as in any pair; with `mark` the mention's pieces in the sentence have type 1 too.
    """
    read = tok.encode(sentence, add_special_tokens=False)
    ids, offsets, until = read.ids, read.offsets, begin + len(mention)
    types = [int(mark and start < until and end > begin) for start, end in offsets]
    target = tok.encode(mention, add_special_tokens=False).ids[:LENGTH // 2]
    room = LENGTH - 3 - len(target)
    if len(ids) > room:
        at = next((i for i, (_, end) in enumerate(offsets) if end > begin), 0)
        start = max(0, min(at - room // 2, len(ids) - room))
        ids, types = ids[start:start + room], types[start:start + room]
    return [101, *ids, 102, *target, 102], [0, *types, 0] + [1] * (len(target) + 1)


def plain(text):
    """Typewriter quotes and dashes, one code point for one."""
    return text.translate(str.maketrans("“”‘’–—", "\"\"''--"))


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--data", type=Path, required=True)
    args.add_argument("--base", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--epochs", type=int, default=6)
    args.add_argument("--extra", type=Path, help="further rows with a teacher's logits, from more.py")
    args.add_argument("--batch", type=int, default=32)
    args.add_argument("--mark", action="store_true", help="mark the mention in the sentence by token type 1")
    args.add_argument("--rate", type=float, default=8e-5)
    args.add_argument("--types-rate", type=float, help="of the token types' embeddings; --rate where it isn't given")
    args.add_argument("--head-rate", type=float, default=3e-4)
    args.add_argument("--warmup", type=float, default=0.04)
    args.add_argument("--average", type=float, default=0.998)
    args.add_argument("--temperature", type=float, default=2.0)
    args.add_argument("--gold", type=float, default=0.5, help="weight of the gold label where there is one")
    args.add_argument("--places", type=float, default=0.4, help="share of the teacher's place names used in an epoch")
    args.add_argument("--mixed", type=float, default=1.5, help="weight of sentences whose mentions differ in polarity")
    args.add_argument("--minutes", type=float, default=1e9, help="the training ends after them, whatever the epoch")
    args.add_argument("--threads", type=int, default=2)
    args.add_argument("--seed", type=int, default=1)
    args = args.parse_args()
    torch.set_num_threads(args.threads)
    rng = generator(args.seed)

    tok = loop.tokenizer(args.base)
    source = jsonl(args.data / "sentiment/distill.jsonl")
    source += jsonl(args.extra) if args.extra else []
    polarities = {}
    for row in source:
        polarities.setdefault(row["sentence"], set()).add(max(range(3), key=lambda i: row["logits"][i]))
    settings = loop.config(args.base, **SETTINGS)
    settings["target_sentiment"] = {**settings["target_sentiment"], "marker": "token_types" if args.mark else None}
    model, missing = loop.load(BertForSequenceClassification, args.base, settings)
    print(json.dumps(vars(args), default=str), f"{len(source)} rows; new weights: {missing}", flush=True)

    def epoch_rows(_):
        out = []
        for row in source:
            if row["type"] == "LOC" and rng.random() >= args.places:
                continue
            weight = args.mixed if len(polarities[row["sentence"]]) > 1 else 1.0
            sentence, mention = row["sentence"], row["mention"]
            if rng.random() < 0.3:
                sentence, mention = plain(sentence), plain(mention)
            ids, types = encode(tok, sentence, mention, row["begin"], args.mark)
            label = POLARITY.index(row["label"]) if row["label"] else -1
            out.append((len(ids), ids, types, row["logits"], label, weight))
        return out

    def logits(rows):
        ids = pad([row[1] for row in rows])
        return model(input_ids=ids, token_type_ids=pad([row[2] for row in rows]), attention_mask=pad([[1] * row[0] for row in rows])).logits.float()

    def loss(rows):
        found = logits(rows)
        t = args.temperature
        taught = F.softmax(torch.tensor([row[3] for row in rows]) / t, -1)
        distance = F.kl_div(F.log_softmax(found / t, -1), taught, reduction="none").sum(-1) * t * t
        label = torch.tensor([row[4] for row in rows])
        gold = F.cross_entropy(found, label.clamp(min=0), reduction="none")
        each = torch.where(label >= 0, args.gold * gold + (1 - args.gold) * distance, distance)
        weight = torch.tensor([row[5] for row in rows])
        return (each * weight).sum() / weight.sum()

    sets = sentiment_tests(args.data)
    coded = {name: [(len(e[0]), *e) for e in (encode(tok, r["sentence"], r["mention"], r["begin"], args.mark) for r in rows)] for name, rows in sets.items()}

    @torch.no_grad()
    def evaluate(model):
        model.eval()
        return json.dumps({name: macro_f1([r["label"] for r in sets[name]], answers(logits, rows)) for name, rows in coded.items()})

    print("before", evaluate(model), flush=True)
    if not args.epochs and loop.quantised(args.base):
        loop.round_activations(model)
        print("int8  ", evaluate(model), flush=True)
    if args.epochs:
        loop.train(model, epoch_rows, loss, evaluate, args=args, rng=rng, types_rate=args.types_rate,
                   store=lambda name, state: loop.save(args.out / name, state, settings, args.base))


if __name__ == "__main__":
    main()
