/**
 * Where the API lives, told from where the page lives. The page is at `<anything>/ui`; the API is its sibling.
 * A gateway may put a stage before both (`/Prod/ui`), so nothing here may begin at the root of the host.
 */
export function apiBase(href: string): string {
  const url = new URL(href);
  const path = url.pathname.replace(/\/ui\/*(index\.html)?$/, '/');
  return `${url.origin}${path.endsWith('/') ? path : `${path}/`}`;
}

/** The page's own address, without query or fragment. */
export function pageUrl(href: string): string {
  return `${apiBase(href)}ui`;
}

/** The link to one execution. */
export function runLink(href: string, id: string): string {
  return `${pageUrl(href)}#/run/${encodeURIComponent(id)}`;
}

/** The execution that a fragment names, if it does. */
export function runInHash(hash: string): string | undefined {
  return /^#\/run\/([0-9A-Za-z-]{1,64})$/.exec(hash)?.[1];
}

/** What a fragment begins with that carries a whole program (see share.ts). */
export const SHARED = '#/code/';

export function isShared(hash: string): boolean {
  return hash.startsWith(SHARED);
}
