// Takes everything off the screen when nobody is there, or when the page is nobody's to see any more.
"use strict";
{
const { idle, warn, often, key, root } = document.querySelector("[data-idle]").dataset;
const warning = document.querySelector(".seat-idle");
const windows = new BroadcastChannel(root);
// when somebody last did something, when we last asked whether we may still show it, and what we have to tell then
let acted = Date.now(), told = Date.now(), news = false, gone = false;

const post = (verb, said = {}) => fetch(`${root}/${verb}`, { method: "POST", keepalive: true, body: new URLSearchParams({ key, ...said }) });

// Somebody is there: in this window or in another one of the same case.
function here(others = true) {
  acted = Date.now();
  news = true;
  warning.hidden = true;
  if (others) windows.postMessage("here");
  look();
}
for (const sign of ["keydown", "pointerdown", "input", "wheel", "touchstart"]) document.addEventListener(sign, () => { if (!gone && Date.now() - acted > 500) here(); }, { capture: true, passive: true });
windows.addEventListener("message", ({ data }) => { if (data === "left") close(false); else here(false); });

// The screen first, then the server, then the page that says nothing.
async function close(others = true) {
  if (gone) return;
  gone = true;
  document.body.replaceChildren();
  document.title = "";
  if (others) windows.postMessage("left");
  await post("leave").catch(() => {});
  location.replace(root);
}

async function look() {
  if (gone) return;
  const rest = Date.now() - acted;
  if (rest >= idle * 1000) { close(); return; }
  if (rest >= (idle - warn) * 1000) warning.hidden = false;
  if (Date.now() - told < often * 1000) return;
  told = Date.now();
  const active = news ? "yes" : "";
  news = false;
  const answer = await post("still", { active }).catch(() => null);
  if (answer?.status === 403) close();
}
setInterval(look, 1000);
document.addEventListener("visibilitychange", look);
addEventListener("pageshow", ({ persisted }) => { if (persisted) close(false); });
document.querySelector(`form[action$="/leave"]`).addEventListener("submit", () => windows.postMessage("left"));

// The focus goes to what has to be mended, to what is asked, or to what was answered.
const came = ["#now .has-error :is(input:not([type=hidden]), textarea)", "#now .notice.danger", "#now .ask-title", "#now .card .b-heading", "#now .card"];
if (location.hash !== "#record") came.map((one) => document.querySelector(one)).find(Boolean)?.focus();
}
