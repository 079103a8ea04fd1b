require('url').parse('http://[::1');
