#include <stdio.h>

int main(void)
{
    printf("%d %d %d\n", __builtin_popcount(0xF0F0), __builtin_clz(1u << 20), __builtin_ctz(40));
    printf("%u %x %d\n", 1u - 2u, 0xDEADBEEF >> 4, -17 >> 2);
    union { float real; unsigned bits; } one = {1.5f};
    struct { unsigned low : 3, high : 5; } parts = {5, 17};
    printf("%#x %u %u %zu\n", one.bits, parts.low, parts.high, sizeof(long));
}
