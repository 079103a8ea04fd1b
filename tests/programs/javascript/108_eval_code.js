eval('var fromEval = 5');
console.log(fromEval, new Function('return typeof require')());
setTimeout('1', 0);
