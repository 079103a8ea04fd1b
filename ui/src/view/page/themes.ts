/** Light, dark, or as the system has it. The first paint is theme.ts's; this is the switch. */

import { memory } from './dom.ts';

/** Keeps the switch and the page in step. */
export function setUpThemes(): void {
  const inputs = document.querySelectorAll<HTMLInputElement>('input[name="theme"]');
  const chosen = document.documentElement.dataset.theme ?? 'system';
  for (const input of inputs) {
    input.checked = input.value === chosen;
    input.addEventListener('change', () => {
      const theme = input.value === 'system' ? null : input.value;
      memory.write('theme', theme);
      if (theme) document.documentElement.dataset.theme = theme;
      else delete document.documentElement.dataset.theme;
    });
  }
}
