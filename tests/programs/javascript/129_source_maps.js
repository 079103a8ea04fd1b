process.setSourceMapsEnabled?.(true);
function g() { throw new Error('mapped'); }
g();
//# sourceMappingURL=nowhere.js.map
