// node pictures.mjs OUT.html light|dark FILE.json... : messages, windows and home tabs as one page to look at.
// Blocks are drawn by slack-blocks-to-jsx; the frame of a window is ours. Not true to the pixel.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const home = path.resolve(import.meta.dirname, "..");
const require = createRequire(path.join(home, "package.json"));
const React = require("react");
const { renderToStaticMarkup } = require("react-dom/server");
const { Message } = require("slack-blocks-to-jsx");
const css = readFileSync(path.join(home, "node_modules/slack-blocks-to-jsx/dist/style.css"), "utf8");

const [out, theme, ...files] = process.argv.slice(2);
const dark = theme === "dark";
const escaped = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
const logo = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='36' height='36'%3E%3Crect width='36' height='36' rx='6' fill='%231d3557'/%3E%3C/svg%3E";

function drawn(file) {
  const payload = JSON.parse(readFileSync(file, "utf8"));
  const name = path.basename(file, ".json");
  const element = React.createElement(Message, {
    blocks: payload.blocks, logo, name: "Report a posting", time: new Date("2026-11-24T10:00:00Z"),
    theme: dark ? "dark" : "light", showBlockKitDebug: false, data: { users: [], channels: [], user_groups: [] },
  });
  const body = renderToStaticMarkup(element);
  const view = payload.type === "modal";
  const bar = view ? `<div class="bar"><b>${escaped(payload.title.text)}</b><span>✕</span></div>` : "";
  const buttons = [payload.close, payload.submit].filter(Boolean).map((b, n) => `<span class="b${n}">${escaped(b.text)}</span>`);
  const foot = view ? `<div class="foot">${buttons.join("")}</div>` : "";
  return `<figure id="${name}"><figcaption>${name}</figcaption><div class="${view ? "window" : "plain"}">${bar}${body}${foot}</div></figure>`;
}

const page = dark ? "#1a1d21" : "#ffffff";
const ink = dark ? "#d1d2d3" : "#1d1c1d";
const own = `body{margin:12px;background:${page};color:${ink};font:15px Lato,"Noto Sans",sans-serif;columns:2;column-gap:24px;width:1240px}
figure{break-inside:avoid;margin:0 0 20px}figcaption{font:12px monospace;opacity:.7;margin-bottom:4px}
.window{border:1px solid #8886;border-radius:8px;overflow:hidden}.bar{display:flex;justify-content:space-between;padding:10px 14px;border-bottom:1px solid #8884;font-size:17px}
.foot{display:flex;justify-content:flex-end;gap:8px;padding:10px 14px;border-top:1px solid #8884}.foot span{padding:6px 12px;border:1px solid #8886;border-radius:4px}.foot .b1{background:#007a5a;color:#fff}`;
const figures = files.map(drawn).join("\n");
writeFileSync(out, `<!doctype html><html lang="en"><meta charset="utf-8"><title>${theme}</title><style>${css}</style><style>${own}</style><body class="${dark ? "dark" : ""}">${figures}</body></html>`);
console.log("ok", files.length);
