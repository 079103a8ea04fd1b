/** What stood at each step of the browser's own history of this page, so that "back" leads back to it. */

import type { Snapshot } from './snapshot.ts';

export class Visited {
  readonly #places = new Map<number, Snapshot>();
  #place = 0;

  /** Goes on to another address, from what stands here now. */
  leaveFor(address: string, here: Snapshot): void {
    const place = placeOf(history.state) ?? 0;
    this.#places.set(place, here);
    history.replaceState({ place }, '');
    history.pushState({ place: ++this.#place }, '', address);
  }

  /** What stood at the step that has this state. */
  at(state: unknown): Snapshot | undefined {
    const place = placeOf(state);
    return place === undefined ? undefined : this.#places.get(place);
  }
}

function placeOf(state: unknown): number | undefined {
  return (state as { place?: number } | null)?.place;
}
