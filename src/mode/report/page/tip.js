// What a mention says, beside it while it is pointed at or focused.

/** As many mentions at one place as are told of one by one. */
const TOLD = 12;
let tipOf = null;

function showTip(link) {
  const doc = data.documents[state.one], tip = $("tip");
  if (!doc || state.view !== "documents") return;
  const here = link.dataset.mentions.split(" ");
  tip.replaceChildren(...here.slice(0, TOLD).map((i, n) => {
    const [, , entity, , label, p] = doc.mentions[Number(i)];
    return el("div", { class: n ? "other" : null }, el("a", { class: "who-name", href: `#/entities/${entity}` }, data.entities[entity].name),
      label === null ? "" : el("dl", {}, [2, 1, 0].map((l) => [
        el("dt", { class: l === label ? "most" : null }, `${SIGN[l]} ${WORD[l]}`),
        el("dd", { class: "meter", "aria-hidden": "true" }, el("i", { style: { width: `${p[l] * 100}%` } })),
        el("dd", { class: l === label ? "most" : null }, points(p[l]))])));
  }), here.length > TOLD ? el("div", { class: "other" }, `and ${count(here.length - TOLD, "more mention")}`) : "");
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
