/** Dropping files: anywhere on the page, and the page shows that it can be done. */

import { byId } from '../page/dom.ts';

/** Gives every file that is dropped to `take`. */
export function setUpDropping(take: (files: File[]) => void): void {
  const veil = byId('drop');
  let depth = 0;
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const show = (on: boolean) => {
    if (!on) depth = 0;
    veil.hidden = !on;
  };
  // Capturing: the editor would take a dropped file for text.
  const listen = (
    type: 'dragenter' | 'dragover' | 'dragleave' | 'drop',
    react: (event: DragEvent) => void,
  ) => {
    const handle = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      react(event);
    };
    document.addEventListener(type, handle, { capture: true });
  };
  listen('dragenter', () => {
    depth++;
    show(true);
  });
  listen('dragover', () => {});
  listen('dragleave', () => {
    if (--depth <= 0) show(false);
  });
  listen('drop', (event) => {
    show(false);
    take([...(event.dataTransfer?.files ?? [])]);
  });
}
