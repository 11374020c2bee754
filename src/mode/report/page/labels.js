// What `classify` stages say of documents as a whole.

const LABELS = 12;

/** A label as a chip; the others of its stage are there to compare. */
const chip = (label, n, given) => el("li", { class: given ? "label" : "label other" }, label, " ", el("span", { class: "n" }, n));

/** A document's labels by stage: those that it has stand out, with the scores of all. */
const labelsOf = (doc) => doc.labels.map(([stage, labels]) =>
  el("ul", { class: "who labels", "aria-label": `Labels of ${stage}` }, el("li", { class: "stage" }, stage),
    labels.slice(0, LABELS).map(([label, score, given]) => chip(label, points(score), given))));

/** How many documents have each label, a list for each stage. */
function labelCounts() {
  const stages = new Map();
  for (const [stage, labels] of data.documents.flatMap((doc) => doc.labels)) {
    const counts = stages.get(stage) ?? new Map();
    for (const [label, , given] of labels) if (given) counts.set(label, (counts.get(label) ?? 0) + 1);
    stages.set(stage, counts);
  }
  return [...stages].map(([stage, counts]) => el("section", {}, el("h3", {}, `Labels of ${stage}`),
    counts.size ? el("ul", { class: "who labels" }, [...counts].sort(([a, x], [b, y]) => y - x || a.localeCompare(b, "en"))
      .map(([label, n]) => chip(label, count(n, "document"), true))) : el("p", { class: "nothing" }, "No document has one.")));
}
