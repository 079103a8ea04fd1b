process.stdout.write('y'.repeat(50000));
process.exit(0);
