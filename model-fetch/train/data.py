"""Readers of the data, the measures, and batches."""

import json
import re
from pathlib import Path

import torch

POLARITY = ["negative", "neutral", "positive"]
# What a sentiment model's config.json says of them.
POLARITIES = dict(id2label={str(i): p for i, p in enumerate(POLARITY)}, label2id={p: i for i, p in enumerate(POLARITY)},
                  problem_type="single_label_classification")
TAGS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]
TYPES = ["PER", "ORG", "LOC", "MISC"]


def jsonl(path):
    with open(path, encoding="utf-8-sig") as file:
        return [json.loads(line) for line in file]


def conll(path):
    """Sentences of (words, tags): a word a line and its tag, as eval.py reads them."""
    out, words, tags = [], [], []
    for number, line in enumerate([*Path(path).read_text(encoding="utf-8-sig").split("\n"), ""], 1):
        line = line.rstrip()
        if line and not line.startswith("-DOCSTART-"):
            word, *others = line.split("\t") if "\t" in line else line.split()
            if not word or not others or others[-1] not in TAGS:
                raise SystemExit(f"{path}:{number}: {line!r} is no word and one of {', '.join(TAGS)}, apart by a tab or blanks")
            words.append(word)
            tags.append(others[-1])
        elif words:
            out.append((words, tags))
            words, tags = [], []
    return out


# Words as the corpora have them: numbers, initials and usual abbreviations are whole.
WRITTEN_WORD = re.compile(
    r"(?:[A-Za-z]\.){2,}|(?:[A-Z]|Mr|Mrs|Ms|Dr|St|Jr|Sr|Inc|Ltd|Co|Cos|Corp|Bros|Gen|Col|Lt|Sgt|Capt|Rep|Sen|Gov|Prof|Rev|Mt|No|vs"
    r"|Jan|Feb|Aug|Sept|Oct|Nov|Dec)\.(?=[\s,]|$)|\d+(?:[.,:]\d+)+|\w+(?:[-&]\w+|['’](?!s\b)\w+)*|['’]s\b|\S")
MARKED = re.compile(r"\[(PER|ORG|LOC|MISC) ([^\[\]]+)\]")


def written(folder):
    """The texts of a folder, which have a sentence a line, its names as [ORG The Name], and an empty line between passages:
    sentences of (words, tags) to train on, and those of every tenth passage to measure by."""
    train, dev = [], []
    for path in sorted(Path(folder).glob("*.txt")):
        for number, passage in enumerate(re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip())):
            (dev if number % 10 == 9 else train).extend(map(marked, passage.splitlines()))
    return train, dev


def marked(line):
    """A line of such a text as (words, tags)."""
    words, tags, parts = [], [], MARKED.split(line)
    for number, part in enumerate(parts):
        if number % 3 == 1:  # outside, type, name, outside, …
            continue
        if "[" in part or "]" in part:
            raise ValueError(f"a bracket that isn't a name's: {line}")
        found, kind = WRITTEN_WORD.findall(part), parts[number - 1]
        words += found
        tags += ["O" if number % 3 == 0 else f"I-{kind}" if i else f"B-{kind}" for i in range(len(found))]
    return words, tags


JUDGED = re.compile(r"\[([-0+]) ([^\[\]]+)\]")


def judged(folder):
    """The texts of a folder, which have a sentence a line, its targets as [+ Anna Kovac] with + for positive, - and 0: of each sentence
    its parts, as varied.py has them, each with its label or None; those to train on, and every tenth to measure by."""
    train, dev = [], []
    for path in sorted(Path(folder).glob("*.txt")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        for number, line in enumerate(lines):
            parts = JUDGED.split(line)
            if any("[" in part or "]" in part for part in parts):
                raise ValueError(f"a bracket that isn't a target's: {line}")
            found = [(parts[0], None)]
            for mark, target, after in zip(parts[1::3], parts[2::3], parts[3::3]):
                found += [(target, "-0+".index(mark)), (after, None)]
            (dev if number % 10 == 9 else train).append(found)
    return train, dev


def targets(found):
    """The rows of such a sentence: sentence, mention, begin, label."""
    at, out, sentence = 0, [], "".join(text for text, _ in found)
    for text, label in found:
        if label is not None:
            out.append(dict(sentence=sentence, mention=text, begin=at, label=label))
        at += len(text)
    return out


def further_mentions(path):
    """Labels of further mentions in the sentences of mentions.py, a line each: a row's gid, begin, end, label."""
    found = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        gid, begin, end, mark = line.split("\t")
        found[gid, int(begin), int(end)] = "-0+".index(mark)
    return found


def newsmtsc(path):
    """Targets of NewsMTSC with a polarity: sentence, mention, begin, end (code points), label (index)."""
    return [
        dict(sentence=row["sentence_normalized"], mention=target["mention"], begin=target["from"], end=target["to"],
             label=int(target["polarity"]) // 2 - 1)
        for row in jsonl(path) for target in row["targets"] if target.get("polarity") in (2.0, 4.0, 6.0)
    ]


def labelled(path):
    """Sentences with a mention and a named label, as in data/org_sentences.jsonl."""
    return [dict(row, label=POLARITY.index(row["label"])) for row in jsonl(path)]


def sentiment_tests(data):
    """What a sentiment model is measured on: the two dev sets of NewsMTSC, and the sentences on organisations."""
    sets = {name: newsmtsc(data / f"sentiment/{name}.jsonl") for name in ("dev_rw", "dev_mt")}
    return sets | {"organisations": labelled(Path(__file__).parent / "data/org_sentences.jsonl")}


def word_case(word):
    """The word's case, which the uncased vocabulary loses, as a token type: 0 none, 1 Initial, 2 ALL CAPS, 3 inside."""
    letters = [c for c in word if c.isalpha()]
    if not letters:
        return 0
    if not letters[0].isupper():
        return 3 if any(c.isupper() for c in letters) else 0
    return 2 if len(letters) > 1 and all(c.isupper() for c in letters) else 1


def spans(tags):
    """Entities of a tag sequence as (first word, end, type); an I- with nothing before it begins one."""
    out, start, kind = [], 0, None
    for i, tag in enumerate([*tags, "O"]):
        if kind and (tag == "O" or tag[0] == "B" or tag[2:] != kind):
            out.append((start, i, kind))
            kind = None
        if tag != "O" and kind is None:
            start, kind = i, tag[2:]
    return out


def likeliest(chances):
    """Of a sentence's words, whose logarithmic chances of each tag are given, the likeliest tags that BIO allows."""
    never = torch.tensor([[tag[0] == "I" and before[1:] != tag[1:] for tag in TAGS] for before in TAGS])
    scores, came_from = chances[0].masked_fill(never[0], -1e9), []
    for word in chances[1:]:
        best, before = (scores[:, None].masked_fill(never, -1e9)).max(0)
        scores = best + word
        came_from.append(before.tolist())
    path = [int(scores.argmax())]
    for before in reversed(came_from):
        path.append(before[path[-1]])
    return [TAGS[tag] for tag in reversed(path)]


def entity_f1(gold, found, types=TYPES):
    """{'all': (precision, recall, F1), 'PER': …} in percent, of whole entities."""
    count = {t: [0, 0, 0] for t in [*types, "all"]}
    for g, f in zip(gold, found):
        g = {s for s in spans(g) if s[2] in types}
        f = {s for s in spans(f) if s[2] in types}
        for t in count:
            a, b = ({s for s in x if t in ("all", s[2])} for x in (g, f))
            for i, n in enumerate((len(a & b), len(b), len(a))):
                count[t][i] += n
    out = {}
    for t, (hit, found_n, gold_n) in count.items():
        p, r = hit / max(1, found_n), hit / max(1, gold_n)
        out[t] = tuple(round(100 * x, 2) for x in (p, r, 2 * p * r / max(1e-9, p + r)))
    return out


def macro_f1(gold, found):
    """Macro-F1 of the classes that are there, accuracy and each class's F1, in percent."""
    per_class = []
    for c in range(3):
        hit = sum(g == f == c for g, f in zip(gold, found))
        per_class.append(2 * hit / max(1, sum(g == c for g in gold) + sum(f == c for f in found)))
    accuracy = sum(g == f for g, f in zip(gold, found)) / len(gold)
    return dict(macro_f1=round(100 * sum(per_class) / len({*gold, *found}), 2), accuracy=round(100 * accuracy, 2),
                per_class=[round(100 * x, 1) for x in per_class])


def batches(lengths, size, rng=None):
    """Lists of indices of about equal lengths; in random order with `rng`, by length without."""
    order = list(range(len(lengths)))
    if rng is None:
        order.sort(key=lambda i: lengths[i])
        return [order[i:i + size] for i in range(0, len(order), size)]
    rng.shuffle(order)
    out, window = [], 40 * size
    for start in range(0, len(order), window):
        chunk = sorted(order[start:start + window], key=lambda i: lengths[i])
        out += [chunk[i:i + size] for i in range(0, len(chunk), size)]
    rng.shuffle(out)
    return out


def wide(*lengths):
    """The next multiple of eight, so that batches have few shapes."""
    return -(-max(lengths) // 8) * 8


def pad(rows, value=0, *, width):
    return torch.tensor([[*row, *[value] * (width - len(row))] for row in rows], dtype=torch.int32)
