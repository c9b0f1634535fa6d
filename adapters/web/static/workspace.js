// Spares the reload and keeps two windows in step. Everything works without it.
"use strict";
document.documentElement.classList.add("js");
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// Fields that depend on another one of their form: hidden and not sent until they are asked.
function showFields(form) {
  for (const field of all("[data-shown]", form)) {
    const name = field.dataset.shown;
    const held = all(`[name="one.${name}"]:checked, [name="many.${name}"]:checked`, form).map((box) => box.value);
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

document.addEventListener("change", ({ target }) => {
  if (target.form) { standAlone(target); showFields(target.form); }
});

function prepare() {
  all("form.fields").forEach(showFields);
  const sheet = find("#sheet:not(:modal)");
  if (!sheet) return;
  sheet.close();
  sheet.showModal();
  sheet.addEventListener("cancel", (event) => { event.preventDefault(); find("#sheet-close").click(); });
}

function scrollDown() {
  const stream = find("#stream");
  const current = find("#now .current, #now .notice");
  if (!stream || location.hash.startsWith("#t-")) return;
  const last = find("#messages > li:last-child");
  if (current && !find("#sheet")) current.scrollIntoView({ block: "start" });
  else if (last?.offsetHeight > stream.clientHeight) last.scrollIntoView({ block: "start" });
  else stream.scrollTop = stream.scrollHeight;
}

const hideEmpty = () => find(".empty")?.toggleAttribute("hidden", Boolean(find("#messages > li, #now > *")));

// Puts a newer page's part in place of ours; keeps threads open, words being written and the focus.
function swap(fresh, id, keepWords = false) {
  const [ours, theirs] = [document.getElementById(id), fresh.getElementById(id)];
  if (!ours || !theirs) return;
  const open = all("details[open][id]", ours).map((one) => one.id);
  const written = all("textarea[id], input[id][type=text]", ours).map((one) => [one.id, one.value]);
  const focus = ours.contains(document.activeElement) ? document.activeElement : null;
  const spot = focus && (focus.id ? `#${CSS.escape(focus.id)}` : focus.value && `button[value='${CSS.escape(focus.value)}']`);
  const had = new Set(all("li[id]", ours).map((one) => one.id));
  ours.replaceChildren(...theirs.childNodes);
  for (const one of open) document.getElementById(one)?.setAttribute("open", "");
  for (const [one, words] of written) if (keepWords && words && document.getElementById(one)) document.getElementById(one).value = words;
  const added = all("li[id]", ours).filter((one) => !had.has(one.id));
  for (const one of added) one.classList.add("new");
  if (spot) find(spot, ours)?.focus({ preventScroll: true });
  return added;
}

const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

async function refresh() {
  const answer = await fetch(location.pathname, { credentials: "same-origin" });
  if (!answer.ok) return;
  const [fresh, stream] = [await parsed(answer), find("#stream")];
  const atEnd = stream.scrollHeight - stream.scrollTop - stream.clientHeight < 120;
  swap(fresh, "rooms");
  const added = swap(fresh, "messages", true) ?? [];
  hideEmpty();
  if (added.length) {
    find("#live").textContent = added.map((one) => one.dataset.summary).join(" ");
    if (atEnd && !find("#now .ask")) scrollDown();
  }
}

// Says what went wrong and leaves everything typed where it is; the same key makes a second try safe.
function complain(words) {
  find(".complaint")?.remove();
  const notice = Object.assign(document.createElement("div"), { className: "complaint notice danger", role: "alert", tabIndex: -1, textContent: words });
  (find("#sheet .sheet-body") ?? find("#now")).prepend(notice);
  notice.focus();
}

// Sends a form without leaving the page. The button that opened a dialog gets the focus back.
let opener = "";
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post" || !find("#conversation[data-account]")) return;
  event.preventDefault();
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  const button = event.submitter;
  button?.setAttribute("aria-disabled", "true");
  const words = new FormData(form, button);
  try {
    const answer = await fetch(button?.getAttribute("formaction") || form.getAttribute("action"), { method: "POST", body: form.enctype === "multipart/form-data" ? words : new URLSearchParams(words) });
    const fresh = await parsed(answer);
    if (!fresh.getElementById("now")) { complain(find("main p", fresh)?.textContent ?? answer.statusText); return; }
    const thread = form.closest("details.thread")?.id;
    if (answer.ok && form.classList.contains("compose")) find("textarea", form).value = "";
    for (const part of ["rooms", "quick", "now"]) swap(fresh, part);
    swap(fresh, "messages", true);
    swap(fresh, "compose", form.id !== "compose");
    hideEmpty();
    prepare();
    if (!thread) scrollDown();
    if (button?.name === "intent" && !form.closest("#now")) opener = button.value;
    const back = find("#sheet") ? null : all("#messages button").find((one) => one.value === opener);
    const next = thread ? find("textarea", document.getElementById(thread)) : find("#now .errors") ?? find("#now .notice.danger") ?? find("#now .ask-title") ?? back;
    if (form.classList.contains("compose") && !find("#now .notice.danger")) find("textarea", form.isConnected ? form : document.getElementById(thread) ?? document)?.focus();
    else (next ?? find("#conversation"))?.focus();
    find("#live").textContent = find("#now .notice") ? "" : find("#now .ask")?.dataset.summary ?? "";
  } catch {
    complain(find("#conversation").dataset.offline);
  } finally {
    delete form.dataset.sending;
    button?.removeAttribute("aria-disabled");
  }
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
if (location.hash.startsWith("#t-")) document.getElementById(location.hash.slice(1))?.setAttribute("open", "");
const account = find("#conversation[data-account]")?.dataset.account;
let stream, waiting;
// Only while it can be seen: a browser keeps few connections open, and "ready" makes up for what was missed.
function listen() {
  stream?.close();
  if (document.hidden) return;
  stream = new EventSource(`/w/${account}/events`);
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(refresh, 60); };
  for (const name of ["ready", "changed"]) stream.addEventListener(name, soon);
}
if (account) { listen(); document.addEventListener("visibilitychange", listen); }
