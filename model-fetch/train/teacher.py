"""A larger sentiment model (MPNet) that reads the sentence with its mention marked, "… $ mention $ …": the small one's teacher.

    python teacher.py --data DATA --mentions FILE --base MPNET --out RUN
    python teacher.py --data DATA --base RUN/epochN --epochs 0            only measures a model, with --mentions FILE --write FILE
                                                                          its logits for all that has a label

RUN/epochN is a model that Baton runs like any other: its baton.json says how the mention is marked. It learns from the labels
of NewsMTSC, of data/further_mentions.tsv and of data/judged. Now and then a name in the sentence is another one: what is said
of it stays the same. DATA/sentiment holds dev_rw.jsonl and dev_mt.jsonl.
"""

import json
import re
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import MPNetForSequenceClassification

import loop
import varied
from data import POLARITIES, POLARITY, further_mentions, judged, jsonl, macro_f1, pad, sentiment_tests, targets, wide

OURS = Path(__file__).parent / "data"
START, END, MARK, PADDING = 0, 2, "$", 1
LENGTH = 160
FORM = {"input": {"template": f"{{before}}{MARK} {{target}} {MARK}{{after}}"}, "max_tokens": LENGTH}


def cut(tok, sentence, begin, end):
    """The ids before, of and after the mention, and the marks around it; cut to what surrounds it."""
    before, mark, mention, _, after = [tok.encode(text, add_special_tokens=False).ids
                                       for text in (sentence[:begin], MARK, sentence[begin:end], MARK, sentence[end:])]
    ids = [*before, *mark, *mention, *mark, *after]
    room = LENGTH - 2
    start = max(0, min(len(before) + len(mention) // 2 - room // 2, len(ids) - room))
    return [START, *ids[start:start + room], END], (len(before), len(mention), len(after))


def named(rows, mentions):
    """Of each row: the parts of its sentence with all mentions known of it, and which of them is the row's own."""
    known = varied.of_rows(mentions + rows)
    for row in rows:
        at = 0
        for place, (text, kind) in enumerate(known[row["sentence"]]):
            if kind and (at, at + len(text)) == (row["begin"], row["end"]):
                yield known[row["sentence"]], place
                break
            at += len(text)
        else:  # it overlaps another
            yield varied.parts(row["sentence"], [(row["begin"], row["end"], row["type"] or "TARGET")]), 1


def labelled(rows):
    """Of the rows of mentions.py those that NewsMTSC or data/further_mentions.tsv has a label of, as an index, and those of the latter
    that the tagger didn't find."""
    sentence_of, further = {row["gid"]: row["sentence"] for row in rows}, further_mentions(OURS / "further_mentions.tsv")
    if missing := {gid for gid, *_ in further} - sentence_of.keys():
        raise SystemExit(f"--mentions lacks {len(missing)} of the sentences that data/further_mentions.tsv has labels of, {min(missing)} among them: "
                         "make it with mentions.py of NewsMTSC's own train.jsonl")
    left = {(sentence_of[gid], begin, end): label for (gid, begin, end), label in further.items()}
    for row in rows:
        label = left.pop((row["sentence"], row["begin"], row["end"]), None)
        if row["label"] or label is not None:
            yield dict(row, label=POLARITY.index(row["label"]) if row["label"] else label)
    for (sentence, begin, end), label in left.items():
        yield dict(sentence=sentence, begin=begin, end=end, type=None, label=label)


def model_of(folder, dropout=None):
    """A teacher to train, or one that was trained; its settings; the names of new weights."""
    settings = loop.config(folder, architectures=["MPNetForSequenceClassification"], **POLARITIES)
    model, missing = loop.load(MPNetForSequenceClassification, folder, settings, dropout)
    return model, settings, missing


def main():
    parser = loop.parser(__doc__, epochs=1, steps=2400, rate=5e-5, head_rate=5e-4, warmup=0.08, average=0.995)
    parser.add_argument("--frozen", type=int, default=2, help="lower layers that stay as they are")
    parser.add_argument("--told", type=float, default=0.85, help="weight of a label; the rest is shared evenly")
    parser.add_argument("--write", type=Path, help="where its logits for the labelled mentions of NewsMTSC go")
    parser.add_argument("--renamed", type=float, default=0.4, help="chance that a name in the sentence is another")
    args = loop.parsed(parser)
    tok = loop.tokenizer(args.base)
    model, settings, missing = model_of(args.base, args.dropout)
    print(json.dumps(vars(args), default=str), f"new weights: {missing}", flush=True)
    for name, parameter in model.named_parameters():
        layer = re.search(r"encoder\.layer\.(\d+)\.", name)
        if layer and int(layer[1]) < args.frozen:
            parameter.requires_grad = False

    mentions = jsonl(args.mentions) if args.mentions else []
    known = [*labelled(mentions)] if mentions else []
    source = [(parts, place, row["label"]) for row, (parts, place) in zip(known, named(known, mentions), strict=True)]
    to_learn, to_test = judged(OURS / "judged")
    for found in to_learn:
        parts = [(text, None if label is None else "TARGET") for text, label in found]
        source += [(parts, place, label) for place, (_, label) in enumerate(found) if label is not None]

    def coded(sentence, begin, end, label=0):
        ids, _ = cut(tok, sentence, begin, end)
        return len(ids), ids, label

    def rows(rng):
        while True:
            for parts, place, label in rng.sample(source, len(source)):
                if rng.random() < args.renamed:
                    parts = varied.renamed(parts, rng)
                begin = varied.length(parts[:place])
                sentence = "".join(text for text, _ in parts)
                yield coded(sentence, begin, begin + len(parts[place][0]), label)

    def collate(rows):
        width = wide(*(row[0] for row in rows))
        return dict(input_ids=pad([row[1] for row in rows], PADDING, width=width), attention_mask=pad([[1] * row[0] for row in rows], width=width),
                    label=torch.tensor([row[2] for row in rows]))

    def logits(batch):
        return model(input_ids=batch["input_ids"], attention_mask=loop.attention(batch["attention_mask"])).logits.float()

    sets = sentiment_tests(args.data) | {"judged": [row for found in to_test for row in targets(found)]}
    tests = {name: [coded(row["sentence"], row["begin"], row["begin"] + len(row["mention"])) for row in those] for name, those in sets.items()}

    def evaluate():
        return json.dumps({name: macro_f1([r["label"] for r in sets[name]], loop.answers(logits, those, collate))
                           for name, those in tests.items()})

    def loss(batch, _):
        return F.cross_entropy(logits(batch), batch["label"], label_smoothing=1 - args.told)

    def store(name, state):
        loop.save(args.out / name, state, settings, args.base)
        (args.out / name / "baton.json").write_text(json.dumps(FORM))

    if not missing:
        print("before", evaluate(), flush=True)
    if args.write:
        found = loop.answers(logits, [coded(row["sentence"], row["begin"], row["end"]) for row in known], collate, whole=True)
        lines = [json.dumps(dict(sentence=row["sentence"], begin=row["begin"], end=row["end"], logits=[round(x, 3) for x in own]), ensure_ascii=False)
                 for row, own in zip(known, found)]
        args.write.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if args.epochs:
        loop.train(model, loop.stream(rows, collate, args=args), loss, evaluate, args=args, store=store)


if __name__ == "__main__":
    main()
