/** The walk in Node.js: `API=http://127.0.0.1:5000 node dist/node.js`. */

import assert from "node:assert/strict";
import { makeApi } from "./api.js";
import { inWords, refused } from "./problem.js";
import { Session, type Send } from "./session.js";
import { walk } from "./walk.js";

const base = process.env["API"] ?? "http://127.0.0.1:5000";
const kept = new Map<string, string>();
const shelf = {
  getItem: (name: string) => kept.get(name) ?? null,
  setItem: (name: string, value: string) => void kept.set(name, value),
  removeItem: (name: string) => void kept.delete(name),
};
const asked: string[] = [];
const watched: Send = (request) => {
  asked.push(`${request.method} ${new URL(request.url).pathname}`);
  return fetch(request);
};
const refreshes = (): number => asked.filter((one) => one === "POST /api/auth/refresh").length;

const session = new Session(base, shelf, watched);
const api = makeApi(base, session, watched);
await walk(api, session, console.log);
assert.equal(refreshes(), 1, "two calls at once must refresh once");

// A session that has ended elsewhere: one refresh is tried, and what comes is the problem.
await api.POST("/api/auth/logout");
const problem = refused(await api.GET("/api/users/me"));
assert.equal(problem.status, 401);
assert.equal(refreshes(), 2);
assert.equal(kept.size, 0, "a refresh token that is refused must be forgotten");
inWords(problem).forEach((line) => console.log(line));
