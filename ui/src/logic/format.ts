/** Numbers as people read them. Sizes count in 1024s, as the limits do. */

export function bytes(n: number): string {
  if (n < 1024) return n === 1 ? '1 byte' : `${n} bytes`;
  if (n < 1024 * 1024) return `${trim(n / 1024)} KB`;
  if (n < 1024 ** 3) return `${trim(n / 1024 ** 2)} MB`;
  return `${trim(n / 1024 ** 3)} GB`;
}

export function milliseconds(ms: number): string {
  if (ms < 10) return `${trim(ms)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${trim(ms / 1000, ms < 9995 ? 2 : 1)} s`;
}

/** `10 seconds`, `1 second`, `0.5 seconds`. */
export function seconds(s: number): string {
  return s === 1 ? '1 second' : `${trim(s, 2)} seconds`;
}

export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** The running clock: `0.4 s`, always one digit after the point so that it does not jump about. */
export function clock(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** When something happened, seen from `now`: near in words, far as a date. */
export function ago(then: Date, now: Date): string {
  const s = (now.getTime() - then.getTime()) / 1000;
  if (s < 45) return 'just now';
  if (s < 3600) return `${Math.max(1, Math.round(s / 60))} min ago`;
  const sameDay = then.toDateString() === now.toDateString();
  const time = then.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (sameDay) return time;
  const day = then.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  return `${day}, ${time}`;
}

function trim(n: number, digits = 1): string {
  return String(Number(n.toFixed(digits)));
}
