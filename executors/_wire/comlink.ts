/**
 * The only module that names comlink. Its specifier needs no import map, because child processes have
 * none, and names the ES module of the package: the default one, a CommonJS module, makes Deno load the
 * whole of `node:module` with it, which takes longer than all other modules of a worker together.
 *
 * @module
 */

// @ts-types="npm:comlink@4.4.2"
export { type Endpoint, expose, transfer, wrap } from "npm:comlink@4.4.2/dist/esm/comlink.mjs";
