"use strict";
// Shows what is asked for of the findings that stand in the page. Whatever comes from a document becomes text and
// never markup: elements are made by `el` alone.

const data = JSON.parse(document.getElementById("data").textContent);
const SIGN = ["−", "·", "+"];
const WORD = ["negative", "neutral", "positive"];
const CLASS = ["against", "neutral", "for"];
const CHUNK = 40;
const QUOTED = 280;
const $ = (id) => document.getElementById(id);

/** An element: text, elements, or lists of them go in; an attribute that is null or false is left out. */
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "style") for (const [key, v] of Object.entries(value)) made.style.setProperty(key, v);
    else if (name === "click") made.addEventListener("click", value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

// ---- words and numbers

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const count = (n, one, many) => `${n.toLocaleString("en-GB")} ${n === 1 ? one : many ?? `${one}s`}`;
const percent = (x) => `${Math.round(x * 100)}%`;
const signed = (x) => (x === null ? "" : `${x >= 0.005 ? "+" : x <= -0.005 ? "−" : "±"}${Math.abs(x).toFixed(2)}`);
const tone = (x) => (x === null || Math.abs(x) < 0.05 ? "neutral-word" : x < 0 ? "against-word" : "for-word");
const day = (iso, options) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "long", year: "numeric", ...options })
    .format(new Date(`${iso}T00:00:00Z`));
const titleOf = (doc) => doc.title || doc.name;

// ---- what is counted once

/** How many of some mentions are negative, neutral, positive; and the mean of positive minus negative. */
function tally(mentions) {
  const sum = { against: 0, neutral: 0, for: 0, score: null, mentions: mentions.length };
  let scores = 0, scored = 0;
  for (const [, , , , label, p] of mentions) {
    if (label === null) continue;
    sum[CLASS[label]] += 1;
    scores += p[2] - p[0];
    scored += 1;
  }
  if (scored) sum.score = scores / scored;
  return sum;
}

data.documents.forEach((doc, index) => {
  doc.index = index;
  doc.sum = tally(doc.mentions);
});
data.entities.forEach((entity, index) => {
  entity.index = index;
  entity.sum = { against: entity.negative, neutral: entity.neutral, for: entity.positive, score: entity.score, mentions: entity.mentions };
});

/** An entity's mentions, by document. */
const mentionsOf = (() => {
  let all = null;
  return (entity) => {
    if (!all) {
      all = data.entities.map(() => []);
      for (const doc of data.documents) {
        doc.mentions.forEach((mention, i) => all[mention[2]].push([doc.index, i, mention]));
      }
    }
    return all[entity];
  };
})();

// ---- parts

function share(sum, big) {
  const parts = [["against", sum.against], ["neutral", sum.neutral], ["for", sum.for]].filter(([, n]) => n > 0);
  const said = `${sum.against} negative, ${sum.neutral} neutral, ${sum.for} positive`;
  if (!parts.length) return el("span", {});
  return el("span", { class: big ? "share big" : "share", role: "img", "aria-label": said, title: said },
    parts.map(([name, n]) => el("span", { class: name, style: { flex: `${n} 1 0` } })));
}

const key = (sum) => el("div", { class: "totals-key", "aria-hidden": "true" },
  [["against", 0], ["neutral", 1], ["for", 2]].map(([name, label]) =>
    el("span", { class: `${name}-word` }, el("span", { class: "sign" }, SIGN[label]), ` ${count(sum[name], WORD[label], WORD[label])}`)));

function figures(sum) {
  if (sum.score === null) return null;
  return el("div", { class: "figures" }, share(sum, true),
    el("span", { class: `score ${tone(sum.score)}`, title: "mean of positive minus negative, from −1 to +1" }, signed(sum.score)), key(sum));
}

/** A mention's sentence, the mention in it marked; `named` says whose it is. */
function quote(docIndex, mentionIndex, named) {
  const doc = data.documents[docIndex];
  const [begin, end, entity, sentence, label, p] = doc.mentions[mentionIndex];
  const [from, to] = sentence === null ? [begin, end] : doc.sentences[sentence];
  // A sentence may be a whole table: what stands around the mention is enough.
  const [start, stop] = [Math.max(from, begin - QUOTED), Math.min(Math.max(to, end), end + QUOTED)];
  const href = `#/documents/${docIndex}/${mentionIndex}`;
  const about = named ? [", about ", el("a", { href: `#/entities/${entity}` }, data.entities[entity].name)] : [];
  return el("li", {},
    el("span", { class: `sign ${CLASS[label]}-word`, "aria-label": WORD[label] }, SIGN[label]),
    el("blockquote", {}, start > from ? "…" : "", doc.text.slice(start, begin), el("mark", {}, doc.text.slice(begin, end)), doc.text.slice(end, stop), stop < to ? "…" : ""),
    el("p", { class: "source" }, `${percent(p[label])} sure`, about, named ? " in " : ", in ",
      el("a", { href }, titleOf(doc))));
}

const quotes = (title, places, named) => places.length
  ? el("section", {}, el("h3", {}, title), el("ol", { class: "quotes" }, places.map(([doc, mention]) => quote(doc, mention, named)))) : null;

/** Days into bars of a day, a week, a month or a year, so that there are not too many. */
function buckets(days) {
  const [first, last] = [days[0], days[days.length - 1]];
  const span = (Date.parse(last) - Date.parse(first)) / 864e5;
  if (span <= 45) return { unit: "day", of: (d) => d, next: (d) => shift(d, 1) };
  if (span <= 400) return { unit: "week", of: (d) => shift(d, -((new Date(d).getUTCDay() + 6) % 7)), next: (d) => shift(d, 7) };
  if (span <= 4000) {
    return { unit: "month", of: (d) => `${d.slice(0, 7)}-01`, next: (d) => `${shift(`${d.slice(0, 7)}-28`, 4).slice(0, 7)}-01` };
  }
  return { unit: "year", of: (d) => `${d.slice(0, 4)}-01-01`, next: (d) => `${String(Number(d.slice(0, 4)) + 1).padStart(4, "0")}-01-01` };
}
const shift = (iso, days) => new Date(Date.parse(iso) + days * 864e5).toISOString().slice(0, 10);

/** Mentions over time, for documents that say when they are of; nothing where that is one day or none. */
function chart(mentions) {
  const dated = mentions.filter(([doc, , m]) => data.documents[doc].day !== null && m[4] !== null);
  const days = [...new Set(dated.map(([doc]) => data.documents[doc].day))].sort();
  if (days.length < 2) return null;
  const { unit, of, next } = buckets(days);
  const bars = new Map();
  const end = of(days[days.length - 1]);
  for (let d = of(days[0]); d <= end && bars.size < 500; d = next(d)) bars.set(d, { against: 0, neutral: 0, for: 0 });
  for (const [doc, , m] of dated) {
    const bar = bars.get(of(data.documents[doc].day));
    if (bar) bar[CLASS[m[4]]] += 1;
  }
  const all = [...bars];
  const top = Math.max(...all.map(([, b]) => b.for)), bottom = Math.max(...all.map(([, b]) => b.against));
  const whole = top + bottom || 1;
  const height = (n, most) => `${most ? (n / most) * 100 : 0}%`;
  const label = (d) => (unit === "week" ? `week of ${day(d)}` : unit === "month" ? day(d, { day: undefined }) : unit === "year" ? d.slice(0, 4) : day(d));
  const said = (b) => `${b.for} positive, ${b.neutral} neutral, ${b.against} negative`;
  return el("figure", { style: { "max-width": `max(18rem, ${all.length * 3}rem)` } },
    el("div", { class: "chart", "aria-hidden": "true", style: { "--above": `${(top / whole) * 100}%`, "--below": `${(bottom / whole) * 100}%` } },
      all.map(([d, b]) => el("div", { title: `${label(d)}: ${said(b)}` },
        el("span", { class: "up", style: { height: height(b.for, top) } }),
        el("span", { class: "down", style: { height: height(b.against, bottom) } })))),
    el("div", { class: "ticks", "aria-hidden": "true" }, el("span", {}, day(days[0])), el("span", {}, day(days[days.length - 1]))),
    el("figcaption", { class: "chart-key" }, `Mentions by ${unit}: positive above the line (${top} at most), negative below it (${bottom} at most).`),
    el("div", { class: "hidden" }, el("table", {}, el("caption", {}, `Mentions by ${unit}`),
      el("tbody", {}, all.filter(([, b]) => b.for + b.neutral + b.against).map(([d, b]) => el("tr", {}, el("th", { scope: "row" }, label(d)), el("td", {}, said(b))))))));
}

const overTime = (mentions) => {
  const drawn = chart(mentions);
  return drawn && el("section", {}, el("h3", {}, "Over time"), drawn);
};

// ---- the lists

const state = { view: "entities", one: null, mention: null, query: "", kinds: new Set(), sort: { entities: "mentions", documents: "day" }, shown: CHUNK };
const byScore = (a, b) => (a.sum.score ?? 9) - (b.sum.score ?? 9);
const SORTS = {
  entities: {
    mentions: ["Most mentions", (a, b) => a.index - b.index],
    documents: ["Most documents", (a, b) => b.documents - a.documents || a.index - b.index],
    against: ["Most negative", (a, b) => byScore(a, b) || a.index - b.index],
    for: ["Most positive", (a, b) => (b.sum.score ?? -9) - (a.sum.score ?? -9) || a.index - b.index],
    name: ["Name", (a, b) => a.name.localeCompare(b.name, "en")],
  },
  documents: {
    day: ["Newest", (a, b) => (b.day ?? "").localeCompare(a.day ?? "") || a.index - b.index],
    against: ["Most negative", (a, b) => byScore(a, b) || a.index - b.index],
    for: ["Most positive", (a, b) => (b.sum.score ?? -9) - (a.sum.score ?? -9) || a.index - b.index],
    mentions: ["Most mentions", (a, b) => b.mentions.length - a.mentions.length || a.index - b.index],
    name: ["Name", (a, b) => a.index - b.index],
  },
};

const matches = {
  entities: (entity) => (entity.plain ??= plain(entity.name)).includes(state.query),
  documents: (doc) => (doc.plain ??= plain(`${doc.title ?? ""}\n${doc.name}\n${doc.text}`)).includes(state.query),
};
function found(view) {
  const kinds = view === "entities" && state.kinds.size ? state.kinds : null;
  return data[view].filter((item) => (!kinds || kinds.has(item.type)) && (!state.query || matches[view](item)));
}

function row(view, item) {
  const about = view === "entities"
    ? [count(item.mentions, "mention"), " in ", count(item.documents, "document")]
    : [item.day ? `${day(item.day, { month: "short" })} · ` : "", count(item.mentions.length, "mention"), item.title ? el("span", { class: "path" }, ` · ${item.name}`) : ""];
  return el("li", {}, el("a", { class: "row", href: `#/${view}/${item.index}`, "data-index": item.index },
    el("span", {}, el("span", { class: "name" }, view === "entities" ? item.name : titleOf(item)), item.type ? el("span", { class: "kind" }, item.type) : "",
      el("br"), el("span", { class: "about" }, about)),
    share(item.sum),
    el("span", { class: `score ${tone(item.sum.score)}` }, signed(item.sum.score))));
}

const kinds = [...new Set(data.entities.map((entity) => entity.type))].filter(Boolean).sort();

function controls(view) {
  const chips = view === "entities" && kinds.length > 1 ? kinds.map((kind) => el("button", {
    type: "button", "aria-pressed": String(state.kinds.has(kind)),
    click: (event) => {
      if (!state.kinds.delete(kind)) state.kinds.add(kind);
      event.currentTarget.setAttribute("aria-pressed", String(state.kinds.has(kind)));
      state.shown = CHUNK;
      showRows();
    },
  }, kind)) : [];
  const sort = el("select", { id: "sort", "aria-label": "Order" },
    Object.entries(SORTS[view]).map(([name, [word]]) => el("option", { value: name, selected: state.sort[view] === name }, word)));
  sort.addEventListener("change", () => {
    state.sort[view] = sort.value;
    state.shown = CHUNK;
    showRows();
  });
  return el("div", { class: "controls" }, el("div", { class: "chips", role: "group", "aria-label": "Types" }, chips), sort);
}

function showList() {
  const list = $("list");
  if (list.dataset.view !== state.view) {
    list.dataset.view = state.view;
    list.setAttribute("aria-label", state.view === "entities" ? "Entities" : "Documents");
    list.replaceChildren(controls(state.view), el("div", { id: "rows" }));
    state.shown = CHUNK;
    showRows();
  }
  showCurrent();
}

function showRows() {
  const items = found(state.view).sort(SORTS[state.view][state.sort[state.view]][1]);
  const rest = items.length - state.shown;
  $("rows").replaceChildren(
    items.length ? el("ol", { class: "rows" }, items.slice(0, state.shown).map((item) => row(state.view, item)))
      : el("p", { class: "nothing" }, "Nothing here has that in it."),
    rest > 0 ? el("button", { type: "button", class: "more", click: () => { state.shown += 5 * CHUNK; showRows(); } }, `Show more (${rest.toLocaleString("en-GB")})`) : "");
  for (const view of ["entities", "documents"]) {
    const [all, some] = [data[view].length, found(view).length];
    $(`tab-${view}`).querySelector(".count").textContent = some === all ? all.toLocaleString("en-GB") : `${some} of ${all}`;
  }
  showCurrent();
}

function showCurrent() {
  for (const link of document.querySelectorAll("#rows .row")) {
    if (Number(link.dataset.index) === state.one) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  for (const view of ["entities", "documents"]) {
    if (view === state.view) $(`tab-${view}`).setAttribute("aria-current", "page");
    else $(`tab-${view}`).removeAttribute("aria-current");
  }
}

// ---- the details

const back = (view) => el("a", { class: "back", href: `#/${view}` }, `← All ${view}`);

/** The strongest sentences of all, an entity's best one each. */
function strongestOfAll(way) {
  const label = way === "against" ? 0 : 2;
  const best = data.entities.flatMap((entity) => entity[way].slice(0, 1));
  const sure = ([doc, mention]) => data.documents[doc].mentions[mention][5][label];
  const seen = new Set();
  return best.sort((a, b) => sure(b) - sure(a)).filter(([doc, mention]) => {
    const sentence = `${doc} ${data.documents[doc].mentions[mention][3]}`;
    return !seen.has(sentence) && seen.add(sentence);
  }).slice(0, 3);
}

function overview() {
  const all = data.documents.flatMap((doc) => doc.mentions.map((mention, i) => [doc.index, i, mention]));
  const [against, inFavour] = [strongestOfAll("against"), strongestOfAll("for")];
  return [el("h2", {}, "All documents"), el("p", { class: "under" }, "Choose an entity or a document for more."), overTime(all),
    quotes("Most surely negative", against, true), quotes("Most surely positive", inFavour, true)];
}

function entityDetail(entity) {
  const mentions = mentionsOf(entity.index);
  const written = [...new Set(mentions.map(([doc, , m]) => data.documents[doc].text.slice(m[0], m[1])))].filter((words) => words !== entity.name);
  const documents = new Map();
  for (const [doc, , mention] of mentions) documents.set(doc, [...documents.get(doc) ?? [], mention]);
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
    return data.entities[entity].name + (l === null ? "" : `, ${WORD[l]}, ${percent(probabilities[l])}`);
  });
  return el("a", {
    class: `m ${label === null ? "plain" : CLASS[label]}`, href: `#/documents/${doc.index}/${most}`, "data-mentions": mentions.join(" "),
    "aria-label": `${doc.text.slice(begin, end)} (${said.join("; ")})`, style: label === null ? {} : { "--sure": p[label] },
  }, doc.text.slice(begin, end));
}
const strength = ([, , , , label, p]) => (label === null ? 0 : label === 1 ? p[1] / 10 : p[label]);

function documentDetail(doc) {
  const who = new Map();
  for (const mention of doc.mentions) who.set(mention[2], [...who.get(mention[2]) ?? [], mention]);
  const byCount = [...who].sort(([a, x], [b, y]) => y.length - x.length || a - b);
  const order = found("documents").sort(SORTS.documents[state.sort.documents][1]);
  const at = order.indexOf(doc);
  const turn = (other, word) => (other ? el("a", { href: `#/documents/${other.index}` }, word) : el("span", {}));
  return [back("documents"), el("h2", {}, titleOf(doc)),
    el("p", { class: "under" }, doc.day ? `${day(doc.day)} · ` : "", doc.name), figures(doc.sum),
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

// ---- what a mention says

let tipOf = null;

function showTip(link) {
  const doc = data.documents[state.one], tip = $("tip");
  if (!doc || state.view !== "documents") return;
  tip.replaceChildren(...link.dataset.mentions.split(" ").map((i, n) => {
    const [, , entity, , label, p] = doc.mentions[Number(i)];
    return el("div", { class: n ? "other" : null }, el("a", { class: "who-name", href: `#/entities/${entity}` }, data.entities[entity].name),
      label === null ? "" : el("dl", {}, [2, 1, 0].map((l) => [
        el("dt", { class: l === label ? "most" : null }, `${SIGN[l]} ${WORD[l]}`),
        el("dd", { class: "meter", "aria-hidden": "true" }, el("i", { style: { width: `${p[l] * 100}%` } })),
        el("dd", { class: l === label ? "most" : null }, percent(p[l]))])));
  }));
  tip.hidden = false;
  tipOf = link;
  placeTip();
}

/** Below the mention, or above it where there is no room; gone with it when it is scrolled away. */
function placeTip() {
  const [tip, link] = [$("tip"), tipOf];
  if (tip.hidden || !link) return;
  const frame = $("detail").getBoundingClientRect();
  const box = link.getClientRects()[0] ?? link.getBoundingClientRect();
  if (box.bottom < Math.max(0, frame.top) || box.top > frame.bottom) return hideTip();
  const left = Math.min(Math.max(8, box.left), document.documentElement.clientWidth - tip.offsetWidth - 8);
  const below = box.bottom + 8 + tip.offsetHeight < window.innerHeight;
  tip.style.setProperty("left", `${Math.max(8, left) + window.scrollX}px`);
  tip.style.setProperty("top", `${(below ? box.bottom + 8 : box.top - tip.offsetHeight - 8) + window.scrollY}px`);
}
function hideTip() {
  $("tip").hidden = true;
  tipOf = null;
}

let leaving = 0;
for (const type of ["mouseover", "focusin"]) {
  $("detail").addEventListener(type, (event) => {
    const link = event.target.closest?.(".m");
    if (!link) return;
    clearTimeout(leaving);
    showTip(link);
  });
}
$("detail").addEventListener("mouseout", (event) => { if (event.target.closest?.(".m")) leaving = setTimeout(hideTip, 250); });
$("detail").addEventListener("focusout", (event) => { if (!$("tip").contains(event.relatedTarget)) hideTip(); });
$("detail").addEventListener("scroll", placeTip);
$("tip").addEventListener("mouseenter", () => clearTimeout(leaving));
$("tip").addEventListener("mouseleave", hideTip);
addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideTip();
  if (event.key === "/" && document.activeElement !== $("search")) {
    event.preventDefault();
    $("search").focus();
  }
});

// ---- where we are

/** `#/entities/3`, `#/documents/5`, `#/documents/5/12`: each view has an address, so that back and links work. */
function route() {
  const [, view, one, mention] = location.hash.split("/");
  const number = (part, most) => (/^\d+$/.test(part ?? "") && Number(part) < most ? Number(part) : null);
  state.view = view === "documents" ? "documents" : "entities";
  state.one = number(one, data[state.view].length);
  state.mention = state.view === "documents" && state.one !== null ? number(mention, data.documents[state.one].mentions.length) : null;
  hideTip();
  document.body.classList.toggle("one", state.one !== null);
  showList();
  showDetail();
}

let typing = 0;
$("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    state.query = plain($("search").value.trim());
    state.shown = CHUNK;
    if (state.one !== null && matchMedia("(max-width: 56rem)").matches) location.hash = `#/${state.view}`;
    showRows();
  }, 80);
});
addEventListener("hashchange", () => {
  const before = $("detail").dataset.shows;
  route();
  if (before === $("detail").dataset.shows || state.mention !== null) return;
  $("detail").focus({ preventScroll: true });
  if (state.one !== null && $("detail").getBoundingClientRect().top < 0) $("detail").scrollIntoView({ behavior: "instant" });
});

const whole = tally(data.documents.flatMap((doc) => doc.mentions));
const days = data.documents.map((doc) => doc.day).filter(Boolean).sort();
$("lede").append([count(data.documents.length, "document"), count(data.entities.length, "entity", "entities"), count(whole.mentions, "mention"),
  days.length ? (days[0] === days[days.length - 1] ? day(days[0]) : `${day(days[0])} to ${day(days[days.length - 1])}`) : null].filter(Boolean).join(" · "));
if (whole.score !== null) $("totals").append(share(whole, true), key(whole));
$("colophon").append("Made by Baton. ", ...data.stages.flatMap(([stage, task, model]) =>
  [`${stage}${stage === task ? "" : ` (${task})`}: model ${model.slice(0, 19)}. `]),
  "The score is the mean of positive minus negative over the mentions, from −1 to +1.");
route();
