for (const signal of ['SIGKILL', 'SIGSTOP', 'SIGTERM', 'SIGCHLD', 'SIGINT', 'SIGHUP']) {
  try { process.kill(1, signal); } catch (error) { console.log(error.code); }
}
console.log('init lives');
