import('node:os').then((os) => console.log(typeof os.cpus, Object.keys(os).includes('default')));
