console.log(new Intl.NumberFormat('de-DE').format(1234567.891), new Date(0).toLocaleDateString('en-US', { timeZone: 'UTC' }), Intl.DateTimeFormat().resolvedOptions().timeZone);
console.log(['z', 'ä', 'a'].sort(Intl.Collator('de').compare));
