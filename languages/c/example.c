#include <stdio.h>

int main(void)
{
    int sum = 0;
    for (int number = 0; number < 10; number++)
        sum += number * number;
    printf("Hello, world!\n%d\n", sum);
    return 0;
}
