/** The typed client: every path, parameter, body and answer of the OpenAPI document, signed in and kept so. */

import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { paths } from "./parlour.js";
import type { Send, Session } from "./session.js";

export type Api = Client<paths>;

export function makeApi(base: string, session: Session, send: Send = (request) => fetch(request)): Api {
  const api = createClient<paths>({ baseUrl: base, fetch: send });
  api.use(silentRefresh(session));
  return api;
}

/** Send the access token along; on 401 refresh, once for all who wait, and repeat the request once. */
function silentRefresh(session: Session): Middleware {
  const attempts = new WeakMap<Request, { token: string | null; repeat: Request }>();
  return {
    onRequest({ request }) {
      const repeat = request.clone(); // a body can be read only once
      attempts.set(request, { token: session.accessToken, repeat });
      authorise(request, session.accessToken);
    },
    async onResponse({ request, response, options }) {
      const attempt = attempts.get(request);
      if (response.status !== 401 || attempt === undefined) return undefined;
      if (!(await session.renewed(attempt.token))) return undefined;
      authorise(attempt.repeat, session.accessToken);
      return options.fetch(attempt.repeat);
    },
  };
}

function authorise(request: Request, token: string | null): void {
  if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
}
