// node official_client.mjs API_URL : Slack's own Socket Mode client connects to our counterpart, acknowledges
// one command and prints what it heard. An independent proof that the counterpart speaks the protocol.
import { SocketModeClient } from "@slack/socket-mode";

const client = new SocketModeClient({ appToken: "xapp-1-A-1-x", clientOptions: { slackApiUrl: process.argv[2] } });
client.on("slash_commands", async ({ ack, body }) => {
  await ack({ text: "heard" });
  console.log(body.command);
  await client.disconnect();
  process.exit(0);
});
client.on("connected", () => console.log("connected"));
await client.start();
