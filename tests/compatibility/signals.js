let n = 0;
const done = () => { if (++n === 3) { clearInterval(keep); console.log('ok'); } };
const keep = setInterval(() => {}, 50);
for (const s of ['SIGUSR2', 'SIGHUP', 'SIGTERM']) { process.on(s, done); process.kill(process.pid, s); }
