"""Sentences to ask a teacher about: those of the data, and sentences made of them with other words, other names, names in
each other's place, a clause left out or put to another sentence's. What a variation means need not be known here: the
teacher is asked.

A sentence is a list of parts (text, kind): what stands between mentions has the kind None.
"""

import re

import torch
import torch.nn.functional as F

import loop
import names
from data import conll, spans

PRONOUNS = set("i he she it they we you his her hers its their our him them who whom us me my mine this that".split())
KEPT = set("""about above after again against also although among because been before being below between both cannot could does
doing down during each either ever from have having here himself herself into itself just less like many might more most much must
neither never none only other ours over same should since some such than that their theirs them themselves then there these they
this those though through under until upon very were what when where whether which while whom whose will with within without would
your yours""".split())
LONGEST = 400


def parts(sentence, spans):
    """The sentence as parts; `spans` are (begin, end, kind), and one that overlaps an earlier one is left out."""
    out, at = [], 0
    for begin, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if begin >= at:
            out += [(sentence[at:begin], None), (sentence[begin:end], kind)]
            at = end
    return [*out, (sentence[at:], None)]


def written(words):
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


def of_words(words, tags):
    """The parts of a sentence of tagged words; its mentions are the persons and organisations."""
    sentence, places = written(words)
    return parts(sentence, [(places[start][0], places[end - 1][1], kind) for start, end, kind in spans(tags) if kind in ("PER", "ORG")])


def of_rows(rows):
    """The sentences of rows with a mention each, in parts, with all mentions known of them."""
    known = {}
    for row in rows:
        known.setdefault(row["sentence"], []).append((row["begin"], row["end"], row.get("type") or "TARGET"))
    return {sentence: parts(sentence, spans) for sentence, spans in known.items()}


def of_ner(data):
    """The sentences of the NER sets that name persons or organisations, in parts."""
    files = sorted((data / "ner").glob("*_train.conll"))
    found = [of_words(words, tags) for file in files for words, tags in conll(file) if 6 <= len(words) <= 100]
    return [one for one in found if len(one) > 1]


def mentions(found):
    """The sentence of the parts, and its mentions as (begin, end, kind), the first of each name."""
    at, spans, seen = 0, [], set()
    for text, kind in found:
        if kind and text not in seen:
            seen.add(text)
            spans.append((at, at + len(text), kind))
        at += len(text)
    return "".join(text for text, _ in found), spans


class Neighbours:
    """For a word of a model's vocabulary, the words whose vectors are nearest to its own: kin, and opposites as well."""

    def __init__(self, model, most=12):
        vectors = next(value for name, value in loop.weights(model).items() if name.endswith("word_embeddings.weight"))
        vocabulary = loop.tokenizer(model).get_vocab()
        words = [(word, i) for word, i in vocabulary.items() if re.fullmatch("[a-z]{4,}", word) and word not in KEPT]
        self.place = {word: n for n, (word, _) in enumerate(words)}
        self.words = [word for word, _ in words]
        own = F.normalize(vectors[[i for _, i in words]].float().to(loop.DEVICE), dim=-1)
        self.near = torch.cat([(rows @ own.T).topk(most + 1).indices[:, 1:] for rows in own.split(1024)]).tolist()

    def other(self, word, rng):
        place = self.place.get(word.lower())
        if place is None:
            return word
        new = self.words[rng.choice(self.near[place])]
        return new.capitalize() if word[0].isupper() else new


def reworded(found, neighbours, rng, share):
    def word(match):
        return neighbours.other(match[0], rng) if rng.random() < share else match[0]

    return [(text if kind else re.sub(r"[A-Za-z]{4,}", word, text), kind) for text, kind in found]


def named(kind, rng):
    """A made-up name: for a person three times in four a person's, else two times in three an organisation's."""
    person = rng.random() < (0.75 if kind == "PER" else 0.35)
    return names.person(rng) if person else names.organisation(rng)


def renamed(found, rng):
    """One name replaced by a made-up one wherever it stands."""
    those = sorted({(text, kind) for text, kind in found if kind and text.lower() not in PRONOUNS})
    if not those:
        return found
    old, of = rng.choice(those)
    new = named(of, rng)
    return [(new if kind and text == old else text, kind) for text, kind in found]


def exchanged(found, rng):
    """Two names in each other's place."""
    those = sorted({text for text, kind in found if kind and text.lower() not in PRONOUNS})
    if len(those) < 2:
        return found
    a, b = rng.sample(those, 2)
    other = {a: b, b: a}
    return [(other.get(text, text), kind) if kind else (text, kind) for text, kind in found]


def halves(found, rng):
    """What stands before and after a comma, a semicolon, a dash or a conjunction; nothing, if there is none."""
    places = [(n, m) for n, (text, kind) in enumerate(found) if not kind
              for m in re.finditer(r"[,;:—–] | (?=(?:and|but|while|as|after|because) )", text)]
    if not places:
        return None
    n, match = rng.choice(places)
    text = found[n][0]
    return [*found[:n], (text[:match.start()], None)], [(text[match.end():], None), *found[n + 1:]]


def cut(found, rng):
    """One half of the sentence, if it names anyone."""
    first, second = halves(found, rng) or ([], [])
    those = [half for half in ([*first, (".", None)], second) if any(kind for _, kind in half) and length(half) > 25]
    return rng.choice(those) if those else found


def spliced(found, other, rng):
    """The sentence's first half and another's second."""
    first, second = halves(found, rng), halves(other, rng)
    if not first or not second:
        return found
    return [*first[0], (rng.choice((", ", ", ", " and ", ", but ", ", while ", "; ", " as ", ", which ")), None), *second[1]]


def length(found):
    return sum(len(text) for text, _ in found)


def joined(found, other, rng):
    """Another sentence before or after; what the one says of its names is not said of the other's."""
    first, second = (found, other) if rng.random() < 0.5 else (other, found)
    return [*first, (" ", None), *second]


def varied(found, others, neighbours, rng):
    """The parts after some of the variations, each by its own chance."""
    if rng.random() < 0.2:
        found = cut(found, rng)
    r, other = rng.random(), rng.choice(others)
    if r < 0.35 and length(found) + length(other) < LONGEST:
        found = spliced(found, other, rng) if r < 0.2 else joined(found, other, rng)
    if rng.random() < 0.3:
        found = exchanged(found, rng)
    if rng.random() < 0.35:
        found = renamed(found, rng)
    return reworded(found, neighbours, rng, rng.choice((0.0, 0.1, 0.2, 0.3, 0.4)))
