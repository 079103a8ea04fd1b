// The event loop never turns.
const again = () => Promise.resolve().then(again);
again();
setTimeout(() => process.exit(0), 10);
