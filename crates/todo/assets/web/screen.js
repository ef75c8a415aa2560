// The keyboard on the screen of a phone: what is typed in stays above it.

const view = window.visualViewport;

function fit() {
  // Whoever zooms in sees a part of the page, and there is no keyboard.
  const hidden = view.scale > 1.01 ? 0 : Math.max(0, innerHeight - view.height - view.offsetTop);
  document.documentElement.style.setProperty("--keyboard", `${Math.round(hidden)}px`);
}

view?.addEventListener("scroll", fit);
view?.addEventListener("resize", () => {
  fit();
  if (document.activeElement?.matches("input, textarea")) document.activeElement.scrollIntoView({ block: "nearest" });
});
