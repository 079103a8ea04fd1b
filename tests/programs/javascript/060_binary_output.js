process.stdout.write(Buffer.from([0, 255, 254, 128, 10]));
