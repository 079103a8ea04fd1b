console.log(this === module.exports, typeof globalThis, this === globalThis);
(function () { console.log(this === globalThis); })();
