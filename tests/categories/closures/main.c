#include <stdio.h>

static int add(int a, int b) { return a + b; }
static int multiply(int a, int b) { return a * b; }
static int fold(int (*operation)(int, int), int last) { return last == 1 ? 1 : operation(last, fold(operation, last - 1)); }

int main(void)
{
    int (*operations[])(int, int) = {add, multiply};
    int total = 1;
    for (int n = 1; n <= 10; n++)
        total = operations[n % 2](total, n);
    printf("%d %d\n", total, fold(operations[1], 5));
}
