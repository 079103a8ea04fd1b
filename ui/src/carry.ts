/** Taking things along: a link that carries all of a program, a link to a run, the command that does the same, the code. */

import './result-layer.ts';
import * as api from './api.ts';
import type { Execution } from './contract.ts';
import { runLink } from './logic/base.ts';
import { toCurl } from './logic/request.ts';
import { MAX_LINK, type Shared, toFragment } from './logic/share.ts';
import { keptRun } from './store.ts';
import { copy, download } from './view/page/copy.ts';
import { toast } from './view/page/toast.ts';

export { fromFragment } from './logic/share.ts';

/** Copies a link to what the left-hand side holds. */
export async function copyProgram(shared: Shared | undefined): Promise<void> {
  if (!shared) {
    toast('A zip does not fit into a link. Share the zip itself.');
    return;
  }
  const fragment = await toFragment(shared);
  if (fragment.length > MAX_LINK) {
    toast(`This is too much for a link: it would be ${Math.round(fragment.length / 1024)} KB long.`);
    return;
  }
  const link = new URL(location.href);
  link.hash = fragment;
  await copy(link.href, 'Link copied. It carries code, input, arguments, files and tests.');
}

export async function copyLink(id: string): Promise<void> {
  await copy(
    runLink(location.href, id),
    'Link copied. It leads to this run; its input and files are not in it.',
  );
}

/** `code` is what stands in for that of a record that has none. */
export async function copyCurl(execution: Execution, code: string): Promise<void> {
  const asked = (await keptRun(execution.id)) ?? {
    language: execution.language,
    stdin: '',
    args: [],
    program: { kind: 'code' as const, code: execution.code ?? code },
  };
  await copy(toCurl(api.runUrl, asked), 'Command copied.');
}

/** Says that a program is kept, and offers it as a file. */
export function offerDownload(name: string, code: string): void {
  const bytes = new TextEncoder().encode(code) as Uint8Array<ArrayBuffer>;
  toast('All of it is kept in this browser as you type.', {
    word: `Download ${name}`,
    run: () => download(name, bytes),
  });
}
