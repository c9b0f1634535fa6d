// Spares the reload, keeps what is typed and keeps windows in step. Everything works without it.
"use strict";
document.documentElement.classList.add("js");
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const text = (element) => (element?.innerText ?? "").replace(/\s+/g, " ").trim();
const sentences = (parts) => parts.map((part) => part.trim()).filter(Boolean).map((part) => (/[.?!:,]$/.test(part) ? part : `${part}.`)).join(" ");
const lines = (element) => sentences((element?.innerText ?? "").split("\n"));
const main = find("#conversation[data-account]");
const spoken = find("[data-left]")?.dataset;
const calm = { block: "start", behavior: "auto" };

// The one place that is read aloud: what is new, once.
let telling;
function tell(words) {
  const live = find("#live");
  if (!live || !words) return;
  clearTimeout(telling);
  live.textContent = "";
  const end = words.length > 400 ? words.lastIndexOf(". ", 400) + 1 : words.length;
  telling = setTimeout(() => { live.textContent = words.slice(0, end || 400); }, 60);
}

function news(added = []) {
  const now = find("#now");
  const [ask, errors, card] = [find(".ask", now), find(".errors", now), find(".card", now)];
  const said = all(".notice, .about", now).map(text);
  if (errors) said.push(lines(errors));
  else if (ask) said.push(text(find(".step span", ask)), text(find(".ask-title", ask)));
  else if (card) said.push(lines(card));
  else said.push(...added.filter((one) => !one.matches(".mine")).map((one) => lines(find(".card, .bubble", one))));
  return sentences(said);
}

// Fields that depend on another one of their form: hidden and not sent until they are asked.
function showFields(form) {
  for (const field of all("[data-shown]", form)) {
    const name = field.dataset.shown;
    const held = all(`[name="one.${name}"]:checked:enabled, [name="many.${name}"]:checked:enabled`, form).map((box) => box.value);
    const asked = field.dataset.values.split(" ").some((value) => held.includes(value));
    field.hidden = !asked;
    for (const control of all("input, textarea", field)) control.disabled = !asked;
  }
}

// "None of these" stands alone.
function standAlone(box) {
  if (!box.checked || box.type !== "checkbox") return;
  const others = all(`input[type=checkbox][name="${box.name}"]`, box.form).filter((other) => other !== box);
  for (const other of others) if ("alone" in box.dataset || "alone" in other.dataset) other.checked = false;
}

// How much room is left is said only near the end of it.
function room(box) {
  const [most, note] = [Number(box.dataset.most), document.getElementById(`${box.id}-most`)];
  if (!most || !note) return;
  const left = most - [...box.value].length;
  const before = note.hidden ? "" : note.textContent[0];
  note.hidden = left > most * 0.2;
  note.textContent = left < 0 ? spoken.over.replace("{over}", -left) : spoken.left.replace("{left}", left);
  if (!note.hidden && (before === "" || left < 0)) tell(note.textContent);
}

// What is typed is kept as it is typed.
let keeping = Promise.resolve(), waiting, before = 0;
function keepSoon(form) {
  if (!main || !(form.matches(".fields") || form.matches(".compose"))) return;
  clearTimeout(waiting?.timer);
  if (waiting && waiting.form !== form) keepNow();
  waiting = { form, timer: setTimeout(keepNow, Date.now() - before > 500 ? 0 : 200) };
}
function keepNow({ type } = {}) {
  if (!waiting) return keeping;
  const { form, timer } = waiting;
  clearTimeout(timer);
  [waiting, before] = [undefined, Date.now()];
  const words = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  if (type === "pagehide") { navigator.sendBeacon(`/w/${main.dataset.account}/keep`, words); return keeping; }
  keeping = keeping
    .then(() => fetch(`/w/${main.dataset.account}/keep`, { method: "POST", body: words, keepalive: String(words).length < 60000 }))
    .then((answer) => { const note = find(".kept", form); if (note) note.hidden = !answer.ok; }, () => {});
  return keeping;
}

document.addEventListener("change", ({ target }) => {
  if (!target.form) return;
  standAlone(target);
  showFields(target.form);
  const advice = target.closest(".option")?.nextElementSibling;
  if (target.checked && advice?.matches(".advice")) { tell(text(advice)); advice.scrollIntoView({ block: "nearest" }); }
  keepSoon(target.form);
});
document.addEventListener("input", ({ target }) => {
  if (!target.form) return;
  room(target);
  keepSoon(target.form);
});
document.addEventListener("toggle", ({ target }) => {
  if (target.open && target.matches?.(".asks-first")) tell(text(find(".question p", target)));
}, true);

function prepare() {
  all("form.fields").forEach(showFields);
  const sheet = find("#sheet:not(:modal)");
  if (!sheet) return;
  sheet.close();
  sheet.showModal();
  sheet.addEventListener("cancel", (event) => { event.preventDefault(); find("#sheet-close").click(); });
}

// Shows where one is: the form, what was just answered, the most pressing case, or the newest message.
function scrollDown() {
  const current = find("#now .current, #now .notice") ?? (location.hash ? null : find("[data-pressing]"));
  const last = find("#messages > li:last-child");
  if (!find("#stream") || /^#(t|m|f)-/.test(location.hash) || find("#sheet")) return;
  if (current) current.scrollIntoView(calm);
  else last?.scrollIntoView({ block: last.offsetHeight > innerHeight / 2 ? "start" : "end", behavior: "auto" });
}
// A reply in a closed thread is in sight where the thread is.
function inSight(element) {
  const [box, frame] = [(element.closest("details:not([open])") ?? element).getBoundingClientRect(), find("#stream").getBoundingClientRect()];
  return box.bottom > Math.max(frame.top, 0) + 40 && box.top < Math.min(frame.bottom, innerHeight) - (find("#compose") ? 90 : 20);
}

const hideEmpty = () => find(".empty")?.toggleAttribute("hidden", Boolean(find("#messages > li, #now > *")));

// Puts a newer page's part in place of ours; keeps threads open, words being written and the focus.
function swap(fresh, id, keepWords = false) {
  const [ours, theirs] = [document.getElementById(id), fresh.getElementById(id)];
  if (!ours || !theirs) return [];
  const open = all("details[open][id]", ours).map((one) => one.id);
  const written = all("textarea[id], input[id][type=text]", ours).map((one) => [one.id, one.value]);
  const focus = ours.contains(document.activeElement) ? document.activeElement : null;
  const spot = focus && (focus.id ? `#${CSS.escape(focus.id)}` : focus.value && `button[value='${CSS.escape(focus.value)}']`);
  const inside = focus && { item: focus.closest("li[id]")?.id, label: text(focus) };
  const had = new Set(all("li[id]", ours).map((one) => one.id));
  for (const { name, value } of theirs.attributes) if (name.startsWith("data-")) ours.setAttribute(name, value);
  ours.replaceChildren(...theirs.childNodes);
  for (const one of open) document.getElementById(one)?.setAttribute("open", "");
  for (const [one, words] of written) if (keepWords && words && document.getElementById(one)) document.getElementById(one).value = words;
  const added = all("li[id]", ours).filter((one) => !had.has(one.id));
  for (const one of added) one.classList.add("new");
  if (focus) ((spot ? find(spot, ours) : null) ?? spotIn(inside))?.focus({ preventScroll: true });
  return added;
}

// The place in a message that the focus goes back to: the button or heading of that name, else the message itself.
function spotIn({ item, label }) {
  const message = document.getElementById(item);
  return message && (all("button, summary, .b-heading", message).find((one) => text(one) === label) ?? message);
}

const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
const serial = (page) => Number(page.getElementById("now")?.dataset.serial ?? 0);

// Puts all of a newer page in place; the address follows, so that the browser's Back goes a page back.
let here = location.pathname + location.search, shown = 0;
function show(fresh, { url, composed } = {}) {
  shown += 1;
  for (const part of ["rooms", "quick", "now"]) swap(fresh, part);
  const added = swap(fresh, "messages", true);
  swap(fresh, "compose", !composed);
  document.title = fresh.title;
  const page = find("#now").dataset.page;
  const next = url ?? location.pathname + (page ? `?page=${encodeURIComponent(page)}` : "");
  if (next !== here) history[url ? "pushState" : "replaceState"](null, "", next);
  here = next;
  hideEmpty();
  prepare();
  return added;
}

// One at a time. What was asked for before another page was put in place is older than that, and is not shown:
// it would take away the dialog that was just opened.
let sending = 0, asking = false, again = false;
async function refresh() {
  if (sending || asking) { again = true; return; }
  [asking, again] = [true, false];
  const before = shown;
  try {
    const answer = await fetch(location.pathname, { credentials: "same-origin" });
    const fresh = answer.ok ? await parsed(answer) : null;
    if (sending || before !== shown) again = true;
    else if (fresh) keepUp(fresh);
  } finally { asking = false; }
  if (again && !sending) refresh();
}

// Puts in place what others did meanwhile.
function keepUp(fresh) {
  const last = find("#messages > li:last-child");
  const atEnd = !find("#now .ask") && (!last || inSight(last));
  if (serial(fresh) > serial(document)) {
    const inside = find("#now").contains(document.activeElement);
    show(fresh);
    const notice = Object.assign(document.createElement("p"), { className: "notice", textContent: main.dataset.elsewhere });
    if (find("#now .ask, #now .card")) find("#now").prepend(notice);
    tell(news());
    if (inside) (find("#now .ask-title") ?? find("#now .card") ?? main).focus();
    return;
  }
  swap(fresh, "rooms");
  const added = swap(fresh, "messages", true);
  // What was answered at once gives way to the same card when that arrives to stay: it was heard already.
  const stays = !find("#now .ask") && find("#now .card") && !find(".card, .toast", fresh.getElementById("now"));
  const had = find("#now").contains(document.activeElement);
  if (stays) swap(fresh, "now");
  hideEmpty();
  if (!added.length) { outOfSight([]); return; } // what is counted as new may stand in place of what was
  if (stays && had) (find(".b-heading", added.at(-1)) ?? added.at(-1)).focus({ preventScroll: true });
  if (stays) { added.at(-1).scrollIntoView(calm); return; }
  tell(added.map((one) => one.dataset.summary).join(" "));
  if (atEnd) added[0].scrollIntoView({ block: added[0].offsetHeight > innerHeight / 2 ? "start" : "end" });
  outOfSight(added);
}

// What came while one was looking elsewhere is counted, and one press away.
let unseen = [];
function outOfSight(added) {
  unseen = [...new Set([...unseen.map((one) => document.getElementById(one.id)), ...added])].filter((one) => one?.isConnected && !inSight(one));
  const button = find("#news");
  button.hidden = !unseen.length;
  button.textContent = main.dataset.news.replace("{count}", unseen.length);
}
document.addEventListener("scroll", () => { if (unseen.length) outOfSight([]); }, true);
document.addEventListener("click", ({ target }) => {
  if (target.id !== "news" || !unseen.length) return;
  const first = unseen[0];
  first.closest("details")?.setAttribute("open", "");
  first.scrollIntoView(calm);
  first.focus({ preventScroll: true });
  outOfSight([]);
});

// Says what went wrong and leaves everything typed where it is; the same key makes a second try safe.
function complain(words) {
  find(".complaint")?.remove();
  const notice = Object.assign(document.createElement("div"), { className: "complaint notice danger", tabIndex: -1, textContent: words });
  (find("#sheet .sheet-body") ?? find("#now")).prepend(notice);
  notice.focus();
  tell(words);
}

// The focus goes to what came: what must be mended, the next question, the answer; else it stays in the case.
function land(form, { thread, added }) {
  const wrong = find("#now .has-error");
  const mend = wrong && all("input:not([type=hidden]), textarea", wrong).find((one) => !one.disabled);
  if (mend) { wrong.scrollIntoView({ block: "center" }); mend.focus({ preventScroll: true }); return; }
  const box = form.matches(".compose") && find("textarea", form.isConnected ? form : document.getElementById(thread) ?? find("#compose"));
  const came = find("#now .notice.danger") ?? (box || find("#now .ask-title") || find("#sheet .card .b-heading, #now .current .card .b-heading") || find("#sheet .card, #now .current .card"));
  if (came) { came.focus(); return; }
  const newest = added.at(-1);
  (spotIn(opener) ?? (newest && find(".b-heading", newest)) ?? newest ?? find("#quick button") ?? main).focus();
}

// Sends a form without leaving the page. Where it was pressed is remembered, for the focus to come back to.
let opener = {};
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post" || !main) return;
  event.preventDefault();
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  sending += 1;
  const button = event.submitter;
  button?.setAttribute("aria-disabled", "true");
  const words = new FormData(form, button);
  if (!form.closest("#now")) opener = { item: form.closest("#messages > li")?.id, label: text(button) };
  try {
    await keepNow();
    const answer = await fetch(button?.getAttribute("formaction") || form.getAttribute("action"), { method: "POST", body: form.enctype === "multipart/form-data" ? words : new URLSearchParams(words) });
    const fresh = await parsed(answer);
    if (!fresh.getElementById("now")) { complain(text(find("main p", fresh)) || find("main p", fresh)?.textContent || answer.statusText); return; }
    const thread = form.closest("details.thread")?.id;
    const composed = answer.ok && form.matches(".compose");
    if (composed) find("textarea", form).value = "";
    const to = new URL(answer.url);
    const added = show(fresh, { url: answer.redirected ? to.pathname + to.search : here, composed: form.id === "compose" });
    if (!thread && !opener.item) scrollDown();
    land(form, { thread, added });
    tell(news(added));
  } catch {
    complain(main.dataset.offline);
  } finally {
    sending -= 1;
    delete form.dataset.sending;
    button?.removeAttribute("aria-disabled");
    if (again && !sending) refresh();
  }
});

// The browser's own Back and Forward: to the page of the report that was there, or out of the form.
addEventListener("popstate", async () => {
  const wanted = location.pathname + location.search;
  if (!main || wanted === here) return;
  await keepNow();
  here = wanted;
  if (!location.search) { find("#put-away").requestSubmit(); return; }
  const before = shown;
  const answer = await fetch(wanted, { credentials: "same-origin" });
  const fresh = answer.ok ? await parsed(answer) : null;
  if (!fresh || sending || before !== shown) return; // somebody was quicker
  show(fresh);
  scrollDown();
  (find("#now .ask-title") ?? find("#now .card") ?? main).focus();
  tell(news());
});

// Enter sends, Shift+Enter makes a new line.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.matches?.(".compose textarea")) {
    event.preventDefault();
    if (event.target.value.trim()) event.target.form.requestSubmit();
  }
});

prepare();
scrollDown();
if (/^#[tm]-/.test(location.hash)) document.getElementById(location.hash.slice(1))?.setAttribute("open", "");
let stream, soon;
// Only while it can be seen: a browser keeps few connections open, and "ready" makes up for what was missed.
function listen() {
  stream?.close();
  if (document.hidden) { keepNow(); return; }
  stream = new EventSource(`/w/${main.dataset.account}/events`);
  for (const name of ["ready", "changed"]) stream.addEventListener(name, () => { clearTimeout(soon); soon = setTimeout(refresh, 60); });
}
if (main) { listen(); document.addEventListener("visibilitychange", listen); addEventListener("pagehide", keepNow); }
