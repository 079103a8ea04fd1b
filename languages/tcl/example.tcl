foreach name {world} {
    puts "Hello, $name!"
}
set sum 0
for {set n 0} {$n < 10} {incr n} {
    incr sum [expr {$n * $n}]
}
puts $sum
