/** Light, dark, or as the system has it. The first paint is theme.ts's; this is the switch. */

import { memory } from './dom.ts';

const dark = matchMedia('(prefers-color-scheme: dark)');

export function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? dark.matches : theme === 'dark';
}

/** Calls back whenever the page has turned light or dark. */
export function setUpThemes(changed: () => void): void {
  const inputs = document.querySelectorAll<HTMLInputElement>('input[name="theme"]');
  const chosen = document.documentElement.dataset.theme ?? 'system';
  for (const input of inputs) {
    input.checked = input.value === chosen;
    input.addEventListener('change', () => {
      const theme = input.value === 'system' ? null : input.value;
      memory.write('theme', theme);
      if (theme) document.documentElement.dataset.theme = theme;
      else delete document.documentElement.dataset.theme;
      changed();
    });
  }
  dark.addEventListener('change', changed);
}
