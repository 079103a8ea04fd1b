/** The key that a server wants with each call, where it wants one. Kept for as long as the tab is open, and nowhere else. */

let known: string | undefined;

/** What goes with each call. */
export function keyHeaders(): Record<string, string> {
  try {
    known ??= sessionStorage.getItem('sce.key') ?? '';
  } catch {
    known ??= '';
  }
  return known === '' ? {} : { authorization: `Bearer ${known}` };
}

export function useKey(key: string): void {
  known = key;
  try {
    sessionStorage.setItem('sce.key', key);
  } catch {
    // It is asked for again after a reload.
  }
}
