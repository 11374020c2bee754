#!/usr/bin/env python3
"""Scores a model on labelled data through the real binary (`baton local`): what a stage would write is what counts.

  make eval DATA=FILE [MODEL=DIR] [PRECISION=f32|int8]

FILE is one of
  .conll   a word a line and its tag in BIO, apart by a tab or blanks; what columns are between them is left out, as are
           lines of -DOCSTART-; sentences apart by an empty line (the task ner). The words are put together as
           running text has them; entities without a letter or a digit (the @ of a handle) don't count
  .jsonl   {"sentence_normalized", "targets": [{"from", "to", "polarity": 2 | 4 | 6}]}, as NewsMTSC has it, or
           {"sentence", "begin", "end", "label": "negative" | "neutral" | "positive"} (the task sentiment)
  .jsonl   {"text", "label": …} or {"text", "labels": […]} (the task classify, over the whole text)
Offsets count code points. Macro-F1 is the mean over the classes that the data has or that were found. Nothing but Python's
standard library is needed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
POLARITY = {2.0: "negative", 4.0: "neutral", 6.0: "positive"}
SENTIMENT = ["negative", "neutral", "positive"]
SCORED = {"ner": "names", "sentiment": "targets", "classify": "labels"}
# Where running text has no space before, or after, a word of a corpus.
CLOSES = {",", ".", ";", ":", "!", "?", ")", "]", "}", "%", "…", "”", "’", "n't", "n’t"}
OPENS = {"(", "[", "{", "$", "£", "€", "“", "‘", "@", "#"}


class Bad(Exception):
    """What is wrong with what was asked, for a person."""


def main():
    args = arguments()
    try:
        task, places, documents, gold = read(args.data)
        model = args.model or shipped(task)
        found = run(args, task, model, places, documents)
        scores = {"ner": spans_scores, "sentiment": target_scores, "classify": text_scores}[task](gold, found)
        scores["not_in_the_model"] = sorted(labels_of_data(task, gold) - labels_of_model(task, model, scores["classes"]))
    except Bad as wrong:
        sys.exit(f"eval: {wrong}")
    head = {"task": task, "data": args.data.name, "model": str(model), "precision": args.precision or "as stored"}
    print(json.dumps(head | scores, ensure_ascii=False) if args.json else shown(head, scores))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="FILE")
    parser.add_argument("--model", type=Path, help="its directory [default: the shipped one]")
    parser.add_argument("--precision", choices=["f32", "int8"], help="[default: what the model's files are made for]")
    parser.add_argument("--threshold", type=float, help="from which a multi-label model gives a label [default: 0.5]")
    parser.add_argument("--baton", type=Path, default=ROOT / "target/release/baton", help="the binary")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    return parser.parse_args()


def shipped(task):
    if task == "classify":
        raise Bad("none of the shipped models does what this data asks; name one with --model (MODEL=…)")
    return ROOT / "model-fetch/models" / task


# The data: a task, and where each document is from, as it goes in, and what it should give.


def read(path):
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Bad(f"{path}: {error}") from None
    if path.suffix == ".conll":
        rows = list(conll(text, path))
        task, document = "ner", conll_document
    elif path.suffix == ".jsonl":
        rows = list(json_lines(text, path))
        task, document = jsonl_kind(rows, path)
    else:
        raise Bad(f"{path}: data is .conll or .jsonl")
    if not rows:
        raise Bad(f"{path}: is empty")
    documents, gold = zip(*(at_line(document, row, path, line) for line, row in rows))
    if not any(gold):
        raise Bad(f"{path}: has no {SCORED[task]}, so there is nothing to score")
    return task, [f"{path}:{line}" for line, _ in rows], documents, gold


def labels_of_data(task, gold):
    """Those that a model may lack: without those of sentiment there is no run."""
    if task == "ner":
        return {kind for spans in gold for *_, kind in spans}
    return {label for labels in gold for label in labels} if task == "classify" else set()


def labels_of_model(task, model, otherwise):
    """What the model can find, by the names that Baton gives it; `otherwise` where its files don't say."""
    files = {name: json.loads((model / name).read_text(encoding="utf-8"))
             for name in ("config.json", "baton.json") if (model / name).is_file()}
    new = files.get("baton.json", {}).get("labels") or {}
    labels = [str(label) for label in (files["config.json"].get("id2label") or {}).values()]
    labels = [new.get(label, label) for label in labels] or otherwise
    if task == "ner":
        return {as_baton_has(label[2:] if label[:2] in ("B-", "I-") else label) for label in labels}
    return set(labels)


def json_lines(text, path):
    # Not splitlines(): a JSON string may hold other line breaks than \n.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise Bad(f"{path}:{number}: {error}") from None
            if not isinstance(row, dict):
                raise Bad(f"{path}:{number}: is no JSON object")
            yield number, row


def jsonl_kind(rows, path):
    if not rows:
        raise Bad(f"{path}: is empty")
    first = rows[0][1]
    if "targets" in first:
        return "sentiment", newsmtsc_document
    if "begin" in first:
        return "sentiment", mention_document
    if "text" in first and ("label" in first or "labels" in first):
        return "classify", text_document
    raise Bad(f"{path}:1: has neither targets, nor begin, nor text with label or labels")


def at_line(document, row, path, number):
    try:
        return document(row)
    except KeyError as key:
        raise Bad(f"{path}:{number}: {key} is missing, or has a value that isn't known") from None
    except TypeError as error:
        raise Bad(f"{path}:{number}: {error}") from None


def one_sentence(text, entities=()):
    return {"text": text, "sentences": [{"begin": 0, "end": len(text)}], "entities": list(entities)}


def about(text, targets):
    """A sentence with targets (begin, end, label), each an entity of its own."""
    for begin, end, _ in targets:
        if not isinstance(begin, int) or not isinstance(end, int):
            raise TypeError(f"a target at {begin!r} to {end!r}; offsets are whole numbers")
    entities = [
        {"id": str(i), "name": text[begin:end], "mentions": [{"begin": begin, "end": end}]}
        for i, (begin, end, _) in enumerate(targets)
    ]
    return one_sentence(text, entities), [label for *_, label in targets]


def newsmtsc_document(row):
    targets = [(target["from"], target["to"], POLARITY[target["polarity"]]) for target in row["targets"]]
    return about(row["sentence_normalized"], targets)


def mention_document(row):
    return about(row["sentence"], [(row["begin"], row["end"], {label: label for label in SENTIMENT}[row["label"]])])


def text_document(row):
    key, labels = ("labels", row["labels"]) if "labels" in row else ("label", [row["label"]])
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise TypeError(f"{key!r} is {json.dumps(row[key])}; labels are strings")
    if not isinstance(row["text"], str):
        raise TypeError(f"'text' is {json.dumps(row['text'])}, no string")
    return {"text": row["text"]}, labels


def conll(text, path):
    """Sentences of (word, tag), each with the number of its first line."""
    words = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        line = line.rstrip()
        if line and not line.startswith("-DOCSTART-"):
            word, *others = line.split("\t") if "\t" in line else line.split()
            tag = others[-1] if others else ""
            if not word or not (tag == "O" or (tag[:2] in ("B-", "I-") and tag[2:])):
                raise Bad(f"{path}:{number}: {line!r} is no word and a tag in BIO, apart by a tab or blanks")
            words.append((word, tag))
        elif words:
            yield number - len(words), words
            words = []


def conll_document(words):
    """The sentence as running text has it, and its entities (begin, end, type)."""
    text, places = "", []
    for i, (word, _) in enumerate(words):
        clitic = len(word) > 1 and word[0] in "'’" and word[1:].isalpha()
        if text and not (word in CLOSES or clitic or words[i - 1][0] in OPENS):
            text += " "
        places.append((len(text), len(text) + len(word)))
        text += word
    spans = [(places[a][0], places[b - 1][1], as_baton_has(kind)) for a, b, kind in entities(words)]
    # Some corpora of tweets tag the @ of a handle, apart from the handle: no name, and nothing that Baton would give.
    return one_sentence(text), [span for span in spans if any(map(str.isalnum, text[span[0] : span[1]]))]


def as_baton_has(kind):
    """A corpus's type by the name that Baton writes: some models, and corpora, call persons otherwise."""
    return "PER" if kind.upper() == "PERSON" else kind


def entities(words):
    """(first word, word after the last, type); an I- with nothing of its type before it begins one."""
    start, kind = 0, None
    for i, tag in enumerate([tag for _, tag in words] + ["O"]):
        if kind and tag != "I-" + kind:
            yield start, i, kind
            kind = None
        if tag != "O" and not kind:
            start, kind = i, tag[2:]


# The run: documents through the binary, and what it found in each.


def run(args, task, model, places, documents):
    if not args.baton.is_file():
        raise Bad(f"there is no {args.baton}; build it first (make build), or give another with --baton")
    with tempfile.TemporaryDirectory(prefix="baton-eval-") as folder:
        folder = Path(folder)
        (folder / "in").mkdir()
        for i, document in enumerate(documents):
            (folder / "in" / f"{i:06}.json").write_text(json.dumps(document), encoding="utf-8")
        (folder / "pipeline.toml").write_text(pipeline(args, task, model), encoding="utf-8")
        command = [args.baton.resolve(), "local", folder / "in", "--out", folder / "out", "--pipeline", folder / "pipeline.toml"]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise Bad(f"{args.baton} can't be run: {error.strerror}") from None
        if rejected := list(rejections(folder / "out/rejected/eval", places)):
            raise Bad("\n  ".join([f"baton local: {len(rejected)} rejected:", *rejected[:10]]))
        if ran.returncode:
            raise Bad(f"baton local ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}".rstrip())
        outputs = [folder / "out/eval" / f"{i:06}.json.json" for i in range(len(documents))]
        return [FOUND[task](json.loads(output.read_text(encoding="utf-8"))) for output in outputs]


def rejections(folder, places):
    """What Baton says of the documents that it rejected, and where the data has them."""
    for record in sorted(folder.glob("*.json")):
        why = json.loads(record.read_text(encoding="utf-8"))
        yield f"{places[int(record.name.partition('.')[0])]}: {why['reason']}: {why['message']}"


def pipeline(args, task, model):
    lines = ["[pipeline]", 'name = "eval"', "[[stage]]", 'name = "eval"', f'task = "{task}"']
    # A JSON string is a TOML string.
    lines.append(f"model = {json.dumps(str(model.resolve()))}")
    if task == "classify":
        lines.append('over = "document"')
    if args.precision:
        lines.append(f'precision = "{args.precision}"')
    if args.threshold is not None:
        lines.append(f"threshold = {args.threshold}")
    return "\n".join(lines) + "\n"


def found_spans(document):
    return [(m["begin"], m["end"], e["type"]) for e in document["entities"] for m in e["mentions"]]


def found_targets(document):
    """Each target's label, and its probability."""
    found = {m["entity"]: (m["label"], m["scores"][m["label"]]) for m in document["annotations"]["eval"]["mentions"]}
    return [found.get(entity["id"], (None, None)) for entity in document["entities"]]


def found_labels(document):
    """A text's labels, and the probability of the first."""
    answer = document["annotations"]["eval"]["document"] or {}
    labels = answer.get("labels", [answer["label"]] if "label" in answer else [])
    return labels, answer["scores"][labels[0]] if labels else None


FOUND = {"ner": found_spans, "sentiment": found_targets, "classify": found_labels}


# The scores, in percent.


def spans_scores(gold, found):
    """Whole entities of the right type at the right place, for the types that the data has."""
    kinds = sorted({kind for spans in gold for *_, kind in spans})
    counts = {kind: Counter() for kind in kinds}
    for expected, answered in zip(gold, found):
        count(counts, set(expected), set(answered), lambda span: span[2])
    others = Counter(kind for spans in found for *_, kind in spans if kind not in counts)
    return {
        "items": "sentences",
        "n": len(gold),
        **per_class(counts),
        "confusion": types_confusion(kinds, gold, found),
        "not_in_the_data": dict(sorted(others.items())),
    }


def types_confusion(kinds, gold, found):
    """What stands at a place by the data, and by what was found there; nothing, too."""
    pairs = Counter()
    for expected, answered in zip(gold, found):
        right = {(begin, end): kind for begin, end, kind in expected}
        here = {(begin, end): kind for begin, end, kind in answered if kind in kinds}
        pairs.update((right.get(place, "nothing"), here.get(place, "nothing")) for place in {*right, *here})
    return {row: {column: pairs[row, column] for column in [*kinds, "nothing"]} for row in [*kinds, "nothing"]}


def target_scores(gold, found):
    those = [one for expected, answered in zip(gold, found) for one in zip(expected, answered, strict=True)]
    return {"items": "targets", **single([(expected, *answer) for expected, answer in those], SENTIMENT)}


def text_scores(gold, found):
    if all(len(labels) == 1 for labels in (*gold, *(labels for labels, _ in found))):
        those = [(expected[0], answered[0], probability) for expected, (answered, probability) in zip(gold, found)]
        return {"items": "texts", **single(those, sorted({label for one in those for label in one[:2]}))}
    found = [labels for labels, _ in found]
    labels = sorted({label for labels in (*gold, *found) for label in labels})
    counts = {label: Counter() for label in labels}
    for expected, answered in zip(gold, found):
        count(counts, set(expected), set(answered), lambda label: label)
    exact = sum(set(expected) == set(answered) for expected, answered in zip(gold, found))
    return {"items": "texts", "n": len(gold), "all_labels_right": percent(exact, len(gold)), **per_class(counts)}


def single(those, labels):
    """Scores where every item has one label; of each: the right one, the one found and its probability."""
    pairs = [(expected, answered) for expected, answered, _ in those]
    counts = {label: Counter() for label in labels}
    for expected, answered in pairs:
        count(counts, {expected}, {answered}, lambda label: label)
    right = sum(expected == answered for expected, answered in pairs)
    confusion = Counter(pairs)
    return {
        "n": len(pairs),
        "accuracy": percent(right, len(pairs)),
        **how_sure(those),
        **per_class(counts),
        "confusion": {gold: {found: confusion[gold, found] for found in labels} for gold in labels},
    }


def how_sure(those):
    """The mean probability of what was found: above the accuracy, the model is too sure of itself. And how far it is from how
    often that is right, in points: the mean over ten ranges of probability, each by how many are in it."""
    answers = [(expected == answered, probability) for expected, answered, probability in those if answered is not None]
    apart = Counter()
    for right, probability in answers:
        apart[min(9, int(10 * probability))] += probability - right
    return {
        "mean_probability": percent(sum(probability for _, probability in answers), len(answers)),
        "calibration_error": percent(sum(map(abs, apart.values())), len(answers)),
    }


def count(counts, expected, answered, kind):
    for item in expected:
        counts[kind(item)]["gold"] += 1
        counts[kind(item)]["right"] += item in answered
    for item in answered:
        if kind(item) in counts:
            counts[kind(item)]["found"] += 1


def per_class(counts):
    classes = {label: f1(c) for label, c in counts.items()}
    # Of a class that is neither in the data nor found there is no F1.
    there = [scores["f1"] for scores in classes.values() if scores["gold"] or scores["found"]]
    return {"macro_f1": round(sum(there) / len(there), 2), "micro": f1(sum(counts.values(), Counter())), "classes": classes}


def f1(c):
    return {
        "precision": percent(c["right"], c["found"]),
        "recall": percent(c["right"], c["gold"]),
        "f1": percent(2 * c["right"], c["found"] + c["gold"]),
        "gold": c["gold"],
        "found": c["found"],
    }


def percent(part, whole):
    return round(100 * part / whole, 2) if whole else 0.0


def shown(head, scores):
    lines = ["{task} on {data}: {0} {1}, model {model}, {precision}".format(scores["n"], scores["items"], **head)]
    measures = [("macro-F1", scores["macro_f1"]), ("micro-F1", scores["micro"]["f1"])]
    measures += [(name, scores[key]) for name, key in [("accuracy", "accuracy"), ("all labels right", "all_labels_right"),
                                                       ("mean probability", "mean_probability"), ("calibration error", "calibration_error")]
                 if key in scores]
    lines.append("  ".join(f"{name} {value:.2f}" for name, value in measures))
    width = max(map(len, ["micro", *scores["classes"]]))
    lines.append(f"{'':{width}}  precision  recall      F1   gold  found")
    for label, row in [*scores["classes"].items(), ("micro", scores["micro"])]:
        lines.append(f"{label:{width}}  {row['precision']:9.2f} {row['recall']:7.2f} {row['f1']:7.2f} {row['gold']:6} {row['found']:6}")
    if "confusion" in scores:
        columns = list(scores["confusion"])
        lines.append("rows: what the data says; columns: what was found")
        lines.append(f"{'':{width}}  " + " ".join(f"{column:>{max(6, len(column))}}" for column in columns))
        for label, row in scores["confusion"].items():
            lines.append(f"{label:{width}}  " + " ".join(f"{row[c]:{max(6, len(c))}}" for c in columns))
    if scores.get("not_in_the_data"):
        others = ", ".join(f"{n} {kind}" for kind, n in scores["not_in_the_data"].items())
        lines.append(f"left out, since the data has no such types: {others}")
    if scores["not_in_the_model"]:
        lines.append(f"never found, since the model has no such labels: {', '.join(scores['not_in_the_model'])}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
