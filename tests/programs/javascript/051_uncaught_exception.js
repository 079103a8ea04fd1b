process.on('uncaughtException', (e, origin) => console.log(e.message, origin));
setTimeout(() => console.log('still here'), 10);
throw new Error('caught by the handler');
