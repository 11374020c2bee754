// The lists of entities and documents: searched, filtered, in order.

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
