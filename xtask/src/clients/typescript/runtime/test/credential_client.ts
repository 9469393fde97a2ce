import type { Asked, Said } from "./door.js";

/** A client that needs a token. */
export const options = { clientId: "cli_1", clientSecret: "cs_1" };

/** The answer to what asks for a token. */
export function tokens(asked: Asked): Said | null {
  const body = { access_token: "fwt_1", token_type: "Bearer", expires_in: 900 };
  return asked.url === "/oauth/token" ? { status: 200, body } : null;
}
