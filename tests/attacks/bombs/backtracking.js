// A regular expression that backtracks until the end of time.
/^(a+)+$/.test('a'.repeat(40) + '!');
