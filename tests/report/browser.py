"""The report in a browser: what a reader sees and does, on a desktop, on a phone, in the dark and on paper.

    browser.py BATON WORK [SCREENSHOTS]

BATON is the program, WORK a folder for what is made, SCREENSHOTS one for pictures to look at.
"""

import json
import pathlib
import random
import re
import subprocess
import sys

from playwright.sync_api import expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
DESKTOP = {"width": 1360, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 568}
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BREAKOUT = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
# What a person still takes for at once, with room for a machine that is busy with other things.
SOON_MS = 5000


def baton(program, *arguments):
    subprocess.run([program, *map(str, arguments)], check=True, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def page_of_samples(program, work):
    baton(program, "local", "samples/documents", "--out", work / "samples")
    baton(program, "report", work / "samples")
    return work / "samples" / "report.html"


def enriched(name, text, mentions, day, title):
    """An enriched document as a stage writes it; mentions are (begin, end, entity, label)."""
    names = sorted({name for *_, name, _ in mentions})
    said = [{"entity": who, "sentence": 0, "begin": begin, "end": end, "label": label,
             "scores": {other: 0.9 if other == label else 0.05 for other in ("negative", "neutral", "positive")}}
            for begin, end, who, label in mentions]
    places = lambda who: [{"begin": b, "end": e, "text": text[b:e], "sentence": 0} for b, e, n, _ in mentions if n == who]
    return {"text": text, "title": title, "date": day, "offsetUnit": "codepoint", "sentences": [{"begin": 0, "end": len(text)}],
            "entities": [{"id": who, "name": who, "type": "ORG", "mentions": places(who)} for who in names],
            "annotations": {"sentiment": {"task": "sentiment", "model": {"name": "m", "digest": "sha256:0"}, "mentions": said,
                                          "entities": [], "counts": {"sentences": 1, "pairs": len(said), "tokens": 1, "windowed": 0}}},
            "lineage": [{"stage": "sentiment", "task": "sentiment", "model": "sha256:0", "input": {"bucket": "b", "key": name}}]}


def page_of_many(program, work, count):
    """Documents of a news text's length, with made-up names and dates."""
    dice = random.Random(7)
    folder = work / "many" / "sentiment"
    folder.mkdir(parents=True, exist_ok=True)
    companies = [f"Velmo {a}{b} Corp." for a in ("Al", "Be", "Ca", "Do", "Es", "Fa") for b in ("ton", "ram", "lin", "dor", "vik", "mund", "sel", "quar")]
    for i in range(count):
        text, mentions = "", []
        for _ in range(40):
            who = dice.choice(companies)
            text += "On Monday the shares of "
            mentions.append((len(text), len(text) + len(who), who, dice.choice(("negative", "neutral", "positive"))))
            text += who + " went where nobody had thought that they could go, and the board said so at length. "
        day = f"20{dice.randrange(22, 26)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
        document = enriched(f"{i:04}.json", text, mentions, day, f"Report {i:04} of the day")
        (folder / f"{i:04}.json.json").write_text(json.dumps(document))
    baton(program, "report", work / "many")
    return work / "many" / "report.html"


def page_of_hostile(program, work):
    folder = work / "hostile"
    folder.mkdir(parents=True, exist_ok=True)
    text = f"{BREAKOUT} lost. \u202eVelmo Velmo Corp. won. " + "Unbroken" * 200
    inner = text.index("Velmo Corp.")
    mentions = [(0, len(BREAKOUT), BREAKOUT, "negative"), (inner, inner + 11, "Velmo Corp.", "positive"), (inner, inner + 5, "Velmo", "negative"),
                (inner, inner + 11, "Velmo " * 60, "neutral")]
    document = enriched(f"{BREAKOUT}.json", text, mentions, "2026-03-12", BREAKOUT + "Unbroken" * 40)
    (folder / "a.json").write_text(json.dumps(document))
    baton(program, "report", folder)
    return folder / "report.html"


def page_of_extremes(program, work):
    """A document with as many mentions as one may have, and one of a day that no newspaper has."""
    folder = work / "extremes" / "sentiment"
    folder.mkdir(parents=True, exist_ok=True)
    text = "Velmo won. " * 70_000
    mentions = [(at, at + 5, "Velmo", "positive") for at in range(0, len(text), 11)]
    for name, document in (
        ("a.json", enriched("a.json", text, mentions, "2026-03-12", "All of them")),
        ("b.json", enriched("b.json", "Velmo lost.", [(0, 5, "Velmo", "negative")], "0001-01-01", "Of the first day")),
        ("c.json", enriched("c.json", "Velmo was.", [(0, 5, "Velmo", "neutral")], "9999-12-31", "Of the last day")),
    ):
        (folder / f"{name}.json").write_text(json.dumps(document))
    baton(program, "report", work / "extremes")
    return work / "extremes" / "report.html"


class Reader:
    """A browser tab that fails on any word in the console and on any request but the page's own."""

    def __init__(self, browser, file, viewport=DESKTOP, address="", **options):
        self.context = browser.new_context(viewport=viewport, locale="de-DE", **options)
        self.page = self.context.new_page()
        self.said = []
        self.page.on("console", lambda message: self.said.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        url = file.resolve().as_uri()
        self.page.on("request", lambda request: None if request.url.split("#")[0] == url or request.url.startswith("data:")
                     else self.said.append(f"request: {request.url}"))
        self.page.goto(url + address)

    def __enter__(self):
        return self.page

    def __exit__(self, kind, *_):
        if kind is None:
            assert not self.said, self.said
            assert self.page.evaluate("window.hacked") is None
        self.context.close()


def page_without_sentiment(program, work):
    """What `ner` and `classify` stages found; with fixtures' weights, which say nothing of the texts."""
    work = work / "labels"
    (work / "documents").mkdir(parents=True, exist_ok=True)
    (work / "documents" / "a.txt").write_text("Northwind Energy fell. Anna Kovac of Northwind Energy was not surprised.")
    (work / "documents" / "bad.json").write_text("{")
    stage = "[[stage]]\nname = {0!r}\ntask = {1!r}\nmodel = {2!r}\n".format
    models = [str(REPOSITORY / path) for path in ("model-fetch/models/ner", "tests/fixtures/models/bert_odd")]
    pipeline = "[pipeline]\nname = 'p'\n" + stage("ner", "ner", models[0]) + "next = ['topics']\n" + stage("topics", "classify", models[1])
    (work / "pipeline.toml").write_text(pipeline + "threshold = 0.001\n")
    subprocess.run([program, "local", work / "documents", "--out", work / "out"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    baton(program, "report", work / "out")
    return work / "out" / "report.html"


def fits(page):
    """Nothing is wider than the window."""
    wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1], f"{wide[0]} px on a window of {wide[1]} at {page.url}"


def test_an_entity_leads_to_its_sentences_and_a_sentence_to_its_document(browser, pages):
    with Reader(browser, pages["samples"]) as page:
        expect(page.locator("#lede")).to_contain_text("14 documents")
        expect(page.locator("#rows .row").first).to_contain_text("Northwind")
        page.get_by_role("link", name="R. J. Halloran").first.click()
        detail = page.locator("#detail")
        expect(detail.get_by_role("heading", level=2)).to_contain_text("R. J. Halloran")
        expect(detail.get_by_role("heading", name="Over time")).to_be_visible()
        against = detail.locator(".quotes").first
        expect(against.locator("mark").first).to_contain_text("Halloran")
        against.locator(".source a").last.click()
        here = page.locator(".m.here")
        expect(here).to_be_in_viewport()
        expect(page.get_by_role("tooltip")).to_contain_text("negative")
        expect(page.locator("#tab-documents")).to_have_attribute("aria-current", "page")
        page.go_back()
        expect(detail.get_by_role("heading", level=2)).to_contain_text("R. J. Halloran")


def test_without_sentiment_there_are_labels_and_the_most_mentioned(browser, pages):
    with Reader(browser, pages["labels"]) as page:
        expect(page.locator("#lede")).to_contain_text("1 document · 2 entities · 3 mentions · 1 rejected")
        detail = page.locator("#detail")
        expect(detail.get_by_role("heading", name="Labels of topics")).to_be_visible()
        expect(detail.locator(".label").first).to_contain_text("1 document")
        expect(detail.get_by_role("heading", name="Most mentioned")).to_be_visible()
        expect(detail.locator(".row").first).to_contain_text("Northwind Energy")
        page.locator("#tab-documents").click()
        page.locator("#rows .row").first.click()
        expect(detail.get_by_role("list", name="Labels of topics").locator(".label").first).to_contain_text("0.")
        fits(page)


def test_the_search_filters_names_and_texts_whatever_their_accents(browser, pages):
    with Reader(browser, pages["samples"]) as page:
        page.get_by_label("Search names and texts").fill("akerstrom")
        expect(page.locator("#rows .row").first).to_contain_text("Åkerström")
        entities = len(json.loads(page.locator("#data").text_content())["entities"])
        expect(page.locator("#tab-entities")).to_contain_text(f"1 of {entities}")
        page.locator("#tab-documents").click()
        rows = page.locator("#rows .row")
        count = page.locator("#tab-documents .count").inner_text()
        shown = int(count.removesuffix(" of 14"))
        assert 0 < shown < 14, count
        expect(rows).to_have_count(shown)
        page.get_by_label("Search names and texts").fill("no such words anywhere")
        expect(rows).to_have_count(0)
        page.get_by_label("Search names and texts").fill("")
        expect(rows).to_have_count(14)


def test_types_and_orders_can_be_chosen(browser, pages):
    with Reader(browser, pages["samples"]) as page:
        page.get_by_role("button", name="PER").click()
        kinds = page.locator("#rows .kind")
        assert set(kinds.all_inner_texts()) == {"PER"}
        page.get_by_label("Order").select_option("against")
        scores = [float(score.replace("−", "-").replace("±", "")) for score in page.locator("#rows .score").all_inner_texts()]
        assert scores == sorted(scores) and scores[0] < -0.5, scores


def test_a_document_opens_with_every_mention_marked_in_more_than_colour(browser, pages):
    with Reader(browser, pages["samples"], address="#/documents") as page:
        page.get_by_role("link", name="Regulator fines Northwind Energy").first.click()
        data = json.loads(page.locator("#data").text_content())
        document = next(d for d in data["documents"] if d["name"] == "energy/northwind-fined-over-blackout.json")
        text = page.locator("#detail .text")
        assert text.text_content() == document["text"]
        assert len(document["mentions"]) == sum(len(m.split()) for m in text.locator(".m").evaluate_all("all => all.map((m) => m.dataset.mentions)"))
        sign = "m => getComputedStyle(m, '::before').content"
        assert text.locator(".m.against").first.evaluate(sign) == '"−"'
        assert text.locator(".m.for").first.evaluate(sign) == '"+"'
        border = "m => getComputedStyle(m).borderBottomStyle"
        assert [text.locator(f".m.{c}").first.evaluate(border) for c in ("against", "neutral", "for")] == ["dashed", "dotted", "solid"]
        text.locator(".m.against").first.hover()
        tip = page.get_by_role("tooltip")
        expect(tip).to_be_visible()
        expect(tip).to_contain_text("0.")
        page.keyboard.press("Escape")
        expect(tip).to_be_hidden()


def test_all_of_it_works_from_the_keyboard(browser, pages):
    with Reader(browser, pages["samples"]) as page:
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the findings")).to_be_focused()
        page.keyboard.press("/")
        expect(page.get_by_label("Search names and texts")).to_be_focused()
        page.keyboard.type("halloran")
        expect(page.locator("#rows .row")).to_have_count(2)
        for _ in range(4):
            page.keyboard.press("Tab")
        expect(page.locator("#rows .row").first).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#detail")).to_be_focused()
        expect(page.locator("#detail h2")).to_contain_text("Halloran")


def test_whoever_hears_the_page_is_told_the_same(browser, pages):
    with Reader(browser, pages["samples"], address="#/documents/4") as page:
        unnamed = page.evaluate("""[...document.querySelectorAll('a, button, input, select, [role=img]')]
            .filter((e) => !(e.getAttribute('aria-label') || e.textContent).trim()).length""")
        assert unnamed == 0, f"{unnamed} without a name"
        label = page.locator(".m").first.get_attribute("aria-label")
        assert label and re.search(r"score [01]\.\d\d\)$", label), label
        assert page.locator("h1").count() == 1 and page.locator("main").count() == 1


def contrast(page, selector):
    """How much lighter or darker than what is behind it (WCAG), for the first of these elements."""
    return page.evaluate("""(selector) => {
        const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
        const pixel = (...colours) => {
            canvas.clearRect(0, 0, 1, 1);
            for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
        };
        const light = (rgb) => {
            const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const element = document.querySelector(selector);
        const behind = [];
        for (let e = element; e; e = e.parentElement) behind.unshift(getComputedStyle(e).backgroundColor);
        const [a, b] = [light(pixel(...behind)), light(pixel(...behind, getComputedStyle(element).color))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }""", selector)


def test_light_and_dark_are_readable(browser, pages):
    backgrounds = []
    for scheme in ("light", "dark"):
        with Reader(browser, pages["samples"], address="#/documents/4", color_scheme=scheme) as page:
            for selector in ("h1", "#lede", "#rows .about", ".against-word", ".for-word", ".neutral-word", ".text", ".m.against", ".m.for", "nav a"):
                assert contrast(page, selector) >= 4.5, f"{selector} in {scheme}: {contrast(page, selector):.1f}"
            backgrounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert backgrounds[0] != backgrounds[1]


def test_on_a_phone_nothing_is_cut_off_and_a_list_gives_way_to_what_was_chosen(browser, pages):
    for viewport in (PHONE, SMALLEST):
        for name in ("samples", "hostile"):
            for address in ("", "#/documents", "#/entities/0", "#/documents/0", "#/documents/0/1"):
                with Reader(browser, pages[name], viewport, address, has_touch=True, is_mobile=True) as page:
                    fits(page)
    with Reader(browser, pages["samples"], PHONE, has_touch=True, is_mobile=True) as page:
        page.locator("#rows .row").first.tap()
        expect(page.locator("#list")).to_be_hidden()
        expect(page.locator("#detail h2")).to_be_in_viewport()
        page.get_by_role("link", name="← All entities").tap()
        expect(page.locator("#rows .row").first).to_be_visible()
        page.locator("#tab-documents").tap()
        page.locator("#rows .row").first.tap()
        page.locator(".m").first.tap()
        expect(page.get_by_role("tooltip")).to_be_visible()
        fits(page)


def test_hostile_documents_are_shown_as_the_text_that_they_are(browser, pages):
    for address in ("", "#/entities/0", "#/entities/1", "#/entities/2", "#/documents/0", "#/documents/0/0"):
        with Reader(browser, pages["hostile"], address=address) as page:
            fits(page)
            assert page.locator("script").count() == 2 and page.locator("img").count() == 0
    with Reader(browser, pages["hostile"], address="#/documents/0") as page:
        expect(page.locator("#detail h2")).to_contain_text(BREAKOUT)
        expect(page.locator("#detail .text")).to_contain_text(f"{BREAKOUT} lost.")
        # Three mentions in one place are one mark that tells of all three.
        shared = page.locator(".m[data-mentions='1 2 3'], .m[data-mentions='1 2'], .m[data-mentions='2 3']").first
        shared.hover()
        expect(page.get_by_role("tooltip").locator(".who-name")).to_have_count(3)
    for address in ("#/entities/99", "#/documents/-1", "#/documents/0/99", "#/<img>", "#/entities/1e0"):
        with Reader(browser, pages["hostile"], address=address) as page:
            expect(page.locator("#rows .row").first).to_be_visible()


def test_a_document_of_very_many_mentions_opens(browser, pages):
    with Reader(browser, pages["extremes"]) as page:
        page.evaluate("location.hash = '#/documents/0'")
        expect(page.locator("#detail h2")).to_have_text("All of them", timeout=2 * SOON_MS)
        assert page.locator("#detail .m").count() == 70_000


def test_a_chart_leaves_no_mention_out_however_far_its_days_lie_apart(browser, pages):
    with Reader(browser, pages["extremes"]) as page:
        rows = page.locator("#detail figure tbody tr")
        expect(rows).to_have_count(3)
        expect(rows.nth(0)).to_have_text("0 to 990 positive, 0 neutral, 1 negative")
        expect(rows.nth(1)).to_have_text("2000 to 209970000 positive, 0 neutral, 0 negative")
        expect(rows.nth(2)).to_have_text("9900 to 99990 positive, 1 neutral, 0 negative")
        # Every unit, where dates begin and end.
        spans = page.evaluate("""() => [["9999-12-30", "9999-12-31"], ["9999-10-01", "9999-12-31"], ["9997-01-01", "9999-12-31"],
            ["9950-01-01", "9999-12-31"], ["9500-01-01", "9999-12-31"], ["0001-01-01", "0001-03-01"], ["2025-12-29", "2026-03-01"]].map((days) => {
              const { unit, of, label } = buckets(days);
              return [unit, of(days[1]) - of(days[0]) + 1, label(of(days[0])), label(of(days[1]))];
            })""")
        assert spans == [["day", 2, "30 December 9999", "31 December 9999"], ["week", 14, "week of 27 September 9999", "week of 27 December 9999"],
                         ["month", 36, "January 9997", "December 9999"], ["year", 50, "9950", "9999"],
                         ["decade", 50, "9500 to 9509", "9990 to 9999"], ["week", 9, "week of 1 January 1", "week of 26 February 1"],
                         ["week", 9, "week of 29 December 2025", "week of 23 February 2026"]], spans


def test_on_paper_there_is_what_was_chosen_and_no_controls(browser, pages):
    with Reader(browser, pages["samples"], address="#/documents/4") as page:
        page.emulate_media(media="print")
        for gone in ("#search", "nav", "#sort", ".turn"):
            expect(page.locator(gone)).to_be_hidden()
        box = page.locator("#detail").evaluate("d => [d.scrollHeight, d.clientHeight]")
        assert box[0] <= box[1] + 1, "all of the text is on the paper"
        assert len(page.pdf(print_background=True)) > 10_000


def test_a_thousand_documents_are_there_at_once_and_stay_quick(browser, pages):
    with Reader(browser, pages["many"]) as page:
        took = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        assert took < SOON_MS, f"{took:.0f} ms"
        expect(page.locator("#lede")).to_contain_text("1,000 documents")
        for address, ready in (("#/entities/0", "#detail .quotes"), ("#/documents", "#rows .row"), ("#/documents/999", "#detail .text")):
            before = page.evaluate("performance.now()")
            page.evaluate("address => { location.hash = address }", address)
            page.locator(ready).first.wait_for()
            took = page.evaluate("performance.now()") - before
            assert took < SOON_MS, f"{address}: {took:.0f} ms"
        page.get_by_label("Search names and texts").fill("report 0500")
        expect(page.locator("#rows .row")).to_have_count(1, timeout=SOON_MS)
        page.get_by_label("Search names and texts").fill("")
        more = page.get_by_role("button", name="Show more")
        more.click()
        assert page.locator("#rows .row").count() > 200


def pictures(browser, pages, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, viewport, address, scheme in (
        ("overview", DESKTOP, "", "light"), ("entity", DESKTOP, "#/entities/1", "light"), ("document", DESKTOP, "#/documents/3/4", "light"),
        ("dark", DESKTOP, "#/documents/4", "dark"), ("phone", PHONE, "", "light"), ("phone-entity", PHONE, "#/entities/1", "light"),
        ("phone-document", PHONE, "#/documents/3/4", "dark"),
    ):
        with Reader(browser, pages["samples"], viewport, address, color_scheme=scheme, device_scale_factor=2) as page:
            page.screenshot(path=folder / f"{name}.png")
    with Reader(browser, pages["many"]) as page:
        page.screenshot(path=folder / "many.png")


def main(program, work, screenshots=None):
    work = pathlib.Path(work)
    program = pathlib.Path(program).resolve()
    with sync_playwright() as playwright:
        pages = {"samples": page_of_samples(program, work), "many": page_of_many(program, work, 1000), "hostile": page_of_hostile(program, work),
                 "labels": page_without_sentiment(program, work), "extremes": page_of_extremes(program, work)}
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tests = [test for name, test in globals().items() if name.startswith("test_")]
        failed = 0
        for test in tests:
            try:
                test(browser, pages)
                print("ok    ", test.__name__)
            except Exception as error:  # each is told, none hides another
                failed += 1
                print("FAILED", test.__name__, "\n", error)
        if screenshots:
            pictures(browser, pages, pathlib.Path(screenshots))
        browser.close()
    print(f"{len(tests) - failed} of {len(tests)} passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
