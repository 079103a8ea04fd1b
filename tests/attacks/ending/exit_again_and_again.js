process.on('beforeExit', () => setTimeout(() => {}, 1));
process.on('uncaughtException', () => setTimeout(() => { throw new Error('again'); }, 1));
throw new Error('first');
