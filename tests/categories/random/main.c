#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

int main(void)
{
    srand(7);
    for (int n = 0; n < 5; n++)
        printf("%d ", rand());
    srand48(7);
    printf("%.6f\n", drand48());
    unsigned char bytes[16], any = 0;
    printf("%d ", getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
    for (int at = 0; at < 16; at++)
        any |= bytes[at];
    printf("%d\n", any != 0);
}
