cat(R.version$major, R.version$minor, sep = ".")
