/** Runs before the first paint, so that a theme chosen by hand never flashes the other one. Nothing else is here. */
try {
  const chosen = localStorage.getItem('sce.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden; then the system decides.
}
