import type { Signer } from "./server.js";
import type { ConnectionOptions } from "./settings.js";

/** What a client is made of. */
export interface FarewayOptions extends ConnectionOptions {
  /** Your key, which is sent in the header `Api-Key`. */
  key: string;
}

/** A key. */
export class Credential implements Signer {
  readonly #key: string;

  constructor(options: FarewayOptions) {
    this.#key = options.key;
  }

  async sign(headers: Headers): Promise<void> {
    headers.set("Api-Key", this.#key);
  }

  renew(): boolean {
    return false;
  }
}
