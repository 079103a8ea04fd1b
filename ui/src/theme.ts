/** Runs before the first paint, so that a theme chosen by hand never flashes the other one, and no press of Run is lost. */
try {
  const chosen = localStorage.getItem('sce.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden; then the system decides.
}

// On a slow line one may have written and pressed Run before the page's script is there: it finds this, and runs.
document.addEventListener('click', ({ target }) => {
  if (target instanceof Element && target.closest('#run')) document.documentElement.dataset.asked = 'run';
});
