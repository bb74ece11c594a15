/** The walk in a page: its lines are listed, and the `state` of the body says how it went. */

import { makeApi } from "./api.js";
import { Session } from "./session.js";
import { walk } from "./walk.js";

const base = new URLSearchParams(location.search).get("api") ?? "http://127.0.0.1:5000";
const session = new Session(base, sessionStorage);

function say(line: string): void {
  const item = document.createElement("li");
  item.textContent = line;
  document.querySelector("ol")?.append(item);
}

try {
  await walk(makeApi(base, session), session, say);
  document.body.dataset["state"] = "done";
} catch (error) {
  say(String(error));
  document.body.dataset["state"] = "failed";
}
