/** The page from the folder that `SCE_UI_FROM_DISK` names, in the place of the one that the binary has. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { FROM_DISK } from './server.ts';

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
};

export async function servePage(context: BrowserContext, base: string): Promise<void> {
  if (FROM_DISK === undefined) return;
  const folder = FROM_DISK;
  const real = await fetch(`${base}/ui`);
  const policy = real.headers.get('content-security-policy') ?? '';
  await context.route(/\/ui(\/[^/]+)?([?#].*)?$/, (route) => {
    const name = /\/ui\/([^/?#]+)/.exec(route.request().url())?.[1] ?? 'index.html';
    const headers = {
      'content-type': TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
      'access-control-allow-origin': '*',
    };
    try {
      return route.fulfill({ headers, body: readFileSync(join(folder, name)) });
    } catch {
      return route.fulfill({ status: 404 });
    }
  });
}
