/**
 * What the boot and the layers after it both need. Each of those layers imports this list, whether it needs all of it or
 * not: the bundler makes one file for each set of layers that share a module, and with one set there is one file.
 */

import './contract.ts';
import './key.ts';
import './logic/base.ts';
import './logic/bytes.ts';
import './logic/cases.ts';
import './logic/format.ts';
import './logic/json.ts';
import './logic/kept.ts';
import './logic/offer.ts';
import './logic/output/special.ts';
import './logic/project.ts';
import './logic/text.ts';
import './logic/words.ts';
import './store.ts';
import './view/page/dom.ts';
import './view/page/shell.ts';
import './view/page/toast.ts';
