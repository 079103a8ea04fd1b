// What the attack programs in JavaScript share; see probe.py.
exports.attempt = (what, act) => {
  let result = 'DONE';
  try {
    act();
  } catch (error) {
    result = error.code ?? error.name;
  }
  require('node:fs').writeSync(1, `${what}: ${result}\n`);
};
