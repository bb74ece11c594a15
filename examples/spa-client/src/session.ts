/** Who is signed in: a short-lived access token in memory, and a refresh token that outlives a reload of the page. */

import createClient from "openapi-fetch";
import type { components, paths } from "./parlour.js";
import { wanted } from "./problem.js";

export type Account = components["schemas"]["UserOut"];
type Tokens = components["schemas"]["TokensOut"];

/** What a request is sent with: the browser's or Node's own, unless somebody wants to watch. */
export type Send = (request: Request) => Promise<Response>;

/** Where the refresh token lies: `sessionStorage` in a page. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const REFRESH_TOKEN = "parlour.refresh_token";

export class Session {
  #accessToken: string | null = null;
  #refreshing: Promise<boolean> | null = null;
  readonly #shelf: Shelf;
  readonly #auth;

  constructor(base: string, shelf: Shelf, send: Send = (request) => fetch(request)) {
    this.#shelf = shelf;
    this.#auth = createClient<paths>({ baseUrl: base, fetch: send });
  }

  get accessToken(): string | null {
    return this.#accessToken;
  }

  /** Sign in. Throws `Refused` for a wrong password, a closed account, or too many attempts. */
  async signIn(email: string, password: string): Promise<Account> {
    const tokens = wanted(await this.#auth.POST("/api/auth/login", { body: { email, password } }));
    this.#keep(tokens);
    return tokens.user;
  }

  /** Say whether there is another access token than the stale one, by now. Those who ask together cause one refresh. */
  async renewed(stale: string | null): Promise<boolean> {
    if (this.#accessToken !== null && this.#accessToken !== stale) return true;
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /** Forget the access token, as a reload of the page does. */
  forgetAccessToken(): void {
    this.#accessToken = null;
  }

  async #refresh(): Promise<boolean> {
    const refreshToken = this.#shelf.getItem(REFRESH_TOKEN);
    if (refreshToken === null) return false;
    const { data, response } = await this.#auth.POST("/api/auth/refresh", { body: { refresh_token: refreshToken } });
    if (data !== undefined) this.#keep(data);
    else if (response.status === 401) this.#signedOut();
    return data !== undefined;
  }

  #keep(tokens: Tokens): void {
    this.#accessToken = tokens.access_token;
    this.#shelf.setItem(REFRESH_TOKEN, tokens.refresh_token);
  }

  #signedOut(): void {
    this.#accessToken = null;
    this.#shelf.removeItem(REFRESH_TOKEN);
  }
}
