/** Lines of output as nodes. Colours are classes: each style has one rule, for both themes, in a constructed sheet. */

import { DARK, LIGHT, resolve } from '../../logic/output/color.ts';
import type { Style } from '../../logic/output/sgr.ts';
import type { Line, Segment } from '../../logic/output/terminal.ts';
import { type Place, placesIn } from '../../logic/places.ts';
import { h } from '../page/dom.ts';

/** So many different styles get a rule; those after them are shown plain. */
const MAX_RULES = 4096;

/** The rules of all styles that have occurred. Whoever shows painted lines adopts it. */
export const colours = new CSSStyleSheet();
const classes = new Map<string, string>();
/** The classes of styles that have occurred: by what they say, and by the object of a stretch of output. */
const styles = new Map<string, string>();
const named = new WeakMap<Style, string>();

/** What makes places in an output buttons. */
export interface Places {
  files: string[];
  go: (place: Place) => void;
}

/** A line without its line feed. */
export function paintLine({ segments, rewrites }: Line, places?: Places): Node[] {
  const nodes = segments.flatMap((segment) => paint(segment, places));
  if (rewrites > 0) {
    const times = rewrites === 1 ? 'once' : `${rewrites} times`;
    nodes.push(
      h('span', {
        class: 'rewritten',
        title: `Rewritten ${times}: this is how it stood in the end`,
        'data-times': String(rewrites),
      }),
    );
  }
  return nodes;
}

/** Whether a line is nothing but plain text, and which. */
export function plainText({ segments, rewrites }: Line, places?: Places): string | undefined {
  if (rewrites > 0 || segments.length > 1) return undefined;
  const [segment] = segments;
  if (segment === undefined) return '';
  if (!('text' in segment) || classOf(segment.style) !== '') return undefined;
  return places && placesIn(segment.text, places.files).length > 1 ? undefined : segment.text;
}

function paint(segment: Segment, places: Places | undefined): Node[] {
  if ('control' in segment) return [h('span', { class: 'ctl', title: segment.name }, segment.control)];
  if ('note' in segment) return [h('span', { class: 'remark', 'data-note': segment.note })];
  const name = classOf(segment.style);
  const pieces = places ? placesIn(segment.text, places.files) : [segment.text];
  const nodes = pieces.map((piece) => {
    if (typeof piece === 'string') return document.createTextNode(piece);
    const go = () => places?.go(piece.place);
    const label = `Go to ${piece.place.file}, line ${piece.place.line}`;
    return h('button', { class: 'place', type: 'button', title: label, onclick: go }, piece.shown);
  });
  if (name === '') return nodes;
  const span = document.createElement('span');
  span.className = name;
  span.append(...nodes);
  return [span];
}

/** The classes of a style; nothing for none. Known by the style itself: to find colours that can be read takes long. */
function classOf(style: Style): string {
  let name = named.get(style);
  if (name === undefined) {
    name = classesOf(style);
    named.set(style, name);
  }
  return name;
}

function classesOf(style: Style): string {
  const key = JSON.stringify(style);
  const known = styles.get(key);
  if (known !== undefined) return known;
  const name = newClasses(style);
  if (styles.size < MAX_RULES) styles.set(key, name);
  return name;
}

function newClasses(style: Style): string {
  const shape = [style.bold && 'b', style.italic && 'i', style.underline && 'u', style.strike && 's'];
  const { color, background } = resolve(style, LIGHT);
  if (!color) return shape.filter(Boolean).join(' ');
  const dark = resolve(style, DARK);
  const rule = `color:light-dark(${color},${dark.color});${background ? `background-color:light-dark(${background},${dark.background})` : ''}`;
  return [...shape, ruleFor(rule)].filter(Boolean).join(' ');
}

function ruleFor(rule: string): string {
  const known = classes.get(rule);
  if (known !== undefined) return known;
  if (classes.size >= MAX_RULES) return '';
  const name = `c${classes.size}`;
  classes.set(rule, name);
  colours.insertRule(`.${name}{${rule}}`);
  return name;
}
