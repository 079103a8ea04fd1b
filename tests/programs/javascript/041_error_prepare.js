Error.prepareStackTrace = (e, frames) => frames.map((f) => `${f.getFunctionName()} ${f.getFileName()}:${f.getLineNumber()}`);
console.log(new Error('x').stack);
