// Keeps the focused field above the on-screen keyboard of a phone.

const view = window.visualViewport;

function fit() {
  if (!view) return;
  // A zoomed page also shows only a part, but has no keyboard.
  const hidden = view.scale > 1.01 ? 0 : Math.max(0, innerHeight - view.height - view.offsetTop);
  document.documentElement.style.setProperty("--keyboard", `${Math.round(hidden)}px`);
}

view?.addEventListener("scroll", fit);
view?.addEventListener("resize", () => {
  fit();
  if (document.activeElement?.matches("input, textarea")) document.activeElement.scrollIntoView({ block: "nearest" });
});
