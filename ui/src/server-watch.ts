/** Finds out when a server that did not answer answers again. */

import * as api from './api.ts';

const FIRST_MS = 1000;
const LAST_MS = 10_000;

/** Looks, more and more rarely, for as long as it is `wanted`. A page that nobody sees asks nothing. */
export async function serverIsBack(wanted: () => boolean): Promise<boolean> {
  for (let wait = FIRST_MS; wanted(); wait = Math.min(LAST_MS, wait * 1.5)) {
    await new Promise((done) => window.setTimeout(done, wait));
    if (wanted() && !document.hidden && (await api.answers())) return true;
  }
  return false;
}
