const p = Promise.reject(new Error('late'));
setTimeout(() => p.catch(() => console.log('too late')), 10);
