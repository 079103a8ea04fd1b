names = ["world"]
names.each { |name| puts "Hello, #{name}!" }
puts (0...10).sum { |n| n * n }
