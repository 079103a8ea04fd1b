use strict;
use warnings;
use List::Util qw(sum);

for my $name ("world") {
    print "Hello, $name!\n";
}
print sum(map { $_ * $_ } 0 .. 9), "\n";
