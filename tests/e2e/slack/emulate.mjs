// node emulate.mjs PORT SEED.yaml EVENTS_URL : the published emulator's Slack (emulate@0.12.2), unchanged,
// with one event subscription, which its command line cannot register. Prints "ready" and serves until SIGTERM.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Store, authMiddleware } from "@emulators/core";
import { createEmulator, defineEmulator } from "emulate";
import YAML from "yaml";

const [port, seedPath, eventsUrl] = [Number(process.argv[2]), process.argv[3], process.argv[4]];
const dist = path.resolve(import.meta.dirname, "../node_modules/emulate/dist");
// the files are named by hash: the one we want is the one that exports the Slack plugin
const file = readdirSync(dist).find(
  (name) => /^dist-.*\.js$/.test(name) && readFileSync(path.join(dist, name), "utf8").includes("slackPlugin"),
);
const slack = await import(pathToFileURL(path.join(dist, file)));
const seed = YAML.parse(readFileSync(seedPath, "utf8")).slack;
const service = defineEmulator({
  name: "slack-with-events",
  state: () => ({}),
  setup({ app, webhooks, baseUrl }) {
    const store = new Store();
    app.use("*", authMiddleware(new Map()));
    slack.slackPlugin.register(app, store, webhooks, baseUrl, new Map());
    slack.slackPlugin.seed?.(store, baseUrl);
    slack.seedFromConfig(store, baseUrl, seed);
    if (eventsUrl) webhooks.register({ url: eventsUrl, events: ["*"], active: true, owner: "slack" });
  },
});
const emulator = await createEmulator({ service, port, inspector: false });
console.log("ready");
process.on("SIGTERM", async () => {
  await emulator.close();
  process.exit(0);
});
