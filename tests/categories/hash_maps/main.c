#include <stdio.h>

int main(void)
{
    static int buckets[1024], values[1024];
    for (int n = 1; n <= 700; n++) {
        int key = n * 7919, at = key * 2654435761u % 1024;
        while (buckets[at] && buckets[at] != key)
            at = (at + 1) % 1024;
        buckets[at] = key;
        values[at] = n;
    }
    long sum = 0, used = 0;
    for (int at = 0; at < 1024; at++)
        if (buckets[at]) {
            sum += (long)buckets[at] * values[at];
            used++;
        }
    printf("%ld %ld\n", sum, used);
}
