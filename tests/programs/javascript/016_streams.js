console.log(process.stdout.isTTY, process.stdin.isTTY, process.stdout.writableHighWaterMark, process.stdout.columns, process.stdout.constructor.name, process.stdin.constructor.name);
