/**
 * The walk in a real browser, whose page comes from another origin than the API: what CORS lets through, and what not.
 *
 * `API` is where the server listens, `PAGE` the origin that it allows, `STRANGER` one that it does not, both of which
 * serve this folder; `CHROMIUM` is the browser.
 */

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { chromium, type Page } from "playwright-core";
import type { components } from "./parlour.js";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
const QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];

const api = setting("API");
const browser = await chromium.launch({ executablePath: setting("CHROMIUM"), args: [...FLAGS, ...QUIET] });
try {
  await allowed(await browser.newPage(), setting("PAGE"));
  await refused(await browser.newPage(), setting("STRANGER"));
} finally {
  await browser.close();
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set.`);
  return value;
}

/** What the network saw of one page: preflights as "method path: headers", requests that went out, refusals. */
interface Seen {
  preflights: string[];
  sent: string[];
  refusals: string[];
}

async function watch(page: Page): Promise<Seen> {
  const seen: Seen = { preflights: [], sent: [], refusals: [] };
  const network = await page.context().newCDPSession(page);
  network.on("Network.requestWillBeSent", ({ request }) => {
    if (!request.url.startsWith(api)) return;
    const { pathname } = new URL(request.url);
    const asked = (name: string): string => new Headers(request.headers).get(`Access-Control-Request-${name}`) ?? "";
    if (request.method === "OPTIONS") seen.preflights.push(`${asked("Method")} ${pathname}: ${asked("Headers")}`);
    else seen.sent.push(`${request.method} ${pathname}`);
  });
  network.on("Network.loadingFailed", ({ corsErrorStatus }) => {
    if (corsErrorStatus !== undefined) seen.refusals.push(corsErrorStatus.corsError);
  });
  await network.send("Network.enable");
  return seen;
}

/** Load the page, and return its lines once the walk has ended as expected. */
async function walked(page: Page, origin: string, state: "done" | "failed"): Promise<string[]> {
  await page.goto(`${origin}/?api=${encodeURIComponent(api)}`);
  await page.waitForSelector("body[data-state]");
  const lines = await page.locator("li").allTextContents();
  assert.equal(await page.getAttribute("body", "data-state"), state, lines.join("\n"));
  return lines;
}

async function allowed(page: Page, origin: string): Promise<void> {
  const seen = await watch(page);
  const lines = await walked(page, origin, "done");
  assert.notEqual(new URL(page.url()).origin, new URL(api).origin);
  const booking = "POST /api/bookings: authorization,content-type,idempotency-key";
  assert.ok(seen.preflights.includes(booking), JSON.stringify(seen));
  assert.equal(seen.sent.filter((one) => one === "POST /api/auth/refresh").length, 1);
  assert.equal(await page.evaluate(waitingTime, api), "3600", "Retry-After must be readable");
  assert.deepEqual(seen.refusals, []);
  assert.deepEqual(await page.context().cookies(), [], "tokens must not travel in cookies");
  console.log(`A page of ${origin} may call ${api}:`);
  for (const line of [...lines, ...seen.preflights]) console.log(`  ${line}`);
}

async function refused(page: Page, origin: string): Promise<void> {
  const seen = await watch(page);
  const lines = await walked(page, origin, "failed");
  assert.deepEqual(lines, ["TypeError: Failed to fetch"]);
  await arrived(seen.refusals, 1);
  const read = (url: string): Promise<string> => fetch(url).then(() => "read", String);
  assert.equal(await page.evaluate(read, `${api}/api/services`), "TypeError: Failed to fetch");
  await arrived(seen.refusals, 2);
  assert.deepEqual(seen.refusals, ["PreflightMissingAllowOriginHeader", "MissingAllowOriginHeader"]);
  console.log(`A page of ${origin} may not: ${seen.refusals.join(", ")}`);
}

/** Wait for what the network tells later than the page does. */
async function arrived(list: string[], length: number): Promise<void> {
  for (let left = 500; list.length < length && left > 0; left -= 1) await setTimeout(10);
}

/** Runs in the page: asks for mails to a new account until it is told to wait; returns for how many seconds. */
async function waitingTime(base: string): Promise<string | null> {
  const account = { email: `${crypto.randomUUID()}@example.com`, password: crypto.randomUUID() };
  const call = (method: string, path: string, body: object, token = ""): Promise<Response> => {
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
    return fetch(base + path, { method, headers, body: JSON.stringify(body) });
  };
  const name = { first_name: "Ada", last_name: "Wanjiku" };
  const registered = await call("POST", "/api/auth/register", { ...account, ...name });
  const tokens: components["schemas"]["TokensOut"] = await registered.json();
  for (let asked = 0; asked < 10; asked += 1) {
    const change = { email: `${asked}.${account.email}`, current_password: account.password };
    const answer = await call("PATCH", "/api/users/me", change, tokens.access_token);
    if (answer.status === 429) return answer.headers.get("Retry-After");
  }
  return null;
}
