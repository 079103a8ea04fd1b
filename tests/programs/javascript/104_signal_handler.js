process.on('SIGUSR2', () => { console.log('got it'); clearTimeout(t); });
const t = setTimeout(() => {}, 5000);
process.kill(process.pid, 'SIGUSR2');
