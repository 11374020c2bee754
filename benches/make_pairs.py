"""Writes pairs.jsonl: sentence and mention pairs with the length distribution of news, about made-up names.

    python make_pairs.py > pairs.jsonl

Always the same file: the order of everything is drawn from a fixed seed. A sentence is a lead, a core and a number of
clauses that is drawn so that pairs have 38 tokens in the mean with a long tail, as sentences of news agencies do.
"""
import json
import random

COMPANIES = ["Quorvane", "Tessaly Pharma", "Ostara Foods", "Northwind Logistics", "Helvar Energy", "Brightmoor Bank",
             "Calder & Finch", "Marisol Airlines", "Zephyrix", "Dunmore Steel", "Aldera Semiconductors", "Pellucid Media",
             "Voss Automotive", "Kestrel Insurance", "Lumenfield", "Sandhaven Group", "Orrin Chemicals", "Tarn Retail"]
PERSONS = ["Mira Halvorsen", "Teodor Lasko", "Anneke Brandt", "Josué Arrieta", "Ruth Okonjo", "Pavel Dvorin", "Li Wenhua",
           "Sofia Castellane", "Henrik Aune", "Dr. Imogen Ashby", "Nadia Feroz", "Callum Reyes"]
LEADS = ["", "", "", "", "On Tuesday, ", "In a filing late on Friday, ", "After months of talks, ", "For the second year running, ",
         "According to three people familiar with the matter, ", "Despite the warnings of its own auditors, "]
CORES = ["{a} raised its forecast", "{a} missed expectations", "{a} said it would cut 1,400 jobs", "{a} won the contract",
         "{a} denied any wrongdoing", "shares of {a} fell 7.3%", "{a} apologised to customers", "{a} opened a plant in Gdynia",
         "regulators fined {a} €32 million", "{a} beat {b} to the deal", "analysts at {b} downgraded {a}",
         "{p} resigned as chief executive of {a}", "{p}, who founded {a}, praised the engineers", "{a} sued {b}",
         "{a} recalled 120,000 heaters", "{p} accused {a} of misleading investors", "{a} and {b} settled their dispute"]
CLAUSES = [" after a quarter that investors had written off", ", sending the stock to its lowest level since 2019",
           " while its rival {b} gained market share in the north", ", the first such step in more than a decade",
           ", according to a statement seen by two newspapers", " as demand for replacement parts kept growing",
           ", although {p} had promised the opposite in March", " because suppliers could not deliver on time",
           ", a decision that unions called short-sighted and unnecessary", " and warned that costs would rise by a tenth",
           ", which would leave the group with debts of about $4.1 billion", " in spite of a weak market for new homes",
           ", people who attended the meeting said on condition of anonymity", " to the relief of its creditors",
           ", adding that \"nobody should read too much into one month\"", " under an agreement that runs until 2031"]
ENDS = [".", ".", ".", ".", ".", "?", " …", "!", ", {p} told reporters.", ", the company said.", " (see page 4)."]


def pair(draw):
    a, b = draw.sample(COMPANIES, 2)
    names = {"a": a, "b": b, "p": draw.choice(PERSONS)}
    clauses = min(8, int(draw.lognormvariate(0.45, 0.75)))
    text = draw.choice(LEADS) + draw.choice(CORES) + "".join(draw.sample(CLAUSES, clauses)) + draw.choice(ENDS)
    text = text.format(**names)
    mentioned = [name for name in names.values() if name in text]
    return {"sentence": text[0].upper() + text[1:], "mention": draw.choice(mentioned)}


def main():
    draw = random.Random(6)
    for _ in range(600):
        print(json.dumps(pair(draw), ensure_ascii=False))


if __name__ == "__main__":
    main()
