// Keeps the focused field above the on-screen keyboard of a phone.

const view = window.visualViewport;

function fit() {
  // On a zoomed page the visible part is smaller too, but not because of a keyboard.
  const hidden = view.scale > 1.01 ? 0 : Math.max(0, innerHeight - view.height - view.offsetTop);
  document.documentElement.style.setProperty("--keyboard", `${Math.round(hidden)}px`);
}

view?.addEventListener("scroll", fit);
view?.addEventListener("resize", () => {
  fit();
  if (document.activeElement?.matches("input, textarea")) document.activeElement.scrollIntoView({ block: "nearest" });
});
