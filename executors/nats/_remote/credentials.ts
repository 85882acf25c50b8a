/** How the program with workers logs in, by files that its command line names. @module */

import {
  type ConnectionOptions,
  credsAuthenticator,
  nkeyAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/nats-core";
import { checkAddresses } from "../_wire/addresses.ts";
import { CONNECTION_SETTINGS, type NatsConnect } from "../connect.ts";

/** The options that say where the server is and who logs in. */
export interface CredentialOptions {
  readonly servers?: string | undefined;
  readonly creds?: string | undefined;
  readonly nkey?: string | undefined;
  readonly user?: string | undefined;
  readonly "password-file"?: string | undefined;
  readonly "tls-ca"?: string | undefined;
  readonly "inbox-prefix"?: string | undefined;
}

/** Reads the files, and returns how to connect. */
export async function credentialsFrom(options: CredentialOptions): Promise<NatsConnect> {
  const { servers = "nats://127.0.0.1:4222" } = options;
  checkAddresses(servers, "name --user and --password-file, --nkey or --creds");
  const caFile = options["tls-ca"];
  const inboxPrefix = options["inbox-prefix"];
  const settings: ConnectionOptions = {
    ...CONNECTION_SETTINGS,
    ...await authenticatorOf(options),
    ...(caFile === undefined ? {} : { tls: { caFile } }),
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    servers: servers.split(","),
    name: "nats-worker",
  };
  return async () => (await import("@nats-io/transport-deno")).connect(settings);
}

async function authenticatorOf(
  { creds, nkey, user, "password-file": passwordFile }: CredentialOptions,
): Promise<Pick<ConnectionOptions, "authenticator">> {
  const ways = [creds, nkey, user].filter((way) => way !== undefined).length;
  if (ways > 1) throw new TypeError("Name one of --creds, --nkey and --user");
  if ((user === undefined) !== (passwordFile === undefined)) {
    throw new TypeError("--user and --password-file need each other");
  }
  if (creds !== undefined) return { authenticator: credsAuthenticator(await Deno.readFile(creds)) };
  if (nkey !== undefined) return { authenticator: nkeyAuthenticator(seedIn(await read(nkey))) };
  if (user === undefined || passwordFile === undefined) return {};
  const password = await read(passwordFile);
  return { authenticator: usernamePasswordAuthenticator(user, () => password) };
}

async function read(file: string): Promise<string> {
  return (await Deno.readTextFile(file)).trim();
}

function seedIn(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
