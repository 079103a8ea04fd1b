const { pipeline, Readable, Transform } = require('stream');
pipeline(Readable.from(['a', 'b']), new Transform({ transform(c, _, cb) { cb(null, String(c).toUpperCase()); } }), process.stdout, (e) => console.log('done', e));
