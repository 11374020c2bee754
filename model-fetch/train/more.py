"""A teacher's opinion of further mentions, through Baton itself: those of the NER sets, and of sentences varied by varied.py.

    python more.py --data DATA --teacher RUN/epoch2 --out MORE.jsonl

A line is a mention: sentence, mention, begin, end (code points), type, the teacher's logits, and a label that is null.
"""

import argparse
import json
import math
import re
import subprocess
import tempfile
from pathlib import Path

import varied
from data import POLARITY, conll, generator, jsonl, spans

ROOT = Path(__file__).resolve().parents[2]
SETS = ["btc", "crossner_ai", "crossner_literature", "crossner_music", "crossner_politics", "crossner_science", "sec", "uner_ewt",
        "wikigold", "wnut17"]
TOGETHER = 100  # sentences of a document
LEAST = 2e-5    # of a chance: Baton writes four digits


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


def of_news(data):
    """The sentences of the sentiment data in parts, with all mentions known of them."""
    known = {}
    for row in jsonl(data / "sentiment/distill.jsonl"):
        end = row.get("end") or row["begin"] + len(row["mention"])
        known.setdefault(row["sentence"], []).append((row["begin"], end, row["type"] or "TARGET"))
    return [varied.parts(sentence, found) for sentence, found in known.items()]


def of_ner(data):
    """The sentences of the NER sets that name persons or organisations, in parts."""
    for name in SETS:
        for words, tags in conll(data / f"ner/{name}_train.conll"):
            sentence, places = text(words)
            found = [(places[start][0], places[end - 1][1], kind) for start, end, kind in spans(tags) if kind in ("PER", "ORG")]
            if 6 <= len(words) <= 100 and found:
                yield varied.parts(sentence, found)


def asked(found, most, rng):
    """A sentence of parts, and at most `most` of its mentions; few of places, which no one is asked about."""
    sentence, those = varied.mentions(found)
    those = [span for span in those if span[1] - span[0] > 1 and (span[2] != "LOC" or rng.random() < 0.3)]
    return sentence, sorted(rng.sample(those, min(most, len(those))))


def document(sentences):
    """A document of sentences with their mentions, each an entity named by its numbers."""
    whole, places, entities = "", [], []
    for n, (sentence, those) in enumerate(sentences):
        places.append({"begin": len(whole), "end": len(whole) + len(sentence)})
        for k, (begin, end, _) in enumerate(those):
            span = {"begin": len(whole) + begin, "end": len(whole) + end}
            entities.append({"id": f"{n} {k}", "name": sentence[begin:end], "mentions": [span]})
        whole += sentence + "\n"
    return {"text": whole, "sentences": places, "entities": entities}


def opinions(baton, teacher, sentences):
    """For each sentence, the teacher's logits of each of its mentions."""
    documents = [sentences[start:start + TOGETHER] for start in range(0, len(sentences), TOGETHER)]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "in").mkdir()
        for i, those in enumerate(documents):
            (folder / f"in/{i:06}.json").write_text(json.dumps(document(those)), encoding="utf-8")
        (folder / "pipeline.toml").write_text('[pipeline]\nname = "teacher"\n[[stage]]\nname = "teacher"\ntask = "sentiment"\n'
                                              f'precision = "int8"\nmodel = {json.dumps(str(teacher.resolve()))}\n')
        command = [baton, "local", folder / "in", "--out", folder / "out", "--pipeline", folder / "pipeline.toml"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for i, those in enumerate(documents):
            answer = json.loads((folder / f"out/teacher/{i:06}.json.json").read_text(encoding="utf-8"))
            logits = {mention["entity"]: [round(math.log(max(mention["scores"][p], LEAST)), 3) for p in POLARITY]
                      for mention in answer["annotations"]["teacher"]["mentions"]}
            for n, (_, spans_of) in enumerate(those):
                yield [logits.get(f"{n} {k}") for k in range(len(spans_of))]


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--data", type=Path, required=True)
    args.add_argument("--teacher", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--baton", type=Path, default=ROOT / "target/release/baton", help="the binary (make build)")
    args.add_argument("--news", type=int, default=7, help="variants of a sentence of the sentiment data")
    args.add_argument("--ner", type=int, default=2, help="variants of a sentence of the NER sets")
    args.add_argument("--most", type=int, default=4, help="mentions of one sentence that are asked about")
    args.add_argument("--seed", type=int, default=1)
    args = args.parse_args()
    if not args.baton.is_file():
        raise SystemExit(f"more.py: there is no {args.baton}; build it (make build), or give another with --baton")
    rng = generator(args.seed)
    neighbours = varied.Neighbours(args.teacher)
    news, ner = of_news(args.data), [*of_ner(args.data)]
    found = [*news, *ner]
    found += [varied.varied(one, news, neighbours, rng) for those, times in ((news, args.news), (ner, args.ner)) for one in those for _ in range(times)]
    sentences = [asked(one, args.most, rng) for one in found]
    sentences = [(sentence, those) for sentence, those in sentences if those]
    print(f"{len(sentences)} sentences, {sum(len(those) for _, those in sentences)} mentions", flush=True)
    rows = [dict(sentence=sentence, mention=sentence[begin:end], begin=begin, end=end, type=kind, logits=own, label=None)
            for (sentence, those), logits in zip(sentences, opinions(args.baton, args.teacher, sentences), strict=True)
            for (begin, end, kind), own in zip(those, logits, strict=True) if own]
    args.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    print(f"{len(rows)} rows", flush=True)


if __name__ == "__main__":
    main()
