// The pages by hand and by themselves: forms are sent without leaving the page, cards are dragged, and once a second the page
// asks whether anything has changed; only then it looks anew and changes what is different, in place.
"use strict";
const LOOK = "/_sandbox/look";
const EVERY = 1000;
const said = document.getElementById("said");
let seen = Number(document.body.dataset.changes);
let dragged = null;

const say = (text) => { said.textContent = text; said.hidden = !text; };

// one element becomes the other: children are told by their ids, the rest by their places
function become(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) { old.replaceWith(arrived(fresh)); return; }
  if (old.nodeType !== Node.ELEMENT_NODE) { if (old.data !== fresh.data) old.data = fresh.data; return; }
  if (old.isEqualNode(fresh)) return;
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  const known = new Map([...old.children].filter((each) => each.id).map((each) => [each.id, each]));
  let place = old.firstChild;
  for (const each of [...fresh.childNodes]) {
    const mine = each.id ? known.get(each.id) : place && !place.id && place;
    if (mine) {
      if (mine !== place) old.insertBefore(mine, place); else place = place.nextSibling;
      known.delete(each.id);
      become(mine, each);
    } else old.insertBefore(arrived(each), place);
  }
  while (place) { const gone = place; place = place.nextSibling; gone.remove(); }
}

function arrived(fresh) {
  const node = document.importNode(fresh, true);
  if (node.nodeType === Node.ELEMENT_NODE && node.id) node.classList.add("fresh");
  return node;
}

async function look() {
  const answer = await fetch(LOOK + location.pathname + location.search);
  if (answer.status === 404) { say("Этого больше нет: удалено на портале."); seen = Infinity; return; }
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (dragged) return;
  for (const id of ["main", "unread"]) become(document.getElementById(id), fresh.getElementById(id));
  for (const each of document.querySelectorAll(".fresh")) each.addEventListener("animationend", () => each.classList.remove("fresh"), { once: true });
  seen = Number(fresh.body.dataset.changes);
}

// a form being edited is not changed under one's hands
const editing = () => /\/(edit|setting)\/$/.test(location.pathname);

async function watch() {
  if (!document.hidden && !dragged && !editing()) {
    try {
      const { changes } = await (await fetch("/_sandbox/pulse")).json();
      if (changes !== seen && seen !== Infinity) await look();
      if (said.dataset.away) { say(""); delete said.dataset.away; }
    } catch { said.dataset.away = "1"; say("Портал не отвечает. Страница обновится, когда он вернётся."); }
  }
  setTimeout(watch, EVERY);
}

async function deed(address, body) {
  const answer = await fetch(LOOK + new URL(address, location.origin).pathname, { method: "POST", body, headers: { "X-Sandbox-Page": "1" } });
  const told = await answer.json().catch(() => ({ error: "Портал не смог этого сделать. Обновите страницу и попробуйте ещё раз." }));
  if (told.error) { say(told.error); await look(); return false; }
  say("");
  if (told.go && told.go !== location.pathname) { location.href = told.go; return true; }
  await look();
  return true;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-deed]")) return;
  event.preventDefault();
  if (form.dataset.ask && !window.confirm(form.dataset.ask)) return;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  if (event.submitter) event.submitter.disabled = true;
  const done = await deed(form.action, body);
  if (event.submitter?.isConnected) event.submitter.disabled = false;
  if (!done) return;
  if (!("keep" in form.dataset)) form.reset();
  form.closest("dialog")?.close();
  form.closest("details.pop, details.fold")?.removeAttribute("open");
});

document.addEventListener("change", (event) => {
  event.target.closest("form[data-submit-on-change]")?.requestSubmit();
});

const mover = document.getElementById("mover");
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (button) {
    mover.querySelector("form").action = `/crm/deal/details/${button.dataset.move}/move`;
    mover.querySelector("select").value = button.closest("[data-stage]").dataset.stage;
    mover.showModal();
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});

// where a card may be dropped: a stage's column, or another pipeline's tab
const target = (event) => event.target.closest?.("[data-stage], a[data-category]");
const unmark = () => { for (const each of document.querySelectorAll(".over")) each.classList.remove("over"); };

document.addEventListener("dragstart", (event) => {
  const tile = event.target.closest?.("[data-deal]");
  if (!tile) return;
  dragged = tile;
  tile.classList.add("dragged");
  event.dataTransfer.setData("text/plain", tile.dataset.deal);
  event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const over = dragged && target(event);
  unmark();
  if (!over) return;
  event.preventDefault();
  over.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const over = dragged && target(event);
  if (!over) return;
  event.preventDefault();
  const { deal } = dragged.dataset;
  const to = over.dataset.stage ? { stage: over.dataset.stage } : { category: over.dataset.category };
  over.querySelector(".deals")?.prepend(dragged);
  dragged.classList.remove("dragged");
  dragged = null;
  unmark();
  deed(`/crm/deal/details/${deal}/move`, new URLSearchParams(to));
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  unmark();
});

for (const form of document.querySelectorAll("form[data-submit-on-change]")) form.querySelector("button").classList.add("hidden");
watch();
