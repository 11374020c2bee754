"""The sentences of NewsMTSC's training set with all that they name: its targets with their labels, and the further names
that a tagger finds in them.

    python mentions.py --data DATA --tagger MODEL --out FILE

FILE, which `--mentions` of the trainings takes, has a mention a line: `gid` (of one of NewsMTSC's targets in the sentence),
`sentence`, `mention`, `begin`, `end` (code points), `label` (null for what the tagger found), `type` (null for targets).
DATA/sentiment/train.jsonl is NewsMTSC's.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

import torch
import torch.nn.functional as F

import loop
import ner
from data import POLARITY, TAGS, jsonl, likeliest, pad, spans, wide

SUREST = 0.6  # what the tags of a name must have as their mean chance at least


def names(sentences, folder):
    """Of each sentence, the names that the tagger in `folder` finds and is sure of: (begin, end, type)."""
    tok = ner.Tok(folder)
    model, _, missing = ner.tagger(folder)
    if missing:
        raise SystemExit(f"mentions: {folder} is no tagger: it lacks {', '.join(missing)}")
    words = [[match.span() for match in ner.WORD.finditer(sentence)] for sentence in sentences]
    coded = [ner.encode(tok, [sentence[begin:end] for begin, end in of]) for sentence, of in zip(sentences, words)]

    def collate(rows):
        width = wide(*(row[0] for row in rows))
        return dict(ids=pad([row[1] for row in rows], tok.pad, width=width), cases=pad([row[2] for row in rows], width=width),
                    mask=pad([[1] * row[0] for row in rows], width=width))

    def logits(batch):
        return model(input_ids=batch["ids"], token_type_ids=batch["cases"], attention_mask=loop.attention(batch["mask"])).logits.float()

    out = []
    said = loop.answers(logits, [(len(ids), ids, cases) for ids, cases, _ in coded], collate, whole=True)
    for of, (*_, owners), own in zip(words, coded, said):
        first = ner.first_pieces(owners)
        chances = F.softmax(torch.tensor(own), -1)[[first[word] for word in sorted(first)]]
        tags = likeliest(chances.log())
        sure = [float(row[TAGS.index(tag)]) for row, tag in zip(chances, tags)]
        out.append([(of[start][0], of[end - 1][1], kind) for start, end, kind in spans(tags) if sum(sure[start:end]) >= SUREST * (end - start)])
    return out


def further(sentence, found, targets):
    """Those of the names that are nothing that NewsMTSC has annotated, each once."""
    annotated = [span for target in targets for span in [target, *target.get("further_mentions", [])]]
    seen = {sentence[span["from"]:span["to"]].lower() for span in annotated}
    for begin, end, kind in found:
        name = sentence[begin:end]
        apart = all(end <= span["from"] or begin >= span["to"] for span in annotated)
        if apart and name.lower() not in seen and sum(map(str.isalpha, name)) > 1 and any(map(str.isupper, name)):
            seen.add(name.lower())
            yield begin, end, kind


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--data", type=Path, required=True)
    args.add_argument("--tagger", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args = args.parse_args()
    news, rows = jsonl(args.data / "sentiment/train.jsonl"), []
    for row, found in zip(news, names([row["sentence_normalized"] for row in news], args.tagger), strict=True):
        sentence, targets = row["sentence_normalized"], row["targets"]
        rows += [dict(gid=target.get("Input.gid") or row["primary_gid"], sentence=sentence, mention=target["mention"], begin=target["from"],
                      end=target["to"], label=POLARITY[int(target["polarity"]) // 2 - 1], type=None)
                 for target in targets if target.get("polarity") in (2.0, 4.0, 6.0)]
        rows += [dict(gid=row["primary_gid"], sentence=sentence, mention=sentence[begin:end], begin=begin, end=end, label=None, type=kind)
                 for begin, end, kind in further(sentence, found, targets)]
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    counts = Counter(row["type"] or "targets" for row in rows)
    print(f"{len(news)} sentences:", ", ".join(f"{count} {kind}" for kind, count in counts.most_common()))


if __name__ == "__main__":
    main()
