throw 'just words';
