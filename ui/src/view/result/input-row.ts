/** The row below the output in which one types to a running program. */

import { byId } from '../page/dom.ts';

export interface Typing {
  line: (text: string) => void;
  end: () => void;
  interrupt: () => void;
}

/** Silence after which it may be that the program waits for input. */
const SILENT_MS = 1000;

export class InputRow {
  readonly #row = byId('typing');
  readonly #field = byId<HTMLTextAreaElement>('typed');
  #typing: Typing | undefined;
  #timer = 0;
  /** Who had the focus when the run began, as long as nobody has touched anything since. */
  #from: Element | null = null;
  #untouched = false;

  constructor() {
    byId('typing-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    byId('end-input').addEventListener('click', () => this.#end());
    byId('interrupt').addEventListener('click', () => this.#typing?.interrupt());
    this.#field.addEventListener('keydown', (event) => this.#key(event));
    this.#field.addEventListener('input', () => this.#fit());
    const touched = () => {
      this.#untouched = false;
    };
    for (const type of ['keydown', 'pointerdown'])
      document.addEventListener(type, touched, { capture: true });
  }

  /** A run begins: where the focus is now, it may be taken from. */
  began(): void {
    this.#from = document.activeElement;
    // The key that started the run is still on its way.
    window.setTimeout(() => {
      this.#untouched = true;
    });
  }

  /** Something may be typed from now on. */
  show(typing: Typing): void {
    this.#typing = typing;
    this.#row.hidden = false;
    this.#field.value = '';
    this.#fit();
    this.heard();
  }

  /** The program wrote something: it is not waiting, or only now. */
  heard(): void {
    clearTimeout(this.#timer);
    byId('waiting').textContent = '';
    if (!this.#typing) return;
    this.#timer = window.setTimeout(() => {
      byId('waiting').textContent = 'Waiting for input?';
      this.#takeFocus();
    }, SILENT_MS);
  }

  hide(): void {
    clearTimeout(this.#timer);
    const had = document.activeElement === this.#field;
    this.#typing = undefined;
    this.#row.hidden = true;
    if (had) (this.#from instanceof HTMLElement ? this.#from : byId('result')).focus();
  }

  focus(): void {
    if (!this.#row.hidden) this.#field.focus();
  }

  #takeFocus(): void {
    if (this.#untouched && document.activeElement === this.#from) this.#field.focus();
  }

  #send(): void {
    const text = this.#field.value;
    this.#typing?.line(`${text}\n`);
    this.#field.value = '';
    this.#fit();
    this.#field.focus();
    this.heard();
  }

  #end(): void {
    if (this.#field.value !== '') this.#typing?.line(this.#field.value);
    this.#typing?.end();
    this.hide();
  }

  #key(event: KeyboardEvent): void {
    const selected = this.#field.selectionStart !== this.#field.selectionEnd;
    if (event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.isComposing) {
      event.preventDefault();
      this.#send();
    } else if (event.key.toLowerCase() === 'd' && event.ctrlKey) {
      event.preventDefault();
      this.#end();
    } else if (event.key.toLowerCase() === 'c' && event.ctrlKey && !selected) {
      event.preventDefault();
      this.#typing?.interrupt();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      document.dispatchEvent(new CustomEvent('to-editor'));
    }
  }

  #fit(): void {
    this.#field.rows = Math.min(6, this.#field.value.split('\n').length);
  }
}
