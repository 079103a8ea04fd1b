console.log(Object.keys(process.env).sort(), process.env.PATH, process.env.HOME);
