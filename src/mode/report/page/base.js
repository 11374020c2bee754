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
  // One by one: a call takes only so many arguments, and a text may have more mentions.
  for (const child of children.flat(9)) if (child !== null && child !== undefined && child !== "") made.append(child);
  return made;
}

// ---- words and numbers

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const count = (n, one, many) => `${n.toLocaleString("en-GB")} ${n === 1 ? one : many ?? `${one}s`}`;
const points = (x) => x.toFixed(2);
const signed = (x) => (x === null ? "" : `${x >= 0.005 ? "+" : x <= -0.005 ? "−" : "±"}${Math.abs(x).toFixed(2)}`);
const tone = (x) => (x === null || Math.abs(x) < 0.05 ? "neutral-word" : x < 0 ? "against-word" : "for-word");
const day = (iso, options) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "long", year: "numeric", ...options })
    .format(new Date(`${iso}T00:00:00Z`));
const titleOf = (doc) => doc.title || doc.name;

/** Lists by what `key` makes of their elements. */
function groups(list, key, of = (one) => one) {
  const made = new Map();
  for (const one of list) {
    const group = made.get(key(one));
    if (group) group.push(of(one));
    else made.set(key(one), [of(one)]);
  }
  return made;
}

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
