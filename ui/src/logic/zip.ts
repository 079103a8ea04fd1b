/** What is in a zip: its table of contents, and small files of it. Nothing is unpacked further than a bound. */

import { unzipSync } from 'fflate';

export interface Entry {
  name: string;
  size: number;
}

export type Listing = { entries: Entry[] } | { error: string };

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

/** The texts of these files, as far as they are small, and text. */
export function readTexts(bytes: Uint8Array, names: string[], most: number): Map<string, string> {
  const wanted = new Set(names);
  let left = most;
  const texts = new Map<string, string>();
  try {
    const files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!wanted.has(name) || originalSize > left) return false;
        left -= originalSize;
        return true;
      },
    });
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    for (const [name, content] of Object.entries(files)) {
      try {
        texts.set(name, decoder.decode(content));
      } catch {
        // Not text.
      }
    }
  } catch {
    // Packed in a way that only the server can read, or not at all.
  }
  return texts;
}

/** What systems put into a zip beside what somebody meant to send. */
export function isClutter(name: string): boolean {
  return (
    /(^|\/)(__MACOSX|__pycache__|\.git)\//.test(name) ||
    /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$/i.test(name)
  );
}
