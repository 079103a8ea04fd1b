/** Server-sent events (WHATWG HTML, 9.2.6), read in pieces as they come. */

export interface LiveEvent {
  name: string;
  data: Record<string, unknown>;
}

export class EventReader {
  #rest = '';

  /** The events that are whole by now. */
  read(piece: string): LiveEvent[] {
    const blocks = (this.#rest + piece).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.map(parse).filter((event) => event !== undefined);
  }
}

function parse(block: string): LiveEvent | undefined {
  let name = '';
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) name = line.slice(6).trim();
    else if (line.startsWith('data:')) data += line.slice(5);
  }
  if (name === '') return undefined; // a comment: the line is alive
  const json: unknown = JSON.parse(data);
  return { name, data: typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {} };
}
