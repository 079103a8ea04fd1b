process.on('exit', () => { console.log('leaving'); for (;;); });
