/** Reading JSON that somebody else wrote: what is not as it should be is as if it were not there. */

export type Json = Record<string, unknown>;

/** What is there of these fields. */
export function known<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const there = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

export function some<T>(items: T[]): T[] | undefined {
  return items.length > 0 ? items : undefined;
}

export function list<T>(value: unknown, read: (json: Json) => T | undefined): T[] {
  if (!Array.isArray(value)) return [];
  return value.map((entry) => read(asObject(entry))).filter((entry) => entry !== undefined);
}

export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
