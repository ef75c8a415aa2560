// Messages above the list.

import { byId, find, message, say } from "./dom.js";

/**
 * `tell()` shows a message where it is never covered.
 * @param {{ tell: (words: string) => void }} toast
 */
export function notices({ tell }) {
  /**
   * Shows why the last action was not carried out.
   * @param {string} [words]
   */
  function hint(words = "") {
    byId("hint").hidden = !words;
    message(byId("hint"), words);
    tellIfCovered(words);
  }

  /**
   * Shows messages that need no decision.
   * @param {string} [words]
   */
  function notice(words = "") {
    byId("notice").hidden = !words;
    message(find("#notice p"), words);
    tellIfCovered(words);
  }

  /**
   * On a small screen the panel covers messages above the list.
   * @param {string} words
   */
  function tellIfCovered(words) {
    if (words && find("main").inert) tell(words), say(words);
  }

  find("#notice button").addEventListener("click", () => (notice(), byId("new-todo").focus()));

  return { hint, notice };
}
