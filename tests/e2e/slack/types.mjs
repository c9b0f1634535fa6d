// node types.mjs FILE.json... : type-checks messages and views against @slack/types, and a manifest
// (a file called manifest*.json) against @slack/web-api. Prints the faults and exits 1, or "ok N".
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const home = path.resolve(import.meta.dirname, "..");
const files = process.argv.slice(2);
const source = [
  'import type { KnownBlock, View } from "@slack/types";',
  'import type { Manifest } from "./../node_modules/@slack/web-api/dist/types/request/manifest.js";',
];
files.forEach((file, n) => {
  const value = JSON.parse(readFileSync(file, "utf8"));
  const view = value.type === "modal" || value.type === "home";
  const manifest = path.basename(file).startsWith("manifest");
  const type = manifest ? "Manifest" : view ? "View" : "KnownBlock[]";
  source.push(`export const v${n}: ${type} = ${JSON.stringify(manifest || view ? value : value.blocks)};`);
});
const folder = mkdtempSync(path.join(home, ".types-"));
try {
  const check = path.join(folder, "check.ts");
  writeFileSync(check, source.join("\n") + "\n");
  const tsc = path.join(home, "node_modules/typescript/bin/tsc");
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--moduleResolution", "nodenext"];
  execFileSync(process.execPath, [tsc, ...flags, check], { encoding: "utf8" });
  console.log("ok", files.length);
} catch (error) {
  const named = String(error.stdout ?? error).replace(/[^\s]*check\.ts\((\d+),\d+\)/g, (_, line) => files[line - 3] ?? _);
  console.log(named);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
