#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static jmp_buf back;

static void fail(int n)
{
    if (n > 0)
        longjmp(back, n);
    puts("not thrown");
}

int main(void)
{
    for (int n = 0; n < 3; n++)
        if (setjmp(back) == 0)
            fail(n);
        else
            printf("caught %d\n", n);
    errno = 0;
    strtol("99999999999999999999", NULL, 10);
    puts(strerror(errno));
}
