/**
 * The only module that names comlink. Its specifier needs no import map, because child processes have
 * none.
 *
 * @module
 */

export { type Endpoint, expose, transfer, wrap } from "npm:comlink@4.4.2";
