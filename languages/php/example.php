<?php
foreach (["world"] as $name) {
    echo "Hello, $name!\n";
}
echo array_sum(array_map(fn($n) => $n * $n, range(0, 9))), "\n";
