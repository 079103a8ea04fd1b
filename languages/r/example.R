cat("Hello, world!\n")
cat(sum((0:9)^2), "\n", sep = "")
