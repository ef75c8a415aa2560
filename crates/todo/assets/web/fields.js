// The fields of todos and steps.

/** @import { Texts } from "./types" */

/** @type {(keyof Texts)[]} */
export const TEXTS = ["title", "notes"];

/**
 * @template {object} T
 * @param {T} fields
 */
export const keysOf = (fields) => /** @type {(keyof T)[]} */ (Object.keys(fields));

/**
 * Only these fields; `null` for those that are missing.
 * @template {object} T
 * @template {keyof T} Name
 * @param {T} from
 * @param {Name[]} names
 */
export const pick = (from, names) =>
  /** @type {Pick<T, Name>} */ (Object.fromEntries(names.map((name) => [name, from[name] ?? null])));
