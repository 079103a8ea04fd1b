/** What is in a zip: its table of contents only. Nothing is unpacked, so nothing in it can grow. */

import { unzipSync } from 'fflate';

export interface Entry {
  name: string;
  size: number;
}

export type Listing = { entries: Entry[] } | { error: string };

export function isZip(name: string, bytes: Uint8Array): boolean {
  const magic = bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
  return magic || /\.zip$/i.test(name);
}

export function listZip(bytes: Uint8Array): Listing {
  const entries: Entry[] = [];
  try {
    unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!name.endsWith('/')) entries.push({ name, size: originalSize });
        return false;
      },
    });
  } catch {
    return { error: 'This zip file is broken: its table of contents cannot be read.' };
  }
  if (entries.length === 0) return { error: 'There is no file in this zip.' };
  return { entries: entries.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** The file the server would start by itself: the first of the language's names, or the only file there is. */
export function guessEntry(names: string[], entryPoints: string[]): string | undefined {
  return entryPoints.find((name) => names.includes(name)) ?? (names.length === 1 ? names[0] : undefined);
}

/** The files a person may want to start, sources of the language first, those near the root first. */
export function entryChoices(names: string[], extensions: string[]): string[] {
  const isSource = (name: string) => extensions.some((e) => name.toLowerCase().endsWith(`.${e}`));
  const depth = (name: string) => name.split('/').length;
  const sources = names.filter(isSource);
  return sources.sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
}
