// What several views are made of: shares, sentences, and what changes over time.

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
    el("p", { class: "source" }, `score ${points(p[label])}`, about, named ? " in " : ", in ",
      el("a", { href }, titleOf(doc))));
}

const quotes = (title, places, named) => places.length
  ? el("section", {}, el("h3", {}, title), el("ol", { class: "quotes" }, places.map(([doc, mention]) => quote(doc, mention, named)))) : null;

/** Days into bars of a day, a week, a month, a year or more of them, so that there are not too many; bars are numbers, and one more is
    the next. */
function buckets(days) {
  const number = (d) => Date.parse(d) / 864e5;
  const iso = (n) => new Date(n * 864e5).toISOString().slice(0, 10);
  const [year, month] = [(d) => Number(d.slice(0, 4)), (d) => Number(d.slice(5, 7)) - 1];
  const span = number(days[days.length - 1]) - number(days[0]);
  if (span <= 45) return { unit: "day", of: number, label: (n) => day(iso(n)) };
  // Weeks begin on Mondays, and the day 0 was a Thursday.
  if (span <= 400) return { unit: "week", of: (d) => Math.floor((number(d) + 3) / 7), label: (n) => `week of ${day(iso(n * 7 - 3))}` };
  if (span <= 4000) {
    const first = (n) => `${String(Math.floor(n / 12)).padStart(4, "0")}-${String((n % 12) + 1).padStart(2, "0")}-01`;
    return { unit: "month", of: (d) => 12 * year(d) + month(d), label: (n) => day(first(n), { day: undefined }) };
  }
  const [unit, years] = span <= 36525 ? ["year", 1] : span <= 365250 ? ["decade", 10] : ["century", 100];
  const label = (n) => (years === 1 ? String(n) : `${n * years} to ${(n + 1) * years - 1}`);
  return { unit, of: (d) => Math.floor(year(d) / years), label };
}

/** Mentions over time, for documents that say when they are of; nothing where that is one day or none. */
function chart(mentions) {
  const dated = mentions.filter(([doc, , m]) => data.documents[doc].day !== null && m[4] !== null);
  const days = [...new Set(dated.map(([doc]) => data.documents[doc].day))].sort();
  if (days.length < 2) return null;
  const { unit, of, label } = buckets(days);
  const first = of(days[0]);
  const all = Array.from({ length: of(days[days.length - 1]) - first + 1 }, (_, i) => [first + i, { against: 0, neutral: 0, for: 0 }]);
  for (const [doc, , m] of dated) all[of(data.documents[doc].day) - first][1][CLASS[m[4]]] += 1;
  const top = Math.max(...all.map(([, b]) => b.for)), bottom = Math.max(...all.map(([, b]) => b.against));
  const whole = top + bottom || 1;
  const height = (n, most) => `${most ? (n / most) * 100 : 0}%`;
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
