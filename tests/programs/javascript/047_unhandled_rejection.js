Promise.reject(new Error('lost'));
setTimeout(() => console.log('never'), 50);
