for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGXCPU', 'SIGQUIT', 'SIGALRM', 'SIGUSR2']) process.on(name, () => {});
setInterval(() => {}, 1000);
