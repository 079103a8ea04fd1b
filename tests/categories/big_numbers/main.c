#include <stdio.h>

int main(void)
{
    unsigned digits[400] = {1}, count = 1;
    for (unsigned n = 2; n <= 150; n++) {
        unsigned carry = 0;
        for (unsigned at = 0; at < count; at++) {
            carry += digits[at] * n;
            digits[at] = carry % 10;
            carry /= 10;
        }
        for (; carry; carry /= 10)
            digits[count++] = carry % 10;
    }
    while (count)
        putchar('0' + digits[--count]);
    puts("");
}
