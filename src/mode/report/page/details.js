// What is known of one entity, of one document, or of all.

const back = (view) => el("a", { class: "back", href: `#/${view}` }, `← All ${view}`);

/** The strongest sentences of all, an entity's best one each. */
function strongestOfAll(way) {
  const label = way === "against" ? 0 : 2;
  const best = data.entities.flatMap((entity) => entity[way].slice(0, 1));
  const score = ([doc, mention]) => data.documents[doc].mentions[mention][5][label];
  const seen = new Set();
  return best.sort((a, b) => score(b) - score(a)).filter(([doc, mention]) => {
    const sentence = `${doc} ${data.documents[doc].mentions[mention][3]}`;
    return !seen.has(sentence) && seen.add(sentence);
  }).slice(0, 3);
}

function overview() {
  const all = data.documents.flatMap((doc) => doc.mentions.map((mention, i) => [doc.index, i, mention]));
  const [against, inFavour] = [strongestOfAll("against"), strongestOfAll("for")];
  return [el("h2", {}, "All documents"), el("p", { class: "under" }, "Choose an entity or a document for more."), overTime(all),
    quotes("Strongest negative", against, true), quotes("Strongest positive", inFavour, true), labelCounts(),
    whole.score === null ? mostMentioned() : null];
}

/** What there is to say where no stage says what is negative or positive. */
const mostMentioned = () => (data.entities.length
  ? el("section", {}, el("h3", {}, "Most mentioned"), el("ol", { class: "rows" }, data.entities.slice(0, 10).map((entity) => row("entities", entity)))) : null);

function entityDetail(entity) {
  const mentions = mentionsOf(entity.index);
  const written = [...new Set(mentions.map(([doc, , m]) => data.documents[doc].text.slice(m[0], m[1])))].filter((words) => words !== entity.name);
  const documents = groups(mentions, ([doc]) => doc, ([, , mention]) => mention);
  const byCount = [...documents].sort(([a, x], [b, y]) => y.length - x.length || a - b);
  return [back("entities"), el("h2", {}, entity.name, entity.type ? el("span", { class: "kind" }, entity.type) : ""),
    el("p", { class: "under" }, count(entity.mentions, "mention"), " in ", count(entity.documents, "document"),
      written.length ? `, also as ${written.slice(0, 8).join(", ")}${written.length > 8 ? " …" : ""}` : ""),
    figures(entity.sum), overTime(mentions),
    quotes("Strongest against", entity.against), quotes("Strongest for", entity.for),
    el("h3", {}, "Documents"),
    el("ol", { class: "rows" }, byCount.slice(0, 100).map(([index, of]) => {
      const doc = data.documents[index], sum = tally(of);
      return el("li", {}, el("a", { class: "row", href: `#/documents/${index}/${doc.mentions.indexOf(of[0])}` },
        el("span", {}, el("span", { class: "name" }, titleOf(doc)), el("br"),
          el("span", { class: "about" }, doc.day ? `${day(doc.day)} · ` : "", count(of.length, "mention"))),
        share(sum), el("span", { class: `score ${tone(sum.score)}` }, signed(sum.score))));
    })),
    byCount.length > 100 ? el("p", { class: "nothing" }, `and ${count(byCount.length - 100, "more document")}`) : null];
}

/** The text in pieces: mentions that share a place are one piece. */
function text(doc) {
  const pieces = [];
  let at = 0, i = 0;
  while (i < doc.mentions.length) {
    let [begin, end] = doc.mentions[i];
    const here = [];
    for (; i < doc.mentions.length && (!here.length || doc.mentions[i][0] < end); i += 1) {
      here.push(i);
      end = Math.max(end, doc.mentions[i][1]);
    }
    pieces.push(doc.text.slice(at, begin), place(doc, here, begin, end));
    at = end;
  }
  pieces.push(doc.text.slice(at));
  return el("div", { class: "text", dir: "auto" }, pieces);
}

function place(doc, mentions, begin, end) {
  const most = mentions.reduce((a, b) => (strength(doc.mentions[b]) > strength(doc.mentions[a]) ? b : a));
  const [, , , , label, p] = doc.mentions[most];
  const said = mentions.map((i) => {
    const [, , entity, , l, probabilities] = doc.mentions[i];
    return data.entities[entity].name + (l === null ? "" : `, ${WORD[l]}, score ${points(probabilities[l])}`);
  });
  return el("a", {
    class: `m ${label === null ? "plain" : CLASS[label]}`, href: `#/documents/${doc.index}/${most}`, "data-mentions": mentions.join(" "),
    "aria-label": `${doc.text.slice(begin, end)} (${said.join("; ")})`, style: label === null ? {} : { "--score": p[label] },
  }, doc.text.slice(begin, end));
}
const strength = ([, , , , label, p]) => (label === null ? 0 : label === 1 ? p[1] / 10 : p[label]);

function documentDetail(doc) {
  const who = groups(doc.mentions, (mention) => mention[2]);
  const byCount = [...who].sort(([a, x], [b, y]) => y.length - x.length || a - b);
  const order = found("documents").sort(SORTS.documents[state.sort.documents][1]);
  const at = order.indexOf(doc);
  const turn = (other, word) => (other ? el("a", { href: `#/documents/${other.index}` }, word) : el("span", {}));
  return [back("documents"), el("h2", {}, titleOf(doc)),
    el("p", { class: "under" }, doc.day ? `${day(doc.day)} · ` : "", doc.name), figures(doc.sum), labelsOf(doc),
    el("ul", { class: "who", "aria-label": "Entities in this document" }, byCount.slice(0, 30).map(([entity, mentions]) => {
      const sum = tally(mentions);
      return el("li", {}, el("a", { href: `#/entities/${entity}` }, data.entities[entity].name, " ", el("span", { class: "n" }, String(mentions.length)),
        sum.score === null ? "" : el("span", { class: tone(sum.score) }, ` ${signed(sum.score)}`)));
    })),
    text(doc),
    at < 0 ? null : el("div", { class: "turn" }, turn(order[at - 1], "← Previous"), turn(order[at + 1], "Next →"))];
}

function showDetail() {
  const { view, one, mention } = state;
  const detail = $("detail");
  const wanted = one === null ? "overview" : `${view}/${one}`;
  if (detail.dataset.shows !== wanted) {
    detail.dataset.shows = wanted;
    const parts = one === null ? overview() : view === "entities" ? entityDetail(data.entities[one]) : documentDetail(data.documents[one]);
    detail.replaceChildren(...parts.flat().filter(Boolean));
    detail.scrollTop = 0;
  }
  for (const link of detail.querySelectorAll(".m.here")) link.classList.remove("here");
  if (mention === null) return;
  const link = [...detail.querySelectorAll(".m")].find((m) => m.dataset.mentions.split(" ").includes(String(mention)));
  if (!link) return;
  link.classList.add("here");
  bringIntoView(link);
  link.focus({ preventScroll: true });
  showTip(link);
}

/** Scrolls the details alone where they scroll by themselves, else the page. */
function bringIntoView(link) {
  const detail = $("detail");
  if (detail.scrollHeight > detail.clientHeight + 1 && getComputedStyle(detail).overflowY === "auto") {
    const offset = link.getBoundingClientRect().top - detail.getBoundingClientRect().top;
    detail.scrollTo({ top: detail.scrollTop + offset - detail.clientHeight / 3, behavior: "instant" });
  } else {
    link.scrollIntoView({ block: "center", behavior: "instant" });
  }
}
