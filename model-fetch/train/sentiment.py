"""Trains the sentiment model: a pair (sentence, mention) -> negative, neutral, positive, as its teachers see it.

    python sentiment.py --data DATA --mentions FILE --base BASE --teachers RUN/epoch1 … --out RUN
    python sentiment.py --data DATA --mentions FILE --base MODEL --out RUN --judged 0.3 --newsmtsc 0.45 …
                                                             one that learns labels, and what it said itself before, or
                                                             what a teacher says of them, asked once (--asked)
    python sentiment.py --data DATA --base MODEL --epochs 0  only measures a model

BASE is the bare encoder or a sentiment model to go on with; the teachers are those of teacher.py. DATA/sentiment holds
dev_rw.jsonl and dev_mt.jsonl, DATA/ner the corpora of the tagger: their sentences and those of FILE, varied without end by
varied.py, are what the teachers are asked about. Labels are NewsMTSC's, those of data/further_mentions.tsv and of data/judged.
"""

import copy
import json
import random
from collections import defaultdict
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import BertForSequenceClassification

import imitate
import loop
import names
import newswire
import teacher
import varied
from data import POLARITIES, POLARITY, judged, jsonl, macro_f1, pad, sentiment_tests, targets, wide

SETTINGS = dict(
    architectures=["BertForSequenceClassification"],
    **POLARITIES,
    target_sentiment=dict(input="pair", pool="pooler", marker=None, max_length=160),
)
UNASKED = [float("nan")] * len(POLARITY)
LENGTH = SETTINGS["target_sentiment"]["max_length"]


def encode(tok, sentence, mention, begin):
    """[CLS] sentence [SEP] mention [SEP] and its token types; a long sentence is cut to what surrounds the mention."""
    read = tok.encode(sentence, add_special_tokens=False)
    ids, offsets = read.ids, read.offsets
    target = tok.encode(mention, add_special_tokens=False).ids[:LENGTH // 2]
    room = LENGTH - 3 - len(target)
    if len(ids) > room:
        at = next((i for i, (_, end) in enumerate(offsets) if end > begin), 0)
        start = max(0, min(at - room // 2, len(ids) - room))
        ids = ids[start:start + room]
    return [101, *ids, 102, *target, 102], [0] * (len(ids) + 2) + [1] * (len(target) + 1)


def alike(own, there, parts):
    """Where the teacher's ids have each of the student's pieces; -1 for those that they don't have.

    `parts` are the numbers of the sentence's pieces before, in and after the mention, around which the teacher has marks.
    Where either was cut, only the mark before both is compared.
    """
    before, mention, after = parts
    count = before + mention + after
    if len(own) != count + mention + 3 or len(there) != count + 4:
        return [0]
    marked = [*range(1, before + 1), *range(before + 2, before + 2 + mention), *range(before + mention + 3, count + 3)]
    return [0, *marked, -1, *marked[before:before + mention]]


def plain(text):
    """Typewriter quotes and dashes, one code point for one."""
    return text.translate(str.maketrans("“”‘’–—", "\"\"''--"))


def main():
    parser = loop.parser(__doc__, epochs=4, steps=2500, batch=192, rate=3e-4, head_rate=1e-3, warmup=0.04, average=0.999)
    parser.add_argument("--teachers", type=Path, nargs="*", default=[])
    parser.add_argument("--temperature", type=float, default=2.0)
    parser.add_argument("--layers", type=float, default=1.0, help="weight of what the first teacher's layers say, at first")
    parser.add_argument("--as-written", type=float, default=0.12, help="share of sentences that are not varied")
    parser.add_argument("--gold", type=float, default=0.3, help="weight of the gold label where there is one")
    parser.add_argument("--judged", type=float, default=0.0, help="share of draws that are sentences of data/judged")
    parser.add_argument("--told", type=float, default=0.8, help="weight of the labels of those")
    parser.add_argument("--newsmtsc", type=float, default=0.0, help="share of draws that are sentences of NewsMTSC with labels")
    parser.add_argument("--known", type=float, default=0.3, help="weight of the labels of those")
    parser.add_argument("--asked", type=Path, help="what a teacher said of them (teacher.py --write): the rest of their weight is its")
    parser.add_argument("--joined", type=float, default=0.0, help="share of what --judged and --newsmtsc draw that has another sentence beside it")
    args = loop.parsed(parser)

    tok = loop.tokenizer(args.base)
    settings = loop.config(args.base, **SETTINGS)
    model, missing = loop.load(BertForSequenceClassification, args.base, settings, args.dropout)
    if args.epochs and missing and not args.teachers:
        parser.error("a base without a classifier has no opinion of its own to keep; it needs --teachers")
    print(json.dumps(vars(args), default=str), f"new weights: {missing}", flush=True)

    def coded(sentence, mention, begin, label=-1, weight=0.0, said=UNASKED):
        ids, types = encode(tok, sentence, mention, begin)
        there, parts = teacher.cut(their_tok, sentence, begin, begin + len(mention)) if args.teachers else ([0], (0, 0, 0))
        return len(ids), ids, types, there, alike(ids, there, parts), label, weight, said

    def collate(rows):
        width = wide(*(len(row[i]) for row in rows for i in (1, 3)))
        return dict(
            ids=pad([row[1] for row in rows], width=width), types=pad([row[2] for row in rows], width=width),
            mask=pad([[1] * row[0] for row in rows], width=width), their_ids=pad([row[3] for row in rows], teacher.PADDING, width=width),
            their_mask=pad([[1] * len(row[3]) for row in rows], width=width), places=pad([row[4] for row in rows], -1, width=width),
            label=torch.tensor([row[5] for row in rows]), weight=torch.tensor([row[6] for row in rows]),
            said=torch.tensor([row[7] for row in rows]))

    def student(batch, of=model, **more):
        return of(input_ids=batch["ids"], token_type_ids=batch["types"], attention_mask=loop.attention(batch["mask"]), **more)

    def asked(batch):
        if not args.teachers:
            with torch.no_grad():
                return student(batch, of=before).logits.float(), None
        return teachers(input_ids=batch["their_ids"], mask=batch["their_mask"])

    sets = sentiment_tests(args.data)
    to_learn, to_test = judged(Path(__file__).parent / "data/judged")
    sets["judged"] = [row for found in to_test for row in targets(found)]
    if args.teachers or args.epochs:
        neighbours = varied.Neighbours((args.teachers or [args.base])[0])
    if args.epochs and not args.teachers:
        before = copy.deepcopy(model).requires_grad_(False)
    if args.teachers:
        their_tok = loop.tokenizer(args.teachers[0])
        teachers = imitate.Teachers([teacher.model_of(folder)[0] for folder in args.teachers])
        imitation = imitate.Imitation(model, teachers.models[0]).to(loop.DEVICE)
    if args.epochs:
        mentions = jsonl(args.mentions)
        gold = {(row["sentence"], row["begin"], row["end"]): row["label"] for row in teacher.labelled(mentions)}
        said = {(row["sentence"], row["begin"], row["end"]): row["logits"] for row in jsonl(args.asked)} if args.asked else {}
        those = defaultdict(list)
        for (sentence, begin, end), label in gold.items():
            those[sentence].append((begin, end, (label, said.get((sentence, begin, end), UNASKED))))
        to_learn = [[(text, None if label is None else (label, UNASKED)) for text, label in found] for found in to_learn]
        known = [varied.parts(sentence, spans) for sentence, spans in those.items()]
        news, ner = [*varied.of_rows(mentions).values()], varied.of_ner(args.data)

    def sentences(rng):
        """Sentences in parts, some as they were written."""
        while True:
            r = rng.random()
            found = rng.choice(news) if r < 0.7 else rng.choice(ner) if r < 0.95 else varied.of_words(*newswire.sentence(rng))
            yield found if rng.random() < args.as_written else varied.varied(found, news, neighbours, rng)

    def renamed(found, rng):
        """The sentence with the names of some targets replaced by made-up ones; a surname goes with the full name."""
        those = sorted({text for text, label in found if label is not None and text[0].isupper() and text.lower() not in varied.PRONOUNS})
        new = {name: varied.named(None, rng) for name in those if rng.random() < 0.4}
        for whole in those:
            for name in those:
                if whole.endswith(" " + name):
                    new.pop(name, None)
                    if whole in new:
                        new[whole] = names.person(rng)
                        new[name] = new[whole].split()[-1]
        return [(new.get(text, text) if label is not None else text, label) for text, label in found]

    def apart(found, other):
        """Whether no target of one has the text of another's: the model is told the text alone."""
        texts = [{text.lower() for text, label in one if label is not None} for one in (found, other)]
        return texts[0].isdisjoint(texts[1])

    def rows(rng):
        others = sentences(rng)
        while True:
            r = rng.random()
            if r < args.judged + args.newsmtsc:
                those, weight = (to_learn, args.told) if r < args.judged else (known, args.known)
                found, other = rng.choice(those), rng.choice(those)
                if rng.random() < args.joined and varied.length(found) + varied.length(other) < varied.LONGEST and apart(found, other):
                    found = varied.joined(found, other, rng)
                typed = rng.random() < 0.2
                for row in targets([(plain(text) if typed else text, label) for text, label in renamed(found, rng)]):
                    label, said_of_it = row.pop("label")
                    yield coded(**row, label=label, weight=weight, said=said_of_it)
                continue
            sentence, those = varied.mentions(next(others))
            those = [span for span in those if span[1] - span[0] > 1 and (span[2] != "LOC" or rng.random() < 0.3)]
            typed = plain(sentence) if rng.random() < 0.3 else sentence
            for begin, end, _ in rng.sample(those, min(3, len(those))):
                yield coded(typed, typed[begin:end], begin, gold.get((sentence, begin, end), -1), args.gold)

    def loss(batch, left):
        there, layers = asked(batch)
        there = torch.where(batch["said"].isnan(), there, batch["said"])
        own = student(batch, output_hidden_states=bool(args.teachers))
        value = imitate.distance(own.logits.float(), there, args.temperature)
        label, weight = batch["label"], batch["weight"]
        told = F.cross_entropy(own.logits.float(), label.clamp(min=0), reduction="none")
        value = torch.where(label >= 0, weight * told + (1 - weight) * value, value).mean()
        return value + args.layers * imitation(own.hidden_states, layers, batch["places"], left) if args.teachers else value

    def opinions():
        """Variants of the dev sentences, labelled by the teachers: what the student should say of sentences it never saw."""
        rng, out = random.Random(0), []
        dev = [*varied.of_rows(sets["dev_rw"] + sets["dev_mt"]).values()]
        for one in [varied.varied(one, dev, neighbours, rng) for one in dev for _ in range(6)]:
            sentence, those = varied.mentions(one)
            out += [dict(sentence=sentence, mention=sentence[begin:end], begin=begin) for begin, end, _ in those]
        found = loop.answers(lambda batch: asked(batch)[0], [coded(r["sentence"], r["mention"], r["begin"]) for r in out], collate)
        return [dict(row, label=label) for row, label in zip(out, found)]

    if args.teachers:
        sets["as the teachers say"] = opinions()
    tests = {name: [coded(r["sentence"], r["mention"], r["begin"]) for r in those] for name, those in sets.items()}

    def evaluate():
        return json.dumps({name: macro_f1([r["label"] for r in sets[name]], loop.answers(lambda batch: student(batch).logits.float(), those, collate))
                           for name, those in tests.items()})

    if not missing:
        print("before", evaluate(), flush=True)
    if not args.epochs and loop.quantised(args.base):
        loop.round_activations(model)
        print("int8  ", evaluate(), flush=True)
    if args.epochs:
        loop.train(model, loop.stream(rows, collate, args=args), loss, evaluate, args=args, helpers=[imitation] if args.teachers else [],
                   store=lambda name, state: loop.save(args.out / name, state, settings, args.base))


if __name__ == "__main__":
    main()
