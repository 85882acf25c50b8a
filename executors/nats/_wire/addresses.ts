/** Checks the addresses of servers. @module */

/** Throws for addresses with a user or a token, which the client would not use; `remedy` says what to do. */
export function checkAddresses(addresses: string, remedy: string): void {
  if (!addresses.includes("@")) return;
  // Without the address: whoever reads the message must not read the password.
  throw new TypeError(
    `The address of a NATS server must not contain a user, password or token: ${remedy}`,
  );
}
