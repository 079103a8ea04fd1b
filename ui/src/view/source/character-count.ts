/** How many characters the code has, and of how many; coming near the limit and crossing it is said once each. */

import { MAX_CODE_CHARS } from '../../contract.ts';
import * as format from '../../logic/format.ts';
import { countChars } from '../../logic/text.ts';
import { byId, say } from '../page/dom.ts';

/** From here on the count warns. */
const NEAR_LIMIT = 0.9;

export class CharacterCount {
  #level = '';

  /** Nothing where it is no code that is shown. */
  show(code: string | undefined): void {
    const count = byId('count');
    const chars = code === undefined ? 0 : countChars(code);
    const over = chars - MAX_CODE_CHARS;
    const of = format.count(MAX_CODE_CHARS);
    const level = over > 0 ? 'over' : chars >= MAX_CODE_CHARS * NEAR_LIMIT ? 'near' : '';
    count.dataset.state = level;
    if (code === undefined) count.textContent = '';
    else
      count.textContent =
        over > 0 ? `${format.count(over)} over ${of} characters` : `${format.count(chars)} / ${of}`;
    if (level !== this.#level && level !== '')
      say(level === 'over' ? `Over the limit of ${of} characters.` : `Near the limit of ${of} characters.`);
    this.#level = level;
  }
}
