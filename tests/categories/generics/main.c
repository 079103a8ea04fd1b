#include <stdio.h>

#define kind(x) _Generic((x), int: "int", double: "double", char *: "text")
#define LARGER(a, b) ((a) > (b) ? (a) : (b))

int main(void)
{
    printf("%s %s %s\n", kind(1), kind(1.0), kind("text"));
    printf("%d %.1f\n", LARGER(3, 7), LARGER(2.5, 1.5));
}
