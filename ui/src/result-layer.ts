/** What the right-hand side and the parts of it that come later both need: one file, for the reason that boot-layer.ts has. */

import './boot-layer.ts';
import './api.ts';
import './logic/decode.ts';
import './logic/fingerprint.ts';
import './logic/output/terminal.ts';
import './logic/places.ts';
import './logic/problem.ts';
import './logic/request.ts';
import './logic/status.ts';
import './view/page/copy.ts';
import './view/result/paint.ts';
