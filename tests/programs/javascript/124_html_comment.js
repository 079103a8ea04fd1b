<!-- still a comment
console.log('odd but true');
--> so is this
