// Before the first paint, so that nothing flashes: the theme that was chosen here the last time.
try {
  const theme = localStorage.getItem("sabr-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; then the system decides.
}
