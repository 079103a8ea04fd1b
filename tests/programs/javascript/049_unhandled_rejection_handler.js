process.on('unhandledRejection', (r) => console.log('caught', r.message));
Promise.reject(new Error('lost'));
