// On a small screen the panel covers the page. The covered parts must not take the focus, so they
// become inert.

import { find } from "./dom.js";

/** The same width as in `web.css`. */
const SMALL = matchMedia("(max-width: 640px)");

/** @param {HTMLElement} panel */
export function cover(panel) {
  const behind = [find("header"), find("main")];
  const update = () => {
    const covers = SMALL.matches && !panel.hidden;
    for (const part of behind) part.inert = covers;
  };
  SMALL.addEventListener("change", update);
  new MutationObserver(update).observe(panel, { attributeFilter: ["hidden"] });
  return update;
}
