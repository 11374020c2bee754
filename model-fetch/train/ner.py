"""Trains the tagger: words -> PER, ORG, LOC, MISC in BIO, the word's case in the token types.

    python ner.py --data DATA --base BASE --out RUN                      a tagger
    python ner.py --data DATA --base RUN/epochN --out RUN --teach FILE   its opinion of the sentences of DATA/sentiment
    python ner.py --data DATA --base BASE --out RUN --taught FILE        a tagger that learns from that, too

BASE is a BERT or an MPNet encoder, or a tagger to go on with. DATA/ner holds the corpora as *_train.conll and *_dev.conll.
"""

import argparse
import json
import re
from contextlib import nullcontext
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from transformers import BertForTokenClassification, MPNetForTokenClassification

import loop
import more
import names
import newswire
import varied
from data import TAGS, batches, conll, entity_f1, generator, labelled, pad, spans, word_case

CASES = {"0": "no capital / specials", "1": "Initial capital", "2": "ALL CAPS (2+ letters)", "3": "capital inside, e.g. iPhone"}
MISC = {TAGS.index("B-MISC"), TAGS.index("I-MISC")}
LENGTH = 256
WORD = re.compile(r"(?:[A-Za-z]\.){2,}|\w+(?:[-&]\w+|['’](?!s\b)\w+)*|['’]s\b|\S")

# How often a sentence of a corpus is seen in an epoch, on average.
SHARES = dict(wikigold=2.0, crossner_politics=1.6, crossner_literature=1.0, crossner_music=0.8, crossner_science=0.8,
              crossner_ai=0.6, uner_ewt=1.0, sec=0.3, wnut17=0.6, btc=0.6)
# Corpora without a MISC layer: what is O there may be MISC.
NO_MISC = {"btc", "sec", "uner_ewt"}
# Corpora whose MISC means other things than news has in mind (tasks, metrics, genes): O and MISC are not told apart.
OWN_MISC = {"crossner_ai", "crossner_science"}
# Roles that the SEC filings tag as names.
ROLES = {"borrower", "lender", "bank", "agent", "company", "commonwealth"}


class CasedMPNet(MPNetForTokenClassification):
    """MPNet has no token types; a table of the word's case is added to its word embeddings."""

    def __init__(self, config):
        super().__init__(config)
        self.token_type_embeddings = nn.Embedding(4, config.hidden_size)
        nn.init.zeros_(self.token_type_embeddings.weight)

    def forward(self, input_ids, token_type_ids, attention_mask):
        embedded = self.mpnet.embeddings.word_embeddings(input_ids) + self.token_type_embeddings(token_type_ids)
        return super().forward(inputs_embeds=embedded, attention_mask=attention_mask)


def allowed(tag, corpus, word):
    """The tags that a word may have, as a tuple of 0 and 1."""
    index = TAGS.index(tag)
    if corpus == "sec" and word.lower() in ROLES:
        return (1,) * len(TAGS)
    loose = (corpus in NO_MISC and index == 0) or (corpus in OWN_MISC and (index == 0 or index in MISC))
    return tuple(int(i == index or (loose and (i == 0 or i in MISC))) for i in range(len(TAGS)))


def encode(tok, words):
    """Ids, cases, and each piece's word (None for the marks at both ends)."""
    ids, cases, owners = [tok.first], [0], [None]
    for i, word in enumerate(words):
        pieces = tok.encode(word, add_special_tokens=False).ids or [tok.unknown]
        ids += pieces
        cases += [word_case(word)] * len(pieces)
        owners += [i] * len(pieces)
    return ids[:LENGTH - 1] + [tok.last], cases[:LENGTH - 1] + [0], owners[:LENGTH - 1] + [None]


class Tok:
    def __init__(self, folder):
        self.inner = loop.tokenizer(folder)
        self.encode = self.inner.encode
        ids = self.inner.get_vocab()
        self.first, self.last = (ids["<s>"], ids["</s>"]) if "<s>" in ids else (ids["[CLS]"], ids["[SEP]"])
        self.unknown = ids["[UNK]"]
        self.pad = ids["<pad>"] if "<pad>" in ids else ids["[PAD]"]


class Pools:
    """Names of the corpora with edited text, to swap in."""

    def __init__(self, corpora):
        self.of = {}
        for corpus in ("wikigold", "crossner_politics", "crossner_literature", "crossner_music", "crossner_science", "uner_ewt"):
            for words, tags in corpora[corpus]:
                for start, end, kind in spans(tags):
                    self.of.setdefault(kind, set()).add(tuple(words[start:end]))
        self.of = {kind: sorted(found) for kind, found in self.of.items()}

    def name(self, kind, rng):
        r = rng.random()
        if kind == "ORG" and r < 0.6:
            return names.organisation(rng).split()
        if kind == "PER" and r < 0.5:
            return names.person(rng).split()
        if kind == "LOC" and r < 0.4:
            return rng.choice((rng.choice(newswire.PLACES), rng.choice(newswire.LANDS)[0].removeprefix("the "))).split()
        return list(rng.choice(self.of[kind]))


def swapped(words, tags, pools, rng):
    """Some of a sentence's persons, organisations and places under other names."""
    new_words, new_tags, at = [], [], 0
    for start, end, kind in [*spans(tags), (len(words), len(words), None)]:
        new_words += words[at:start]
        new_tags += tags[at:start]
        at = end
        if kind is None:
            continue
        name = words[start:end]
        if kind != "MISC" and name[0][:1] not in "@#" and rng.random() < 0.6:
            name = pools.name(kind, rng)
        new_words += name
        new_tags += ["B-" + kind] + ["I-" + kind] * (len(name) - 1)
    return new_words, new_tags


SMALL = set("a an the of in on at to for and or but by with from as is are was 's".split())


def recased(words, rng, chance):
    """Now and then a headline in capitals or title case, or no capitals at all."""
    r = rng.random() / chance
    if r < 0.4:
        return [w.upper() for w in words]
    if r < 0.75:
        return [w if w.lower() in SMALL and i else w[:1].upper() + w[1:] for i, w in enumerate(words)]
    if r < 1.0:
        return [w.lower() for w in words]
    return words


def news(data, teacher, variants, rng):
    """The sentences of the sentiment data and variants of each, cut into words; now and then in another case."""
    neighbours = varied.Neighbours(teacher)
    found = more.of_news(data)
    found += [varied.varied(one, found, neighbours, rng) for one in found for _ in range(variants)]
    return [recased(WORD.findall(varied.mentions(one)[0]), rng, 0.25) for one in found]


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--data", type=Path, required=True)
    args.add_argument("--base", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--teach", type=Path)
    args.add_argument("--taught", type=Path)
    args.add_argument("--variants", type=int, default=2, help="of each sentence that the teacher is asked about")
    args.add_argument("--epochs", type=int, default=4)
    args.add_argument("--batch", type=int, default=32)
    args.add_argument("--rate", type=float, default=1e-4)
    args.add_argument("--head-rate", type=float, default=1e-3)
    args.add_argument("--types-rate", type=float, default=3e-4)
    args.add_argument("--warmup", type=float, default=0.05)
    args.add_argument("--average", type=float, default=0.998)
    args.add_argument("--swaps", type=float, default=0.4, help="chance that a sentence has names swapped")
    args.add_argument("--case", type=float, default=0.15, help="chance that a sentence is written in another case")
    args.add_argument("--made-up", type=int, default=2500, help="sentences of newswire.py in an epoch")
    args.add_argument("--organisations", type=float, default=1.2, help="weight of words of organisations")
    args.add_argument("--share", type=float, default=1.0, help="factor on how often corpora are seen in an epoch")
    args.add_argument("--temperature", type=float, default=2.0, help="of the teacher")
    args.add_argument("--minutes", type=float, default=1e9, help="the training ends after them, whatever the epoch")
    args.add_argument("--threads", type=int, default=2)
    args.add_argument("--seed", type=int, default=1)
    args = args.parse_args()
    torch.set_num_threads(args.threads)
    rng = generator(args.seed)

    tok = Tok(args.base)
    mpnet = loop.config(args.base)["model_type"] == "mpnet"
    settings = loop.config(args.base, architectures=["MPNetForTokenClassification" if mpnet else "BertForTokenClassification"],
                           id2label={str(i): t for i, t in enumerate(TAGS)}, label2id={t: i for i, t in enumerate(TAGS)},
                           **({} if mpnet else dict(type_vocab_size=4)), token_type_ids_are_word_case=CASES)
    model, missing = loop.load(CasedMPNet if mpnet else BertForTokenClassification, args.base, settings)
    if "bert.embeddings.token_type_embeddings.weight" in missing:  # two rows there, four here: all begin as the first
        first = next(v for k, v in loop.weights(args.base).items() if k.endswith("token_type_embeddings.weight"))[:1]
        with torch.no_grad():
            model.bert.embeddings.token_type_embeddings.weight.copy_(first.repeat(4, 1))
    print(json.dumps(vars(args), default=str), f"new weights: {missing}", flush=True)

    def logits(rows):
        return model(input_ids=pad([r[1] for r in rows], tok.pad), token_type_ids=pad([r[2] for r in rows]),
                     attention_mask=pad([[1] * r[0] for r in rows])).logits.float()

    @torch.no_grad()
    def each(rows, size=32):
        """Each row's logits of its own pieces."""
        model.eval()
        out = [None] * len(rows)
        for batch in batches([r[0] for r in rows], size):
            with loop.fast() if args.teach else nullcontext():
                found = logits([rows[i] for i in batch])
            for i, own in zip(batch, found):
                out[i] = own[:rows[i][0]]
        return out

    def row(words):
        ids, cases, owners = encode(tok, words)
        return len(ids), ids, cases, owners

    if args.teach:
        sentences = news(args.data, args.base, args.variants, rng)
        rows = [row(words) for words in sentences]
        opinions = []
        for start in range(0, len(rows), 1024):
            opinions += [x.half() for x in each(rows[start:start + 1024])]
            print(f"{len(opinions)} of {len(rows)}", flush=True)
        torch.save(dict(words=sentences, logits=opinions), args.teach)
        return

    corpora = {name: conll(args.data / f"ner/{name}_train.conll") for name in SHARES}
    pools = Pools(corpora)
    taught = torch.load(args.taught) if args.taught else dict(words=[], logits=[])
    taught = [(*row(words)[:3], None, opinion) for words, opinion in zip(taught["words"], taught["logits"])]
    assert all(r[0] == len(r[4]) for r in taught), "the teacher cuts words into other pieces"

    def epoch_rows(_):
        out = []
        plan = [(name, s) for name, share in SHARES.items() for s in corpora[name]
                for _ in range(int(share * args.share) + (rng.random() < share * args.share % 1))]
        plan += [("newswire", newswire.sentence(rng)) for _ in range(args.made_up)]
        for corpus, (words, tags) in plan:
            if corpus not in ("sec", "newswire") and rng.random() < args.swaps:
                words, tags = swapped(words, tags, pools, rng)
            length, ids, cases, owners = row(recased(words, rng, args.case))
            ways, previous = [], None
            for owner in owners:
                if owner is None:
                    ways.append((1,) * len(TAGS))
                else:
                    tag = tags[owner]
                    ways.append(allowed("I-" + tag[2:] if owner == previous and tag != "O" else tag, corpus, words[owner]))
                previous = owner
            out.append((length, ids, cases, ways, None))
        print(f"{len(out)} labelled sentences, {sum(r[0] for r in out)} pieces; {len(taught)} of a teacher", flush=True)
        return out + taught

    heavy = torch.tensor([args.organisations if t.endswith("ORG") else 1.0 for t in TAGS])

    def loss(rows):
        found = logits(rows)
        chances = F.log_softmax(found, -1)
        total, count = 0.0, 0.0
        gold = [i for i, r in enumerate(rows) if r[4] is None]
        if gold:
            width = found.shape[1]
            ways = torch.tensor([rows[i][3] + [(1,) * len(TAGS)] * (width - rows[i][0]) for i in gold]).bool()
            weight = (ways * heavy).amax(-1) * ~ways.all(-1)
            value = -torch.logsumexp(chances[gold].masked_fill(~ways, -1e4), -1)
            total, count = total + (value * weight).sum(), count + weight.sum()
        t = args.temperature
        for i, r in enumerate(rows):
            if r[4] is not None:
                there = F.softmax(r[4].float() / t, -1)
                own = F.log_softmax(found[i, :r[0]] / t, -1)
                total = total + F.kl_div(own, there, reduction="none").sum() * t * t
                count = count + r[0]
        return total / count

    sets = {name: conll(args.data / f"ner/{name}.conll") for name in ("wikigold_dev", "wnut17_dev", "btc_dev")}
    own = Path(__file__).parent / "data"
    sets["newswire_dev"] = conll(own / "newswire_dev.conll")
    coded = {name: [row(words) for words, _ in sentences] for name, sentences in sets.items()}
    mentions = labelled(own / "org_sentences.jsonl")
    mention_words = [[(m.start(), m.end(), m.group()) for m in WORD.finditer(r["sentence"])] for r in mentions]
    mention_rows = [row([w for _, _, w in words]) for words in mention_words]

    def tags_of(rows, counts):
        out = []
        for r, found, n in zip(rows, each(rows), counts):
            tags, best = ["O"] * n, found.argmax(-1).tolist()
            for piece in range(r[0] - 1, -1, -1):  # the first piece of a word has the last say
                if r[3][piece] is not None:
                    tags[r[3][piece]] = TAGS[best[piece]]
            out.append(tags)
        return out

    def evaluate(model):
        out = {}
        for name, sentences in sets.items():
            found = tags_of(coded[name], [len(w) for w, _ in sentences])
            types = ["PER", "ORG", "LOC"] if name.startswith("btc") else ["PER", "ORG", "LOC", "MISC"]
            scores = entity_f1([t for _, t in sentences], found, types)
            out[name] = {t: s[2] for t, s in scores.items()} | {"ORG recall": scores["ORG"][1]}
        exact = 0
        for r, words, tags in zip(mentions, mention_words, tags_of(mention_rows, [len(w) for w in mention_words])):
            exact += (r["begin"], r["end"], "ORG") in [(words[s][0], words[e - 1][1], k) for s, e, k in spans(tags)]
        out["mentions found as ORG"] = round(100 * exact / len(mentions), 2)
        return json.dumps(out)

    if not missing:
        print("before", evaluate(model), flush=True)
    if not args.epochs and loop.quantised(args.base):
        loop.round_activations(model)
        print("int8  ", evaluate(model), flush=True)
    if args.epochs:
        loop.train(model, epoch_rows, loss, evaluate, args=args, rng=rng, types_rate=args.types_rate,
                   store=lambda name, state: loop.save(args.out / name, state, settings, args.base))


if __name__ == "__main__":
    main()
