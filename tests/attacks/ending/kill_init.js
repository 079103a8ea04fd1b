for (const signal of ['SIGKILL', 'SIGSTOP', 'SIGTERM', 'SIGCHLD', 'SIGINT', 'SIGHUP']) {
  try { process.kill(1, signal); } catch { /* or it may not even be asked */ }
}
console.log('init lives');
