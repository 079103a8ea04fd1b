/** What is needed when files come, in a file of its own. */

import '../../boot-layer.ts';

export { restored, take } from '../../logic/take.ts';
