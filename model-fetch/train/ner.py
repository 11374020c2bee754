"""Trains the tagger: words -> PER, ORG, LOC, MISC in BIO, the word's case in the token types.

    python ner.py --data DATA --mentions FILE --base BASE --out RUN                          a tagger
    python ner.py --data DATA --mentions FILE --base BASE --out RUN --teachers RUN/epochN …  one that learns from others, too;
                                                          with --elsewhere 0.3 it reads other names than they do
    python ner.py --data DATA --base MODEL --epochs 0     only measures a model; with --mentions FILE on lone surnames, too

BASE is a BERT or an MPNet encoder, or a tagger to go on with; with `--written` it learns from data/written, too. DATA/ner
holds the corpora as *_train.conll and *_dev.conll, DATA/sentiment NewsMTSC's dev sets, whose persons by their surnames alone
are a measure as well. Teachers are asked about all sentences, and about those of DATA/ner and FILE varied by varied.py.
"""

import json
import random
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from transformers import BertForTokenClassification, MPNetForTokenClassification

import imitate
import loop
import names
import newswire
import varied
import world
from data import TAGS, batches, conll, entity_f1, jsonl, labelled, likeliest, newsmtsc, pad, spans, wide, word_case, written

CASES = {"0": "no capital / specials", "1": "Initial capital", "2": "ALL CAPS (2+ letters)", "3": "capital inside, e.g. iPhone"}
MISC = {TAGS.index("B-MISC"), TAGS.index("I-MISC")}
LENGTH = 256
# So many tokens Baton reads at once: few sentences here have more, and what stands further back is read worse for it.
MOST_AT_ONCE = 128
WORD = re.compile(r"(?:[A-Za-z]\.){2,}|\w+(?:[-&]\w+|['’](?!s\b)\w+)*|['’]s\b|\S")

# How often a sentence of a corpus comes in one round of all, on average.
SHARES = dict(wikigold=2.0, crossner_politics=1.6, crossner_literature=1.0, crossner_music=0.8, crossner_science=0.8,
              crossner_ai=0.6, uner_ewt=1.0, sec=0.3, wnut17=0.6, btc=0.6)
# Corpora without a MISC layer, or with a part of one: what is O there may be MISC. WNUT17 tags works and products, but no peoples and
# languages; CrossNER's literature is without its poems where corpora.py made it before it knew them.
NO_MISC = {"btc", "sec", "uner_ewt", "wnut17", "crossner_literature"}
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

    def forward(self, input_ids, token_type_ids, attention_mask, **more):
        embedded = self.mpnet.embeddings.word_embeddings(input_ids) + self.token_type_embeddings(token_type_ids)
        return super().forward(inputs_embeds=embedded, attention_mask=attention_mask, **more)


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


def first_pieces(owners):
    """Each word's first piece."""
    return {owner: piece for piece, owner in reversed([*enumerate(owners)]) if owner is not None}


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
            return rng.choice((newswire.town(rng), rng.choice(newswire.LANDS)[0].removeprefix("the "))).split()
        return list(rng.choice(self.of[kind]))


def replaced(words, tags, other):
    """The sentence with each name as `other(its words, its type)` has it."""
    new_words, new_tags, at = [], [], 0
    for start, end, kind in [*spans(tags), (len(words), len(words), None)]:
        new_words += words[at:start]
        new_tags += tags[at:start]
        at = end
        if kind:
            name = other(words[start:end], kind)
            new_words += name
            new_tags += ["B-" + kind] + ["I-" + kind] * (len(name) - 1)
    return new_words, new_tags


def handle(name):
    return name[0][:1] in "@#"


def swapped(words, tags, pools, rng):
    """Some of a sentence's persons, organisations and places under other names."""
    def other(name, kind):
        return as_written(pools.name(kind, rng), name) if kind != "MISC" and not handle(name) and rng.random() < 0.6 else name

    return replaced(words, tags, other)


def elsewhere(words, tags, rng):
    """Some of them under names of world.py, each of as many words as before: every word has its place still."""
    def other(name, kind):
        found = world.like(kind, len(name), rng) if kind in world.KINDS and not handle(name) and rng.random() < 0.7 else None
        return as_written(found or name, name)

    return replaced(words, tags, other)[0]


def under(words, tags, others, rng):
    """All of them under `others`; a person of one word gets another's last word."""
    def other(name, kind):
        found = rng.choice(others[kind]).split() if kind in others else name
        return as_written(found[-1:] if kind == "PER" and len(name) == 1 else found, name)

    return replaced(words, tags, other)


def as_written(name, before):
    """A name in capitals, or without any, if the one that it replaces is; initials are no capitals."""
    letters = "".join(before)
    if letters.islower():
        return [word.lower() for word in name]
    return [word.upper() for word in name] if letters.isupper() and len(letters) > 4 and "." not in letters else name


def bare(text):
    """Its words as the vocabulary has them, without capitals and accents."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.findall(r"[^\W\d_]+", plain.lower())


def held_out(others, corpora):
    """Ends if a name of `others` is known from the corpora's names or the lists: of a person's or a place's no word may be, of an
    organisation's not all. What begins small (van, bin, al-) is everyone's."""
    tagged = (word for sentences in corpora.values() for words, tags in sentences for word, tag in zip(words, tags) if tag != "O")
    lists = [names.FIRST, names.LAST, names.WORD, world.PLACES, newswire.PLACES, newswire.REGIONS, newswire.KNOWN, newswire.TEAMS,
             *newswire.LANDS, *(own for region in world.PEOPLE for own in region)]
    seen = {word for text in [*tagged, *(name for of in lists for name in of)] for word in bare(text)}

    def known(kind, name):
        own = [word in seen for part in re.split("[ -]", name) if part[:1].isupper() for word in bare(part)]
        return all(own) if kind == "ORG" else any(own)

    if found := [name for kind, of in others.items() for name in of if known(kind, name)]:
        some = ", ".join(found[:5]) + " and others" * bool(found[5:])
        sys.exit(f"ner: names_elsewhere.json: {some}: known from what is learnt from; put other names there")


SMALL = set("a an the of in on at to for and or but by with from as is are was 's".split())


def recased(words, rng, chance):
    """Now and then a headline in capitals or title case, or no capitals at all."""
    r = rng.random()
    if r < 0.4 * chance:
        return [w.upper() for w in words]
    if r < 0.75 * chance:
        return [w if w.lower() in SMALL and i else w[:1].upper() + w[1:] for i, w in enumerate(words)]
    if r < chance:
        return [w.lower() for w in words]
    return words


def news(mentions, data, neighbours, rng):
    """Sentences of the news and of the corpora, most of them varied, cut into words, and what is known of their
    names, as tags; now and then in another case. Varying puts names into places of other types: those are not known."""
    found = [*varied.of_rows(mentions).values()]
    every = found + varied.of_ner(data)
    typed = {part for one in every for part in one if part[1]}
    while True:
        one = rng.choice(every)
        if rng.random() < 0.75:
            one = varied.varied(one, found, neighbours, rng)
        cuts = [(match.start(), match.group()) for match in WORD.finditer("".join(text for text, _ in one))][:120]
        tags, at, until = ["O"] * len(cuts), 0, 0
        for text, kind in one:
            at, until = until, until + len(text)
            inside = [n for n, (start, _) in enumerate(cuts) if at <= start < until]
            if inside and kind in world.KINDS and (text, kind) in typed:
                tags[inside[0]:inside[-1] + 1] = [f"B-{kind}"] + [f"I-{kind}"] * (len(inside) - 1)
        yield recased([word for _, word in cuts], rng, 0.25), tags


def surnames(mentions):
    """The surnames in NewsMTSC, by the tagger that found its further mentions: names of one word that it took, or a full
    name that ends so, for a person more often than for anything else."""
    kinds = defaultdict(Counter)
    for row in mentions:
        words = row["mention"].split()
        if row["type"] and len(words) == 1:
            kinds[words[0]][row["type"]] += 1
        if row["type"] == "PER" and len(words) == 2 and all(re.fullmatch(r"[A-Z][\w'’.-]+", word) for word in words):
            kinds[words[1]]["PER"] += 1
    return {name for name, of in kinds.items() if of.most_common(1)[0][0] == "PER" and re.fullmatch(r"[A-Z]\w+", name)}


def lone_surnames(mentions, data, others, rng):
    """Sentences of NewsMTSC's dev sets in words, and where in each a person stands by the surname alone: as they are, and
    three times under others' surnames."""
    known, out = surnames(mentions), []
    rows = [r for name in ("dev_rw", "dev_mt") for r in newsmtsc(data / f"sentiment/{name}.jsonl")]
    for r in rows:
        before, after = r["sentence"][:r["begin"]], r["sentence"][r["end"]:]
        # behind what may be a given name or a title it isn't alone
        if r["mention"] not in known or re.search(r"(?:[A-Z][\w.]*|\w-) ?$", before):
            continue
        for name in [r["mention"], *(rng.choice(others["PER"]).split()[-1] for _ in range(3))]:
            cuts = [(match.start(), match.group()) for match in WORD.finditer(before + name + after)]
            at = [n for n, (start, word) in enumerate(cuts) if start == len(before) and word == name]
            if at:
                out.append(([word for _, word in cuts], at[0], name == r["mention"]))
    return out


def tagger(folder, dropout=None):
    """A tagger to train, or one that was trained, from a BERT or an MPNet; its settings; the names of new weights."""
    mpnet = loop.config(folder)["model_type"] == "mpnet"
    settings = loop.config(folder, architectures=["MPNetForTokenClassification" if mpnet else "BertForTokenClassification"],
                           id2label={str(i): t for i, t in enumerate(TAGS)}, label2id={t: i for i, t in enumerate(TAGS)},
                           **({} if mpnet else dict(type_vocab_size=4)), token_type_ids_are_word_case=CASES)
    model, missing = loop.load(CasedMPNet if mpnet else BertForTokenClassification, folder, settings, dropout)
    if "bert.embeddings.token_type_embeddings.weight" in missing:  # two rows there, four here: all begin as the first
        first = next(v for k, v in loop.weights(folder).items() if k.endswith("token_type_embeddings.weight"))[:1]
        with torch.no_grad():
            model.bert.embeddings.token_type_embeddings.weight.copy_(first.repeat(4, 1))
    return model, settings, missing


def main():
    parser = loop.parser(__doc__, epochs=4, steps=500, rate=1e-4, head_rate=1e-3, types_rate=3e-4, average=0.998)
    parser.add_argument("--teachers", type=Path, nargs="*", default=[])
    parser.add_argument("--swaps", type=float, default=0.4, help="chance that a sentence has names swapped")
    parser.add_argument("--elsewhere", type=float, default=0.0, help="chance that a sentence has names of world.py, which the teachers don't see")
    parser.add_argument("--case", type=float, default=0.15, help="chance that a sentence is written in another case")
    parser.add_argument("--made-up", type=int, default=2500, help="sentences of newswire.py to 13,600 of the corpora")
    parser.add_argument("--written", type=float, default=0.0, help="how often a sentence of data/written comes in a round of the corpora, on average")
    parser.add_argument("--organisations", type=float, default=1.2, help="weight of words of organisations")
    parser.add_argument("--untagged", type=float, default=0.3, help="share of sentences that only teachers know the tags of")
    parser.add_argument("--taught", type=float, default=0.5, help="weight of the teachers' opinion where there are tags, too")
    parser.add_argument("--layers", type=float, default=0.5, help="weight of what the first teacher's layers say, at first")
    parser.add_argument("--temperature", type=float, default=2.0, help="of the teachers")
    parser.add_argument("--write", type=Path, help="a folder to write the dev sets to, those under other names too, for `make eval`")
    args = loop.parsed(parser)

    ours = Path(__file__).parent / "data"
    mentions = jsonl(args.mentions) if args.mentions else []
    tok = Tok(args.base)
    model, settings, missing = tagger(args.base, args.dropout)
    print(json.dumps(vars(args), default=str), f"new weights: {missing}", flush=True)
    teachers = imitate.Teachers([tagger(folder)[0] for folder in args.teachers]) if args.teachers else None
    their_tok = Tok(args.teachers[0]) if args.teachers else tok
    imitation = imitate.Imitation(model, teachers.models[0]).to(loop.DEVICE) if teachers and args.layers else None

    def row(words, tags=None, corpus=None, told=None):
        """A sentence's length, ids, cases, each piece's word, the tags that each piece may have, the teachers' ids and cases,
        and where these have each piece: the same one or, where the teachers cut otherwise or read `told`, which has as many
        words, some of them others, that of a word's first piece; -1 is nowhere. And the same without the words that are others."""
        ids, cases, owners = encode(tok, words)
        ways, previous = [], None
        for owner in owners:
            if owner is None or tags is None:
                ways.append((1,) * len(TAGS))
            else:
                tag = tags[owner]
                ways.append(allowed("I-" + tag[2:] if owner == previous and tag != "O" else tag, corpus, words[owner]))
            previous = owner
        their_ids, their_cases, their_owners = encode(their_tok, told or words) if teachers else ([], [], owners)
        if owners == their_owners:
            places = [*range(len(ids))]
        else:
            mine, theirs = first_pieces(owners), first_pieces(their_owners)
            places = [0] + [theirs.get(owner, -1) if mine.get(owner) == piece else -1 for piece, owner in enumerate(owners)][1:]
        same = [-1 if told and owner is not None and told[owner] != words[owner] else place for place, owner in zip(places, owners)]
        return len(ids), ids, cases, owners, ways, their_ids, their_cases, places, same

    def collate(rows):
        width = wide(*(len(r[i]) for r in rows for i in (1, 5)))
        found = dict(ids=pad([r[1] for r in rows], tok.pad, width=width), cases=pad([r[2] for r in rows], width=width),
                     mask=pad([[1] * r[0] for r in rows], width=width),
                     ways=pad([r[4] for r in rows], (1,) * len(TAGS), width=width).bool())
        if teachers:
            found |= dict(their_ids=pad([r[5] for r in rows], their_tok.pad, width=width), their_cases=pad([r[6] for r in rows], width=width),
                          their_mask=pad([[1] * len(r[5]) for r in rows], width=width),
                          places=pad([r[7] for r in rows], -1, width=width), same=pad([r[8] for r in rows], -1, width=width))
        return found

    def asked(batch, **more):
        return model(input_ids=batch["ids"], token_type_ids=batch["cases"], attention_mask=loop.attention(batch["mask"]), **more)

    corpora = {name: conll(args.data / f"ner/{name}_train.conll") for name in SHARES}
    corpora["written"], written_dev = written(ours / "written")
    shares = SHARES | {"written": args.written}
    pools = Pools(corpora)
    neighbours = varied.Neighbours(args.teachers[0]) if teachers else None

    def tagged(rng):
        """Sentences with tags, each corpus as often as its share says."""
        while True:
            plan = [(name, s) for name, share in shares.items() for s in corpora[name]
                    for _ in range(int(share) + (rng.random() < share % 1))]
            plan += [("newswire", None)] * args.made_up
            rng.shuffle(plan)
            for corpus, found in plan:
                words, tags = found or newswire.sentence(rng)
                if corpus not in ("sec", "newswire") and rng.random() < args.swaps:
                    words, tags = swapped(words, tags, pools, rng)
                yield recased(words, rng, args.case), tags, corpus

    def rows(rng):
        known, unknown = tagged(rng), news(mentions, args.data, neighbours, rng)
        while True:
            if teachers and rng.random() < args.untagged:
                words, names_known = next(unknown)
                tags = corpus = None
            else:
                words, tags, corpus = next(known)
                names_known = tags
            others = corpus not in ("sec", "newswire") and rng.random() < args.elsewhere
            yield row(elsewhere(words, names_known, rng) if others else words, tags, corpus, words)

    heavy = torch.tensor([args.organisations if t.endswith("ORG") else 1.0 for t in TAGS], device=loop.DEVICE)

    def loss(batch, left):
        own = asked(batch, output_hidden_states=bool(imitation))
        found, ways = own.logits.float(), batch["ways"]
        weight = (ways * heavy).amax(-1) * ~ways.all(-1)
        value = -torch.logsumexp(F.log_softmax(found, -1).masked_fill(~ways, -1e4), -1)
        value = (value * weight).sum() / weight.sum().clamp(min=1.0)
        if not teachers:
            return value
        there, layers = teachers(input_ids=batch["their_ids"], token_type_ids=batch["their_cases"], mask=batch["their_mask"])
        places = batch["places"]
        distance = imitate.mean(imitate.distance(found, imitate.of(there, places), args.temperature), places >= 0)
        value = (1 - args.taught) * value + args.taught * distance
        if imitation:
            value = value + args.layers * imitation(own.hidden_states, layers, batch["same"], left)
        return value

    sets = {name: conll(args.data / f"ner/{name}.conll") for name in ("wikigold_dev", "wnut17_dev", "btc_dev")}
    sets["written_dev"] = written_dev
    sets["newswire_dev"] = conll(ours / "newswire_dev.conll")
    others, rng = json.loads((ours / "names_elsewhere.json").read_text(encoding="utf-8")), random.Random(0)
    held_out(others, corpora)
    for name in ("wikigold_dev", "newswire_dev"):
        sets[name + " under other names"] = [under(*one, others, rng) for _ in range(3) for one in sets[name]]
    if args.write:
        args.write.mkdir(parents=True, exist_ok=True)
    for name, sentences in sets.items() if args.write else ():
        lines = ("".join(f"{word}\t{tag}\n" for word, tag in zip(*one)) + "\n" for one in sentences)
        (args.write / f"{name.replace(' ', '_')}.conll").write_text("".join(lines), encoding="utf-8")
    coded = {name: [row(words) for words, _ in sentences] for name, sentences in sets.items()}
    alone = lone_surnames(mentions, args.data, others, random.Random(0)) if mentions else []
    alone_rows = [row(words) for words, *_ in alone]
    organisations = labelled(ours / "org_sentences.jsonl")
    their_words = [[(m.start(), m.end(), m.group()) for m in WORD.finditer(r["sentence"])] for r in organisations]
    their_rows = [row([w for _, _, w in words]) for words in their_words]

    @torch.no_grad()
    def tags_of(rows, counts):
        """Each sentence's tags, from what the first piece of each word says; a word without a piece is outside."""
        out = [["O"] * count for count in counts]
        for some in batches([r[0] for r in rows], 32):
            found = F.log_softmax(asked(loop.on_device(collate([rows[i] for i in some]))).logits.float(), -1).cpu()
            for i, chances in zip(some, found):
                first = first_pieces(rows[i][3])
                for word, tag in zip(sorted(first), likeliest(chances[[first[word] for word in sorted(first)]])):
                    out[i][word] = tag
        return out

    def evaluate():
        out = {}
        for name, sentences in sets.items():
            found = tags_of(coded[name], [len(w) for w, _ in sentences])
            types = ["PER", "ORG", "LOC"] if name.startswith("btc") else ["PER", "ORG", "LOC", "MISC"]
            scores = entity_f1([t for _, t in sentences], found, types)
            out[name] = {t: s[2] for t, s in scores.items()} | {"ORG recall": scores["ORG"][1]}
        found = tags_of(alone_rows, [len(w) for w, *_ in alone])
        for name, is_own in (("lone surnames", True), ("lone surnames of others", False)) if alone else ():
            hits = [tags[at] == "B-PER" for tags, (_, at, own_name) in zip(found, alone) if own_name == is_own]
            out[name] = round(100 * sum(hits) / len(hits), 2)
        exact = 0
        for r, words, tags in zip(organisations, their_words, tags_of(their_rows, [len(w) for w in their_words])):
            exact += (r["begin"], r["end"], "ORG") in [(words[s][0], words[e - 1][1], k) for s, e, k in spans(tags)]
        out["mentions found as ORG"] = round(100 * exact / len(organisations), 2)
        return json.dumps(out)

    def store(name, state):
        loop.save(args.out / name, state, settings, args.base)
        (args.out / name / "baton.json").write_text(json.dumps({"max_tokens": MOST_AT_ONCE}) + "\n")

    if not missing:
        print("before", evaluate(), flush=True)
    if not args.epochs and loop.quantised(args.base):
        loop.round_activations(model)
        print("int8  ", evaluate(), flush=True)
    if args.epochs:
        loop.train(model, loop.stream(rows, collate, args=args), loss, evaluate, args=args, helpers=[imitation] if imitation else [],
                   store=store)


if __name__ == "__main__":
    main()
