#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

int main(void)
{
    unsigned seed = 1, *numbers = malloc(1000000 * sizeof *numbers);
    for (int at = 0; at < 1000000; at++)
        numbers[at] = seed = seed * 1664525 + 1013904223;
    qsort(numbers, 1000000, sizeof *numbers, compare);
    for (int at = 0; at < 1000000; at += 99999)
        printf("%u\n", numbers[at]);
}
