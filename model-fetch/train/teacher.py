"""A teacher for the sentiment model: a large encoder (MPNet) that reads the sentence with its mention marked, "… $ mention $ …".

    python teacher.py --data DATA --base MPNET --out RUN                trains it on NewsMTSC
    python teacher.py --data DATA --base RUN/epoch2 --more MORE.jsonl   its logits for names in the NER sets

DATA/sentiment holds distill.jsonl, whose rows with a label it learns from, dev_rw.jsonl and dev_mt.jsonl; DATA/ner the
sets whose persons and organisations it is asked about.
"""

import argparse
import json
import re
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from transformers import MPNetModel, MPNetPreTrainedModel

import loop
from data import POLARITY, batches, conll, generator, jsonl, labelled, macro_f1, newsmtsc, pad, spans

SETS = ["btc", "crossner_ai", "crossner_literature", "crossner_music", "crossner_politics", "crossner_science", "sec", "uner_ewt",
        "wikigold", "wnut17"]
START, END, MARK, PADDING = 0, 2, "$", 1
LENGTH = 160


class Marked(MPNetPreTrainedModel):
    """Logits from the first row, the mean of all rows and the mean of the mention's rows."""

    def __init__(self, config):
        super().__init__(config)
        self.mpnet = MPNetModel(config, add_pooling_layer=False)
        self.classifier = nn.Linear(3 * config.hidden_size, len(POLARITY))
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.post_init()

    def forward(self, ids, mask, mention):
        rows = self.mpnet(input_ids=ids, attention_mask=mask).last_hidden_state
        mean = [(rows * m[..., None]).sum(1) / m.sum(1, keepdim=True) for m in (mask, mention)]
        return self.classifier(self.dropout(torch.cat([rows[:, 0], *mean], -1)))


def encode(tok, sentence, begin, end):
    """Ids with the mention between two marks, and which of them are the mention's; cut to what surrounds it."""
    parts = [tok.encode(text, add_special_tokens=False).ids for text in (sentence[:begin], MARK, sentence[begin:end], MARK, sentence[end:])]
    ids = [i for part in parts for i in part]
    mention = [int(n == 2) for n, part in enumerate(parts) for _ in part]
    room = LENGTH - 2
    start = max(0, min(len(parts[0]) + len(parts[2]) // 2 - room // 2, len(ids) - room))
    ids, mention = ids[start:start + room], mention[start:start + room]
    return [START, *ids, END], [0, *(mention if any(mention) else [1] * len(mention)), 0]


def text(words):
    """The words as a sentence, and where each begins and ends in it."""
    out, places, opened = "", [], False
    for word in words:
        glued = re.fullmatch(r"[.,;:!?%)\]}…]+|n't|['’](?:s|re|ve|ll|d|m|S)?", word) or out[-1:] in {"(", "[", "$", "#", "@", ""}
        if word in {'"', "``", "''"}:
            glued, opened = glued or opened, not opened
        elif opened and out.endswith('"') and out.count('"') % 2:
            glued = True
        word = '"' if word in {"``", "''"} else word
        out += ("" if glued else " ") + word
        places.append((len(out) - len(word), len(out)))
    return out, places


def named(data, most):
    """Rows for the persons and organisations of the NER sets: sentence, mention, begin, end, type; each name once a sentence."""
    for name in SETS:
        for words, tags in conll(data / f"ner/{name}_train.conll"):
            if not 6 <= len(words) <= 100:
                continue
            sentence, places = text(words)
            seen = set()
            for start, end, kind in spans(tags):
                begin, until = places[start][0], places[end - 1][1]
                mention = sentence[begin:until]
                if kind in ("PER", "ORG") and mention not in seen and len(mention) > 1 and len(seen) < most:
                    seen.add(mention)
                    yield dict(sentence=sentence, mention=mention, begin=begin, end=until, type=kind, set=name)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--data", type=Path, required=True)
    args.add_argument("--base", type=Path, required=True)
    args.add_argument("--out", type=Path)
    args.add_argument("--more", type=Path, help="write the logits for the NER sets' names there, and train nothing")
    args.add_argument("--most", type=int, default=4, help="names of one sentence that are asked about")
    args.add_argument("--epochs", type=int, default=2)
    args.add_argument("--batch", type=int, default=32)
    args.add_argument("--frozen", type=int, default=2, help="lower layers that stay as they are, besides the embeddings")
    args.add_argument("--rate", type=float, default=3e-5)
    args.add_argument("--head-rate", type=float, default=5e-4)
    args.add_argument("--warmup", type=float, default=0.08)
    args.add_argument("--average", type=float, default=0.99)
    args.add_argument("--smoothing", type=float, default=0.05, help="of the labels: a teacher that is sure of all teaches less")
    args.add_argument("--minutes", type=float, default=1e9)
    args.add_argument("--threads", type=int, default=2)
    args.add_argument("--seed", type=int, default=3)
    args = args.parse_args()
    torch.set_num_threads(args.threads)
    rng = generator(args.seed)
    tok = loop.tokenizer(args.base)
    settings = loop.config(args.base, id2label={str(i): p for i, p in enumerate(POLARITY)}, label2id={p: i for i, p in enumerate(POLARITY)})
    model, missing = loop.load(Marked, args.base, settings)
    print(json.dumps(vars(args), default=str), f"new weights: {missing}", flush=True)

    def coded(rows):
        out = []
        for row in rows:
            ids, mention = encode(tok, row["sentence"], row["begin"], row.get("end") or row["begin"] + len(row["mention"]))
            out.append((len(ids), ids, mention, row.get("label")))
        return out

    def logits(rows):
        mask = pad([[1] * row[0] for row in rows])
        return model(pad([row[1] for row in rows], PADDING), mask, pad([row[2] for row in rows])).float()

    @torch.no_grad()
    def scored(rows):
        model.eval()
        found = [None] * len(rows)
        order = batches([row[0] for row in rows], 32)
        for number, batch in enumerate(order):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                for i, row in zip(batch, logits([rows[i] for i in batch]).tolist()):
                    found[i] = [round(x, 3) for x in row]
            if number % 50 == 49:
                print(f"  {number + 1}/{len(order)}", flush=True)
        return found

    if args.more:
        rows = [*named(args.data, args.most)]
        with open(args.more, "w", encoding="utf-8") as file:
            for row, found in zip(rows, scored(coded(rows))):
                file.write(json.dumps({**row, "logits": found, "label": None}, ensure_ascii=False) + "\n")
        print(f"{len(rows)} rows", flush=True)
        return

    for name, parameter in model.named_parameters():
        layer = re.search(r"encoder\.layer\.(\d+)\.", name)
        if layer and int(layer[1]) < args.frozen:
            parameter.requires_grad = False
    learnt = coded([dict(row, label=POLARITY.index(row["label"])) for row in jsonl(args.data / "sentiment/distill.jsonl") if row["label"]])
    sets = {name: newsmtsc(args.data / f"sentiment/{name}.jsonl") for name in ("dev_rw", "dev_mt")}
    sets["organisations"] = labelled(Path(__file__).parent / "data/org_sentences.jsonl")
    tests = {name: coded(rows) for name, rows in sets.items()}

    def evaluate(_):
        return json.dumps({name: macro_f1([row[3] for row in rows], [max(range(3), key=x.__getitem__) for x in scored(rows)])
                           for name, rows in tests.items()})

    def loss(rows):
        return F.cross_entropy(logits(rows), torch.tensor([row[3] for row in rows]), label_smoothing=args.smoothing)

    loop.train(model, lambda _: learnt, loss, evaluate, args=args, rng=rng,
               store=lambda name, state: loop.save(args.out / name, state, settings, args.base))


if __name__ == "__main__":
    main()
