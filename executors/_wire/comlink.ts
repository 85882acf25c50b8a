/**
 * The one place that names comlink, by a specifier that needs no import map: a child process has
 * none.
 *
 * @module
 */

export { type Endpoint, expose, transfer, wrap } from "npm:comlink@4.4.2";
