/** What the browser itself has to say of the page, gathered from before its first byte. Runs within the page. */

declare global {
  interface Window {
    /** What the Content-Security-Policy kept from happening. */
    cspReports: string[];
    /** What moved by itself. */
    moved: string[];
  }
}

export function observe(): void {
  window.cspReports = [];
  window.moved = [];
  addEventListener('securitypolicyviolation', (event) => {
    const { violatedDirective, blockedURI, sourceFile, lineNumber } = event;
    window.cspReports.push(`${violatedDirective} ${blockedURI} ${sourceFile}:${lineNumber}`);
  });
  interface Shift extends PerformanceEntry {
    value: number;
    hadRecentInput: boolean;
    sources: { node?: Element; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
  }
  const at = ({ x, y, width, height }: DOMRectReadOnly) => `${x},${y} ${width}×${height}`;
  new PerformanceObserver((list) => {
    for (const { hadRecentInput, value, sources } of list.getEntries() as Shift[]) {
      if (hadRecentInput) continue;
      for (const { node, previousRect, currentRect } of sources) {
        const name = node?.id || node?.className || node?.nodeName || '?';
        window.moved.push(`${name}: from ${at(previousRect)} to ${at(currentRect)} (${value})`);
      }
    }
  }).observe({ type: 'layout-shift', buffered: true });
}
