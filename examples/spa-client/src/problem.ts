/** Errors: every one is a problem (RFC 9457) with a stable `code`. */

import type { components } from "./parlour.js";

export type Problem = components["schemas"]["Problem"];

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(inWords(problem).join("\n"));
  }
}

/** Return what was asked for. Throws `Refused` with the problem where there is none. */
export function wanted<T>(answer: { data?: T; error?: Problem }): T {
  if (answer.error !== undefined) throw new Refused(answer.error);
  if (answer.data === undefined) throw new Error("The answer is empty.");
  return answer.data;
}

/** Return the problem of what must be refused. Throws where it was not. */
export function refused(answer: { data?: unknown; error?: Problem }): Problem {
  if (answer.error === undefined) throw new Error("This should have been refused.");
  return answer.error;
}

/** Return a line for the problem, one for each field that is wrong, and one for each time that can be had instead. */
export function inWords(problem: Problem): string[] {
  const fields = Object.entries(problem.errors ?? {}).map(([field, wrong]) => `${field}: ${wrong.join(" ")}`);
  const instead = (problem.alternatives ?? []).map((slot) => `instead: ${slot.starts_at}`);
  return [`${problem.status} ${problem.code}: ${problem.detail}`, ...fields, ...instead];
}
