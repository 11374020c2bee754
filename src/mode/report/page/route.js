// Where we are, what is typed, and the beginning.

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
$("lede").append([count(data.documents.length, "document"), count(data.entities.length, "entity", "entities"), count(whole.mentions, "mention"), data.rejected ? `${data.rejected.toLocaleString("en-GB")} rejected` : null,
  days.length ? (days[0] === days[days.length - 1] ? day(days[0]) : `${day(days[0])} to ${day(days[days.length - 1])}`) : null].filter(Boolean).join(" · "));
if (whole.score !== null) $("totals").append(share(whole, true), key(whole));
$("colophon").append("Made by Baton. ", ...data.stages.flatMap(([stage, task, model]) =>
  [`${stage}${stage === task ? "" : ` (${task})`}: model ${model.slice(0, 19)}. `]),
  "The score is the mean of positive minus negative over the mentions, from −1 to +1.");
route();
